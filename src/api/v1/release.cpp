#include "api/problem.h"
#include "api/run.h"
#include "api/v1/fields.h"
#include "api/v1/render.h"
#include "api/v1/routes.h"
#include "crypto/jws.h"
#include "usecase/transaction/claim.h"
#include "usecase/transaction/give_up.h"

namespace countersign::api::v1 {

namespace {

using usecase::Answer;
using usecase::Recorded;

constexpr std::string_view kReceiptType = "countersign-receipt+jwt";
constexpr std::string_view kTestReceiptType = "countersign-test-receipt+jwt";

/// [ADR 26] A client that does not check `test` in a receipt fails, because it does not know the test key.
std::string signed_receipt(const Api& api, const AccountId& account, std::string_view claims) {
  if (!is_test(account)) return crypto::sign_jws(api.signing_keys.current(), kReceiptType, claims);
  CS_CHECK(api.test_signing_keys != nullptr);
  return crypto::sign_jws(api.test_signing_keys->current(), kTestReceiptType, claims);
}

std::string claim_json(const Api& api, const AccountId& account, const TransactionId& id, const usecase::Claim& claim) {
  JsonWriter json;
  json.open_object().member("transaction", id).raw_member("payload", claim.payload.expose());
  json.member("receipt", signed_receipt(api, account, claim.receipt_claims));
  json.member("fencing_token", claim.fencing_token);
  mark_test(json, account);
  return json.close_object().take();
}

/// Not an idempotent write like the others: the key identifies the claimer, and the answer is made again each time, so
/// that the payload is not stored twice.
void claim(const Api& api, Call call, http::Reply reply) {
  const auto id = TransactionId::parse(call.request.params[0]);
  if (!id) return reply.send(problem_response(usecase::Problem{usecase::Code::kNotFound}));
  auto key = idempotency_key(call.request);
  if (!key) return reply.send(std::move(key).error());
  const AccountId account = call.caller.account;
  run_for(
      api, std::move(call.caller), std::move(reply),
      [id = *id, name = (*key).value_or("")](const usecase::Work& work) { return usecase::claim(work, id, name); },
      [&api, account, id = *id](const Result<Answer<usecase::Claim>, store::StoreError>& result) {
        if (auto refusal = refusal_of(result)) return *std::move(refusal);
        return json_response(200, claim_json(api, account, id, **result));
      });
}

Answer<Recorded> acknowledge(const usecase::Work& work, const Call& call) {
  const auto id = TransactionId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  Fields fields(call.body, "", {"fencing_token"});
  const std::string token = fields.text("fencing_token");
  if (fields.problem()) return fail(*fields.problem());
  return usecase::acknowledge(work, *id, token).transform([&](Done) {
    JsonWriter json;
    json.open_object().member("id", *id).member("status", "released").close_object();
    return Recorded{200, json.take()};
  });
}

Answer<Recorded> give_up(const usecase::Work& work, const Call& call) {
  const auto id = TransactionId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  return usecase::give_up(work, *id).transform([&](Done) {
    JsonWriter json;
    json.open_object().member("id", *id).member("status", "released");
    json.member("end_reason", domain::to_text(domain::EndReason::kUnacknowledged)).close_object();
    return Recorded{200, json.take()};
  });
}

}  // namespace

void add_release_routes(http::Router& router, const Api& api) {
  router.add(http::Method::kPost, "/v1/transactions/{id}/claim", "claim",
             authenticated(api, Body::kEmpty,
                           [&api](Call call, http::Reply reply) { claim(api, std::move(call), std::move(reply)); }));
  router.add(http::Method::kPost, "/v1/transactions/{id}/ack", "ack",
             authenticated(api, Body::kRequired, [&api](Call call, http::Reply reply) {
               call.beside = true;
               run_write(api, std::move(call), std::move(reply), acknowledge, nudge);
             }));
  router.add(http::Method::kPost, "/v1/transactions/{id}/give_up", "give_up",
             writes(api, Body::kEmpty, give_up, nudge));
}

}  // namespace countersign::api::v1
