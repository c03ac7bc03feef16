#include "api/v1/proofs.h"

#include <memory>

#include "api/problem.h"
#include "api/run.h"
#include "api/v1/fields.h"
#include "api/v1/hold_body.h"
#include "api/v1/passkeys.h"
#include "api/v1/push.h"
#include "api/v1/render.h"
#include "api/v1/routes.h"
#include "usecase/verification/check.h"
#include "usecase/verification/start.h"

namespace countersign::api::v1 {

namespace {

using usecase::Answer;
using usecase::Approved;
using usecase::AskProvider;
using usecase::Recorded;

Answer<usecase::StartRequest> read_start(const Call& call, usecase::Caller& caller) {
  Fields fields(call.body, "", {"channel", "contact", "end_user_ip"});
  usecase::StartRequest request;
  const auto id = TransactionId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  request.transaction = *id;
  const auto channel = contact::parse_wanted(fields.text("channel"));
  if (channel)
    request.channel = *channel;
  else
    fields.refuse("channel", "must be sms, call, whatsapp, email or auto");
  request.contact = fields.optional_text("contact");
  caller.end_user = read_end_user(fields);
  if (fields.problem()) return fail(*fields.problem());
  return request;
}

Answer<usecase::CheckRequest> read_check(const Call& call, usecase::Caller& caller) {
  Fields fields(call.body, "", {"code", "factor", "verification", "end_user_ip"});
  usecase::CheckRequest request;
  const auto id = TransactionId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  request.transaction = *id;
  request.code = fields.code("code");
  request.factor = fields.optional_text("factor");
  if (const auto text = fields.optional_text("verification")) {
    request.verification = VerificationId::parse(*text);
    if (!request.verification) fields.refuse("verification", "must be an id, VE and 32 hex digits");
  }
  caller.end_user = read_end_user(fields);
  if (fields.problem()) return fail(*fields.problem());
  return request;
}

std::string approved_json(const TransactionId& id, const Approved& approved) {
  JsonWriter json;
  json.open_object().member("transaction", id).member("status", domain::to_text(approved.status));
  json.key("requirements").open_object();
  write_judgement(json, approved.judgement);
  json.close_object();
  return json.close_object().take();
}

void start(const Api& api, Call call, http::Reply reply) {
  auto request = accept(call, read_start(call, call.caller), reply);
  if (!request) return;
  call.beside = !api.context.settings.account(call.caller.account).checks_elsewhere(request->channel);
  run_write(api, std::move(call), std::move(reply),
            [request = *std::move(request)](const usecase::Work& work, const Call&) -> Answer<Recorded> {
              auto started = usecase::start_verification(work, request);
              if (!started) return fail(started.error());
              Recorded recorded{201, started_json(request.transaction, *started)};
              recorded.queued = std::make_unique<usecase::QueuedMessage>(std::move(started->queued));
              return recorded;
            });
}

void check(const Api& api, Call call, http::Reply reply) {
  if (json_text(call.body, "method") == "push") return check_push(api, std::move(call), std::move(reply));
  if (call.body.contains("method")) return check_passkey(api, std::move(call), std::move(reply));
  auto request = read_check(call, call.caller);
  if (!request) return reply.send(problem_response(request.error()));
  using Outcome = Answer<std::variant<Approved, AskProvider>>;
  const TransactionId id = request->transaction;
  auto caller = std::make_shared<const usecase::Caller>(std::move(call.caller));
  run(
      api, std::move(reply),
      [&api, caller, request = *std::move(request)](store::Tx& tx) {
        Moment moment = api.moment(tx, caller->account);
        const usecase::Work work{tx, api.context, *caller, moment};
        auto checked = usecase::check(work, request);
        work_off(work);
        return checked;
      },
      [&api, caller, id](const Result<Outcome, store::StoreError>& result, http::Reply to) {
        if (auto refusal = refusal_of(result)) return to.send(*std::move(refusal));
        api.nudge(caller->account);
        const auto* asked = std::get_if<AskProvider>(&**result);
        if (asked == nullptr)
          return to.send(approved_response(api, id, Answer<Approved>(std::get<Approved>(**result))));
        ask_provider(
            api, *caller, *asked, std::move(to),
            [asked = *asked](const usecase::Work& work, const ProviderVerdict& verdict) {
              return usecase::conclude_check(work, asked, verdict);
            },
            [&api, id](const Result<Answer<Approved>, store::StoreError>& judged) {
              return approved_response(api, id, judged);
            });
      });
}

}  // namespace

http::Response approved_response(const Api& api, const TransactionId& id,
                                 const Result<Answer<Approved>, store::StoreError>& result) {
  if (auto refusal = refusal_of(result)) return *std::move(refusal);
  if ((*result)->status == domain::TransactionStatus::kVerified) api.courier.nudge();
  return json_response(200, approved_json(id, **result));
}

void add_proof_routes(http::Router& router, const Api& api) {
  router.add(http::Method::kPost, "/v1/transactions/{id}/verifications", "start_verification",
             authenticated(api, Body::kRequired,
                           [&api](Call call, http::Reply reply) { start(api, std::move(call), std::move(reply)); }));
  router.add(http::Method::kPost, "/v1/transactions/{id}/checks", "check",
             authenticated(api, Body::kRequired,
                           [&api](Call call, http::Reply reply) { check(api, std::move(call), std::move(reply)); }));
}

}  // namespace countersign::api::v1
