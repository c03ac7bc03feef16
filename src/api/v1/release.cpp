#include "api/problem.h"
#include "api/v1/fields.h"
#include "api/v1/render.h"
#include "api/v1/routes.h"
#include "crypto/jws.h"
#include "usecase/claim.h"
#include "usecase/give_up.h"

namespace countersign::api::v1 {

namespace {

using usecase::Answer;
using usecase::Recorded;

constexpr std::string_view kReceiptType = "countersign-receipt+jwt";
constexpr std::string_view kTestReceiptType = "countersign-test-receipt+jwt";

/// [ADR 26] Whoever forgets to look for `test` in a receipt does not know its key.
std::string signed_receipt(const Api& api, const AccountId& account, std::string_view claims) {
  if (!is_test(account)) return crypto::sign_jws(api.signing_keys.current(), kReceiptType, claims);
  CS_CHECK(api.test_signing_keys != nullptr);
  return crypto::sign_jws(api.test_signing_keys->current(), kTestReceiptType, claims);
}

std::string claim_json(const Api& api, const AccountId& account, const TransactionId& id, const usecase::Claim& claim) {
  JsonWriter json;
  json.open_object().key("transaction").text(id.text()).key("payload").raw(claim.payload.expose());
  json.key("receipt").text(signed_receipt(api, account, claim.receipt_claims));
  json.key("fencing_token").text(claim.fencing_token);
  mark_test(json, account);
  return json.close_object().take();
}

/// Not an idempotent write like the others: the key is the claimer's name, and the answer is made anew each time, so
/// that the payload is not kept a second time.
void claim(const Api& api, Call call, http::Reply reply) {
  const auto id = TransactionId::parse(call.request.params[0]);
  if (!id) return reply.send(problem_response(usecase::Problem{usecase::Code::kNotFound}));
  auto key = idempotency_key(call.request);
  if (!key) return reply.send(std::move(key).error());
  Executor& home = reply.executor();
  const AccountId account = call.caller.account;
  api.store.transact(
      home,
      [&api, caller = call.caller, id = *id, name = (*key).value_or("")](store::Tx& tx) {
        Moment moment = api.moment(tx, caller.account);
        return usecase::claim(tx, api.context, caller, id, name, moment);
      },
      [&api, account, id = *id,
       reply = std::move(reply)](Result<Answer<usecase::Claim>, store::StoreError> result) mutable {
        if (!result) return reply.send(problem_response(result.error()));
        if (!*result) return reply.send(problem_response(result->error()));
        reply.send(json_response(200, claim_json(api, account, id, **result)));
      });
}

Answer<Recorded> acknowledge(const Api& api, store::Tx& tx, const Call& call, Moment& moment) {
  const auto id = TransactionId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  Fields fields(call.body, "", {"fencing_token"});
  const std::string token = fields.text("fencing_token");
  if (fields.problem()) return fail(*fields.problem());
  return usecase::acknowledge(tx, api.context, call.caller, *id, token, moment).transform([&](Done) {
    JsonWriter json;
    json.open_object().key("id").text(id->text()).key("status").text("released").close_object();
    return Recorded{200, json.take()};
  });
}

Answer<Recorded> give_up(const Api& api, store::Tx& tx, const Call& call, Moment& moment) {
  const auto id = TransactionId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  return usecase::give_up(tx, api.context, call.caller, *id, moment).transform([&](Done) {
    JsonWriter json;
    json.open_object().key("id").text(id->text()).key("status").text("released");
    json.key("end_reason").text(domain::to_text(domain::EndReason::kUnacknowledged)).close_object();
    return Recorded{200, json.take()};
  });
}

}  // namespace

void add_release_routes(http::Router& router, const Api& api) {
  router.add(http::Method::kPost, "/v1/transactions/{id}/claim", "claim",
             authenticated(api, Body::kEmpty,
                           [&api](Call call, http::Reply reply) { claim(api, std::move(call), std::move(reply)); }));
  router.add(http::Method::kPost, "/v1/transactions/{id}/ack", "ack", writes(api, Body::kRequired, acknowledge, nudge));
  router.add(http::Method::kPost, "/v1/transactions/{id}/give_up", "give_up",
             writes(api, Body::kEmpty, give_up, nudge));
}

}  // namespace countersign::api::v1
