#include "api/v1/push.h"

#include <memory>

#include "api/run.h"
#include "api/v1/enrolment.h"
#include "api/v1/fields.h"
#include "api/v1/hold_body.h"
#include "api/v1/prompt_watch.h"
#include "api/v1/proofs.h"
#include "api/v1/render.h"
#include "api/v1/routes.h"
#include "base/encoding.h"
#include "usecase/push/answer.h"
#include "usecase/push/device.h"
#include "usecase/push/enrol.h"
#include "usecase/push/prompt.h"

namespace countersign::api::v1 {

namespace {

using usecase::Answer;
using usecase::Recorded;

/// Required. What is in the bytes is judged with everything else that the device says.
std::string read_bytes(Fields& fields, std::string_view name) {
  const auto bytes = from_base64url(fields.text(name));
  if (!bytes) fields.refuse(name, "must be base64url without padding");
  return bytes.value_or("");
}

/// PushSubscription.toJSON().
void read_push_subscription(Fields& outer, usecase::PushAnswer& answer) {
  const auto* object = outer.object("subscription");
  if (object == nullptr) return;
  Fields fields(*object, "subscription.", {"endpoint", "expirationTime", "keys"});
  answer.endpoint = fields.text("endpoint");
  if (const auto* keys = fields.object("keys")) {
    Fields inner(*keys, "subscription.keys.", {"p256dh", "auth"});
    answer.point = read_bytes(inner, "p256dh");
    answer.auth = read_bytes(inner, "auth");
    fields.absorb(inner);
  }
  outer.absorb(fields);
}

struct PushConfirmation {
  FactorId factor;
  usecase::PushAnswer answer;
  usecase::ConfirmTerms terms;
};

Answer<PushConfirmation> read_push_confirmation(const Call& call, usecase::Caller& caller) {
  PushConfirmation out;
  const auto id = FactorId::parse(call.request.params[1]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  out.factor = *id;
  Fields fields(call.body, "", {"public_key", "challenge", "subscription", "signature", "vouch", "end_user_ip"});
  out.answer.public_key = read_bytes(fields, "public_key");
  out.answer.challenge = read_bytes(fields, "challenge");
  read_push_subscription(fields, out.answer);
  out.answer.signature = read_bytes(fields, "signature");
  if (fields.boolean("vouch", false)) out.terms.as = usecase::BindFactor::kVouched;
  caller.end_user = read_end_user(fields);
  if (fields.problem()) return fail(*fields.problem());
  return out;
}

struct DeviceCheck {
  TransactionId transaction;
  usecase::DeviceAnswer answer;
};

Answer<DeviceCheck> read_device_check(const Call& call, usecase::Caller& caller) {
  DeviceCheck out;
  const auto id = TransactionId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  out.transaction = *id;
  Fields fields(call.body, "",
                {"method", "prompt", "challenge", "public_key", "number", "denied", "signature", "end_user_ip"});
  static_cast<void>(fields.text("method"));
  out.answer.prompt = fields.text("prompt");
  out.answer.challenge = read_bytes(fields, "challenge");
  out.answer.public_key = read_bytes(fields, "public_key");
  const bool denied = fields.boolean("denied", false);
  if (!denied)
    out.answer.number = fields.code("number");
  else if (fields.any("number") != nullptr)
    fields.refuse("number", "must be left out where the person refuses");
  out.answer.signature = read_bytes(fields, "signature");
  caller.end_user = read_end_user(fields);
  if (fields.problem()) return fail(*fields.problem());
  return out;
}

struct PromptRequest {
  TransactionId transaction;
  std::optional<FactorId> asking;
};

Answer<PromptRequest> read_prompt_request(const Call& call, usecase::Caller& caller) {
  PromptRequest out;
  const auto id = TransactionId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  out.transaction = *id;
  Fields fields(call.body, "", {"method", "asking_factor", "end_user_ip"});
  static_cast<void>(fields.text("method"));
  if (const auto text = fields.optional_text("asking_factor")) {
    out.asking = FactorId::parse(*text);
    if (!out.asking) fields.refuse("asking_factor", "must be the id of a factor");
  }
  caller.end_user = read_end_user(fields);
  if (fields.problem()) return fail(*fields.problem());
  return out;
}

/// The stored answer and the number, while the prompt is open: it is not stored with the answer.
std::string with_number(const usecase::Work& work, const TransactionId& id, std::string body) {
  const auto kept = parse_json(body);
  const auto prompt = kept ? json_text_or_empty(kept->as_object(), "prompt") : std::string();
  const auto number = usecase::number_of_prompt(work, id, prompt);
  if (!number) return body;
  JsonWriter json;
  json.open_object();
  for (const auto& [name, value] : kept->as_object()) json.raw_member(name, canonical_json(value));
  return json.member("number", number->expose()).close_object().take();
}

Answer<std::string> show(const usecase::Work& work, const Call& call) {
  const auto id = TransactionId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  return usecase::show_prompt(work, *id, call.request.params[1]).transform([&](const usecase::PromptView& view) {
    JsonWriter json;
    json.open_object().member("transaction", *id).member("prompt", view.id);
    json.member("status", domain::to_text(view.status)).member("numbers_left", view.numbers_left);
    json.member("challenge", view.challenge.empty() ? std::nullopt : std::optional(to_base64url(view.challenge)));
    return json.member("expires_at", view.expires_at).close_object().take();
  });
}

struct Renewal {
  FactorId factor;
  usecase::PushAnswer answer;
  std::int64_t signed_at = 0;
};

Answer<Recorded> renew(const usecase::Work& work, const Call& call) {
  const auto id = FactorId::parse(call.request.params[1]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  Fields fields(call.body, "", {"public_key", "signed_at", "subscription", "signature"});
  usecase::PushAnswer answer;
  answer.public_key = read_bytes(fields, "public_key");
  const auto signed_at = fields.optional_integer("signed_at");
  if (!signed_at) fields.refuse("signed_at", "is required: seconds since 1970, as signed");
  read_push_subscription(fields, answer);
  answer.signature = read_bytes(fields, "signature");
  if (fields.problem()) return fail(*fields.problem());
  return usecase::renew_subscription(work, call.request.params[0], *id, answer, *signed_at).transform(factor_answer);
}

}  // namespace

void enrol_push(const Api& api, Call call, http::Reply reply) {
  Fields fields(call.body, "", {"type", "name", "service"});
  static_cast<void>(fields.text("type"));
  auto accepted = accept(call, complete_enrolment(api, call, fields, usecase::PushEnrolRequest()), reply);
  if (!accepted) return;
  run_write(api, std::move(call), std::move(reply),
            [request = *std::move(accepted)](const usecase::Work& work, const Call&) {
              return usecase::enrol_push(work, request).transform([&](const usecase::PushEnrolment& enrolment) {
                JsonWriter json;
                json.open_object().member("id", enrolment.id).member("type", "push");
                json.member("status", "unconfirmed").member("name", request.name);
                json.member("confirm_by", enrolment.confirm_by).member("server_key", enrolment.server_key);
                json.member("challenge", to_base64url(enrolment.challenge));
                return Recorded{201, json.close_object().take()};
              });
            });
}

void confirm_push(const Api& api, Call call, http::Reply reply) {
  auto caller = call.caller;
  auto accepted = accept(call, read_push_confirmation(call, caller), reply);
  if (!accepted) return;
  call.caller = std::move(caller);
  const auto shared = std::make_shared<const PushConfirmation>(*std::move(accepted));
  const auto& server = api.context.settings.push;
  const auto judged = server ? usecase::judge_enrolled_device(*server, shared->answer)
                             : usecase::refuse(usecase::Code::kChannelUnavailable, "Web Push is not configured");
  run_write(
      api, std::move(call), std::move(reply),
      [shared, judged](const usecase::Work& work, const Call& original) {
        return usecase::confirm_push(work, original.request.params[0], shared->factor, shared->answer, judged,
                                     shared->terms)
            .transform(factor_answer);
      },
      nudge);
}

void prompt_push(const Api& api, Call call, http::Reply reply) {
  const auto caller = std::make_shared<usecase::Caller>(call.caller);
  auto request = accept(call, read_prompt_request(call, *caller), reply);
  if (!request) return;
  const TransactionId id = request->transaction;
  run_write(
      api, std::move(call), std::move(reply),
      [caller, request = *request](const usecase::Work& work, const Call&) {
        return usecase::prompt_push({work.tx, work.context, *caller, work.moment}, request.transaction, request.asking)
            .transform([&](const usecase::PushPrompt& prompt) {
              JsonWriter json;
              json.open_object().member("transaction", request.transaction).member("method", "push");
              json.member("prompt", prompt.id).member("devices", prompt.devices);
              return Recorded{201, json.member("expires_at", prompt.expires_at).close_object().take()};
            });
      },
      nullptr, [id](const usecase::Work& work, std::string body) { return with_number(work, id, std::move(body)); });
}

void check_push(const Api& api, Call call, http::Reply reply) {
  auto read = read_device_check(call, call.caller);
  if (!read) return reply.send(problem_response(read.error()));
  const auto request = std::make_shared<const DeviceCheck>(*std::move(read));
  const auto caller = std::make_shared<const usecase::Caller>(std::move(call.caller));
  const bool genuine = usecase::is_genuine(request->answer);
  run(
      api, std::move(reply),
      [&api, caller, request, genuine](store::Tx& tx) {
        Moment moment = api.moment(tx, caller->account);
        const usecase::Work work{tx, api.context, *caller, moment};
        const auto& answer = request->answer;
        auto approved = answer.number ? usecase::approve_on_device(work, request->transaction, answer, genuine)
                                      : usecase::deny_on_device(work, request->transaction, answer, genuine);
        work_off(work);
        return approved;
      },
      [&api, caller, request](const Result<Answer<usecase::Approved>, store::StoreError>& result) {
        api.nudge(caller->account);
        return approved_response(api, request->transaction, result);
      });
}

void add_push_routes(http::Router& router, const Api& api) {
  router.add(http::Method::kGet, "/v1/transactions/{id}/prompts/{prompt}", "show_prompt",
             authenticated(api, Body::kNone, [&api](Call call, http::Reply reply) {
               const bool waits = call.request.header("accept").value_or("").contains("text/event-stream");
               if (waits && api.prompt_watch) return api.prompt_watch->wait(std::move(call), std::move(reply), show);
               run_read(api, std::move(call), std::move(reply), show);
             }));
  router.add(http::Method::kPost, "/v1/subjects/{identity}/factors/{id}/subscription", "renew_subscription",
             writes(api, Body::kRequired, renew));
}

}  // namespace countersign::api::v1
