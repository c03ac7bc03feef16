#include "api/v1/passkeys.h"

#include <memory>

#include "api/run.h"
#include "api/v1/devices.h"
#include "api/v1/enrolment.h"
#include "api/v1/fields.h"
#include "api/v1/hold_body.h"
#include "api/v1/proofs.h"
#include "api/v1/push.h"
#include "api/v1/render.h"
#include "api/v1/routes.h"
#include "usecase/passkey/challenge.h"
#include "usecase/passkey/check.h"
#include "usecase/passkey/confirm.h"
#include "usecase/passkey/enrol.h"
#include "webauthn/response_json.h"

namespace countersign::api::v1 {

namespace {

using usecase::Answer;
using usecase::Recorded;
using webauthn::Refusal;

template <class Response>
using Read = Result<Response, Refusal>;

/// An object, or `fields` refuses it. What is in it is judged with everything else that the browser says.
template <class Response>
Read<Response> read_response(Fields& fields, Read<Response> (*read)(const json::object&)) {
  const auto* object = fields.object("response");
  return object == nullptr ? Read<Response>(fail(Refusal::kResponseMalformed)) : read(*object);
}

struct Confirmation {
  FactorId factor;
  Read<webauthn::RegistrationResponse> response = fail(Refusal::kResponseMalformed);
  usecase::ConfirmTerms terms;
};

Answer<Confirmation> read_confirmation(const Call& call, usecase::Caller& caller) {
  Confirmation out;
  const auto id = FactorId::parse(call.request.params[1]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  out.factor = *id;
  Fields fields(call.body, "", {"response", "vouch", "end_user_ip"});
  out.response = read_response<webauthn::RegistrationResponse>(fields, webauthn::read_registration_response);
  if (fields.boolean("vouch", false)) out.terms.as = usecase::BindFactor::kVouched;
  caller.end_user = read_end_user(fields);
  if (fields.problem()) return fail(*fields.problem());
  return out;
}

struct PasskeyCheck {
  TransactionId transaction;
  Read<webauthn::AuthenticationResponse> response = fail(Refusal::kResponseMalformed);
};

Answer<PasskeyCheck> read_passkey_check(const Call& call, usecase::Caller& caller) {
  PasskeyCheck out;
  const auto id = TransactionId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  out.transaction = *id;
  Fields fields(call.body, "", {"method", "response", "end_user_ip"});
  if (fields.text("method") != "webauthn") fields.refuse("method", "must be webauthn or push; a code has no method");
  out.response = read_response<webauthn::AuthenticationResponse>(fields, webauthn::read_authentication_response);
  caller.end_user = read_end_user(fields);
  if (fields.problem()) return fail(*fields.problem());
  return out;
}

Answer<Recorded> challenge(const usecase::Work& work, const Call& call) {
  const auto id = TransactionId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  if (json_text(call.body, "method") == "push") return ask_device(work, call);
  Fields fields(call.body, "", {"method", "end_user_ip"});
  if (fields.text("method") != "webauthn") fields.refuse("method", "must be webauthn or push");
  usecase::Caller caller = work.caller;
  caller.end_user = read_end_user(fields);
  if (fields.problem()) return fail(*fields.problem());
  return usecase::challenge_passkey({work.tx, work.context, caller, work.moment}, *id)
      .transform([&](const usecase::PasskeyChallenge& given) {
        JsonWriter json;
        json.open_object()
            .member("transaction", *id)
            .member("method", "webauthn")
            .member("expires_at", given.expires_at);
        return Recorded{201, json.raw_member("options", given.options).close_object().take()};
      });
}

using SharedCheck = std::shared_ptr<const PasskeyCheck>;
using SharedCaller = std::shared_ptr<const usecase::Caller>;

void store_check(const Api& api, const SharedCaller& caller, const SharedCheck& request,
                 usecase::JudgedAssertion judged, http::Reply reply) {
  run(
      api, std::move(reply),
      [&api, caller, request, judged = std::move(judged)](store::Tx& tx) {
        Moment moment = api.moment(tx, caller->account);
        const usecase::Work work{tx, api.context, *caller, moment};
        auto approved = usecase::check_passkey(work, request->transaction, judged, request->response);
        work_off(work);
        return approved;
      },
      [&api, caller, request](const Result<Answer<usecase::Approved>, store::StoreError>& result) {
        api.nudge(caller->account);
        return approved_response(api, request->transaction, result);
      });
}

}  // namespace

void enrol_passkey(const Api& api, Call call, http::Reply reply) {
  Fields fields(call.body, "", {"type", "name", "label", "service"});
  usecase::PasskeyEnrolRequest request;
  request.account_label = fields.optional_text("label").value_or("");
  auto accepted = accept(call, complete_enrolment(api, call, fields, std::move(request)), reply);
  if (!accepted) return;
  run_write(api, std::move(call), std::move(reply),
            [request = *std::move(accepted)](const usecase::Work& work, const Call&) {
              return usecase::enrol_passkey(work, request).transform([&](const usecase::PasskeyEnrolment& enrolment) {
                JsonWriter json;
                json.open_object().member("id", enrolment.id).member("type", "webauthn");
                json.member("status", "unconfirmed").member("name", request.name);
                json.member("confirm_by", enrolment.confirm_by).raw_member("options", enrolment.options);
                return Recorded{201, json.close_object().take()};
              });
            });
}

void confirm_passkey(const Api& api, Call call, http::Reply reply) {
  auto caller = call.caller;
  auto accepted = accept(call, read_confirmation(call, caller), reply);
  if (!accepted) return;
  call.caller = std::move(caller);
  const auto shared = std::make_shared<const Confirmation>(*std::move(accepted));
  const auto held = std::make_shared<Call>(std::move(call));
  using Seen = std::optional<usecase::SeenOffer>;
  run_on_snapshot(
      api, std::move(reply),
      [&api, held, shared](store::Tx& tx) {
        Moment moment = api.moment(tx, held->caller.account);
        return usecase::look_for_offer({tx, api.context, held->caller, moment}, held->request.params[0],
                                       shared->factor);
      },
      [&api, held, shared](const Result<Seen, store::StoreError>& seen, http::Reply to) {
        if (!seen) return to.send(problem_response(seen.error()));
        const auto* settings =
            *seen ? usecase::passkeys_of(api.context, held->caller.account, (*seen)->service) : nullptr;
        std::optional<usecase::JudgedRegistration> judged;
        if (settings != nullptr)
          judged = usecase::judge_registration(*settings, **seen, shared->response, api.clock.now());
        run_write(
            api, std::move(*held), std::move(to),
            [shared, judged = std::move(judged)](const usecase::Work& work, const Call& original) {
              return usecase::confirm_passkey(work, original.request.params[0], shared->factor, judged, shared->terms)
                  .transform(factor_answer);
            },
            nudge);
      });
}

void check_passkey(const Api& api, Call call, http::Reply reply) {
  auto read = read_passkey_check(call, call.caller);
  if (!read) return reply.send(problem_response(read.error()));
  const auto request = std::make_shared<const PasskeyCheck>(*std::move(read));
  const auto caller = std::make_shared<const usecase::Caller>(std::move(call.caller));
  const auto& response = request->response;
  if (response) {
    auto judged = usecase::judge_assertion(
        api.context.passkey_keys,
        usecase::remembered_passkey(api.context, caller->account, request->transaction, response->id, api.clock.now()),
        response);
    if (!judged.salt.empty()) return store_check(api, caller, request, std::move(judged), std::move(reply));
  }
  using Seen = std::optional<usecase::SeenPasskey>;
  run_on_snapshot(
      api, std::move(reply),
      [&api, caller, request](store::Tx& tx) -> Seen {
        if (!request->response) return std::nullopt;
        Moment moment = api.moment(tx, caller->account);
        return usecase::look_for_passkey({tx, api.context, *caller, moment}, request->transaction,
                                         request->response->id);
      },
      [&api, caller, request](const Result<Seen, store::StoreError>& seen, http::Reply to) {
        if (!seen) return to.send(problem_response(seen.error()));
        store_check(api, caller, request, usecase::judge_assertion(api.context.passkey_keys, *seen, request->response),
                    std::move(to));
      });
}

void add_passkey_routes(http::Router& router, const Api& api) {
  router.add(http::Method::kPost, "/v1/transactions/{id}/challenges", "challenge_passkey",
             authenticated(api, Body::kRequired, [&api](Call call, http::Reply reply) {
               const bool push = json_text(call.body, "method") == "push";
               const bool phone = push && json_text(call.body, "factor");
               if (push && !phone) return prompt_push(api, std::move(call), std::move(reply));
               // A phone's application is told by a webhook; a browser has its challenge.
               call.beside = !phone;
               run_write(api, std::move(call), std::move(reply), challenge, phone ? After(nudge) : nullptr);
             }));
}

}  // namespace countersign::api::v1
