#include "api/problem.h"
#include "api/v1/fields.h"
#include "api/v1/hold_body.h"
#include "api/v1/render.h"
#include "api/v1/routes.h"
#include "usecase/check.h"
#include "usecase/start_verification.h"

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
  const auto channel = contact::parse_channel(fields.text("channel"));
  if (channel)
    request.channel = *channel;
  else
    fields.refuse("channel", "must be sms, call, whatsapp or email");
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
  json.open_object().key("transaction").text(id.text()).key("status").text(domain::to_text(approved.status));
  json.key("requirements").open_object();
  write_judgement(json, approved.judgement);
  json.close_object();
  return json.close_object().take();
}

http::Response answer_of(const Api& api, const TransactionId& id,
                         const Result<Answer<Approved>, store::StoreError>& result) {
  if (!result) return problem_response(result.error());
  if (!*result) return problem_response(result->error());
  if ((*result)->status == domain::TransactionStatus::kVerified) api.courier.nudge();
  return json_response(200, approved_json(id, **result));
}

void start(const Api& api, Call call, http::Reply reply) {
  auto request = accept(call, read_start(call, call.caller), reply);
  if (!request) return;
  run_write(api, std::move(call), std::move(reply),
            [&api, request = *std::move(request)](store::Tx& tx, const Call& c, Moment& moment) -> Answer<Recorded> {
              auto started = usecase::start_verification(tx, api.context, c.caller, request, moment);
              if (!started) return fail(started.error());
              Recorded recorded{201, started_json(request.transaction, *started)};
              recorded.queued = std::move(started->queued);
              return recorded;
            });
}

/// The second half of a check that a provider judges: ask it, then write down its verdict.
void ask(const Api& api, const AskProvider& asked, usecase::Caller caller, http::Reply reply) {
  Executor& home = reply.executor();
  auto shared = std::make_shared<http::Reply>(std::move(reply));
  api.courier.ask(asked, [&api, &home, asked, caller = std::move(caller),
                          shared](Result<delivery::VerifierVerdict, delivery::ProviderError> verdict) {
    api.store.transact(
        home,
        [&api, asked, caller, verdict = std::move(verdict)](store::Tx& tx) {
          Moment moment = api.moment();
          return usecase::conclude_check(tx, api.context, caller, asked, verdict, moment);
        },
        [&api, id = asked.transaction, shared](const Result<Answer<Approved>, store::StoreError>& result) {
          shared->send(answer_of(api, id, result));
        });
  });
}

void check(const Api& api, const Call& call, http::Reply reply) {
  usecase::Caller caller = call.caller;
  auto request = read_check(call, caller);
  if (!request) return reply.send(problem_response(request.error()));
  using Outcome = Answer<std::variant<Approved, AskProvider>>;
  Executor& home = reply.executor();
  const TransactionId id = request->transaction;
  api.store.transact(
      home,
      [&api, caller, request = *std::move(request)](store::Tx& tx) {
        Moment moment = api.moment(tx, caller.account);
        auto checked = usecase::check(tx, api.context, caller, request, moment);
        api.work_off(tx, caller.account, moment);
        return checked;
      },
      [&api, caller, id, reply = std::move(reply)](Result<Outcome, store::StoreError> result) mutable {
        if (!result) return reply.send(problem_response(result.error()));
        if (!*result) return reply.send(problem_response(result->error()));
        api.nudge(caller.account);
        if (auto* asked = std::get_if<AskProvider>(&**result))
          return ask(api, *asked, std::move(caller), std::move(reply));
        reply.send(answer_of(api, id, Answer<Approved>(std::get<Approved>(**result))));
      });
}

}  // namespace

void add_proof_routes(http::Router& router, const Api& api) {
  router.add(http::Method::kPost, "/v1/transactions/{id}/verifications", "start_verification",
             authenticated(api, Body::kRequired,
                           [&api](Call call, http::Reply reply) { start(api, std::move(call), std::move(reply)); }));
  router.add(http::Method::kPost, "/v1/transactions/{id}/checks", "check",
             authenticated(api, Body::kRequired,
                           [&api](const Call& call, http::Reply reply) { check(api, call, std::move(reply)); }));
}

}  // namespace countersign::api::v1
