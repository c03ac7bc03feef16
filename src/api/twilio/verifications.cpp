#include <algorithm>
#include <memory>

#include "api/twilio/params.h"
#include "api/twilio/routes.h"
#include "api/twilio/verification_json.h"
#include "usecase/verify/address.h"
#include "usecase/verify/code.h"

namespace countersign::api::twilio {

namespace {

namespace verify = usecase::verify;

constexpr std::size_t kJsonMax = 4096;

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_code(std::string_view text) {
  return text.size() >= 4 && text.size() <= 10 && std::ranges::all_of(text, is_letter_or_digit);
}

/// The channel that is meant; nothing, and the refusal, for one that is not served.
std::optional<contact::Channel> read_channel(Params& params, const std::string& to, std::optional<Refusal>& refusal) {
  const auto word = params.one_of("Channel", {"sms", "call", "email", "whatsapp", "sna", "auto", "rcs"});
  if (!word) params.refuse("Channel");
  if (!word || params.refusal()) return std::nullopt;
  if (*word == "auto") return to.find('@') == std::string::npos ? contact::Channel::kSms : contact::Channel::kEmail;
  auto channel = contact::parse_channel(*word);
  if (!channel) refusal = Refusal{Fault::kChannelDisabled};
  return channel;
}

void read_tags(Params& params) {
  const auto tags = params.object("Tags", kJsonMax);
  if (!tags) return;
  const bool fits = tags->size() <= 10 && has_only_texts(*tags) && std::ranges::all_of(*tags, [](const auto& tag) {
                      return tag.key().size() <= 128 && tag.value().as_string().size() <= 128;
                    });
  if (!fits) params.refuse("Tags");
}

std::vector<std::pair<std::string, std::string>> read_rate_limits(Params& params) {
  std::vector<std::pair<std::string, std::string>> limits;
  const auto given = params.object("RateLimits", kJsonMax);
  if (!given) return limits;
  for (const auto& [name, value] : *given) {
    // A number means its digits: what is counted by need only be the same each time.
    const std::string text = value.is_string() ? std::string(value.as_string()) : canonical_json(value);
    limits.emplace_back(name, text);
  }
  return limits;
}

/// `[{"sid": "HJ…", "substitutions": {…}}, …]`, of which the first counts: there is no other channel to fall back on.
void read_templates(Params& params, verify::StartCode& start) {
  const auto text = params.text("Templates", kJsonMax);
  if (!text || text->empty()) return;
  const auto parsed = parse_json(*text);
  const auto* list = parsed ? parsed->if_array() : nullptr;
  const auto* first = list == nullptr || list->empty() ? nullptr : list->front().if_object();
  const auto sid = first == nullptr ? std::nullopt : json_text(*first, "sid");
  start.templates_unreadable = !sid;
  if (!sid) return;
  start.template_sid = std::string(*sid);
  if (const auto* given = first->if_contains("substitutions"); given != nullptr && given->is_object())
    start.substitutions = given->get_object();
}

Verdict<verify::StartCode> read_start(const Call& call, usecase::Caller& caller) {
  Params params(call.form);
  verify::StartCode start;
  const auto service = service_in(call);
  if (!service) return refuse(Fault::kNotFound);
  start.service = *service;
  start.to = params.required("To", 254);
  if (!params.refusal() && !verify::read_address(start.to)) params.refuse("To");
  std::optional<Refusal> channel_refusal;
  start.channel = read_channel(params, start.to, channel_refusal).value_or(contact::Channel::kSms);
  start.locale = params.text("Locale", 16).value_or("");
  if (const auto code = params.text("CustomCode", 10, 4)) {
    if (!is_code(*code)) params.refuse("CustomCode");
    start.code = SecretString(*code);
  }
  start.friendly_name = params.text("CustomFriendlyName", 30).value_or("");
  if (!domain::is_showable(start.friendly_name, 30)) params.refuse("CustomFriendlyName");
  start.amount = params.text("Amount", 50).value_or("");
  if (!domain::is_showable(start.amount, 50)) params.refuse("Amount");
  start.payee = params.text("Payee", 100).value_or("");
  if (!domain::is_showable(start.payee, 100)) params.refuse("Payee");
  start.app_hash = params.text("AppHash", 11, 11).value_or("");
  if (!std::ranges::all_of(start.app_hash, [](char c) { return is_letter_or_digit(c) || c == '+' || c == '/'; }))
    params.refuse("AppHash");
  start.template_sid = params.text("TemplateSid", 34);
  start.substitutions = params.object("TemplateCustomSubstitutions", kJsonMax).value_or(json::object());
  read_templates(params, start);
  start.rate_limits = read_rate_limits(params);
  start.risk_check = params.one_of("RiskCheck", {"enable", "disable"}) != "disable";
  static_cast<void>(params.text("SendDigits", 32));
  static_cast<void>(params.boolean("EnableSnaClientToken"));
  static_cast<void>(params.object("ChannelConfiguration", kJsonMax));
  read_tags(params);
  if (const auto address = params.text("DeviceIp", 45)) {
    caller.end_user = IpAddress::parse(*address);
    if (!caller.end_user) params.refuse("DeviceIp");
  }
  if (params.refusal()) return countersign::fail(*params.refusal());
  if (channel_refusal) return countersign::fail(*channel_refusal);
  return start;
}

/// Runs `work` in one transaction, more than once where that must be repeated; `finish` answers what came of it,
/// outside: what can be read before and written after need not be done by the one thread that serves all transactions.
template <class Work, class Finish>
void transact(const Twilio& twilio, Call call, http::Reply reply, Work work, Finish finish) {
  const Api& api = twilio.api;
  Executor& home = reply.executor();
  usecase::Caller caller = call.caller;  // Before the call is moved away.
  using Outcome = std::invoke_result_t<const Work&, store::Tx&, const usecase::Caller&, Moment&>;
  api.store.transact(
      home,
      [&api, caller = std::move(caller), work = std::move(work)](store::Tx& tx) {
        Moment moment = api.moment();
        auto verdict = work(tx, caller, moment);
        if (!verdict && !verdict.error().keep) tx.abandon();
        return verdict;
      },
      [call = std::move(call), reply = std::move(reply),
       finish = std::move(finish)](Result<Outcome, store::StoreError> result) mutable {
        const std::string& id = call.request.id;
        if (!result) return send_with_id(reply, error_response(result.error()), id);
        if (!*result) return send_with_id(reply, error_response(result->error(), call.request.path), id);
        finish(**std::move(result), std::move(call), std::move(reply));
      });
}

void start_verification(const Twilio& twilio, Call call, http::Reply reply) {
  auto request = read_start(call, call.caller);
  if (!request) return send_with_id(reply, error_response(request.error(), call.request.path), call.request.id);
  transact(
      twilio, std::move(call), std::move(reply),
      [&twilio, request = *std::move(request)](store::Tx& tx, const usecase::Caller& caller, Moment& moment) {
        return verify::start_code(tx, twilio.api.context, caller, request, moment);
      },
      [&api = twilio.api](verify::CodeStarted started, const Call& c, http::Reply to) {
        if (started.queued) api.courier.deliver(*std::move(started.queued));
        Answered answered{201, verification_json(started.view, api.context.settings.public_url)};
        send_with_id(to, response_of(std::move(answered)), c.request.id);
      });
}

/// The verification that the path names: by its SID, or by the address that it went to.
Verdict<verify::CodeTarget> target_in(const Call& call) {
  const auto service = service_in(call);
  const std::string& name = call.request.params.at(1);
  if (!service) return refuse(Fault::kNotFound);
  if (const auto id = VerificationId::parse(name)) return verify::CodeTarget{*service, id, ""};
  if (!verify::read_address(name)) return refuse(Fault::kNotFound);
  return verify::CodeTarget{*service, std::nullopt, name};
}

Verdict<Answered> show_verification(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  const auto target = target_in(call);
  if (!target) return countersign::fail(target.error());
  const auto& context = twilio.api.context;
  const auto view = verify::show_code(tx, context, call.caller, *target, moment.now);
  if (!view) return countersign::fail(view.error());
  if (const auto wait = twilio.fetches->count(view->id, moment.now)) {
    Refusal refusal{Fault::kTooManyRequests};
    refusal.retry_after = *wait;
    return countersign::fail(std::move(refusal));
  }
  return Answered{200, verification_json(*view, context.settings.public_url)};
}

Verdict<Answered> update_verification(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  const auto target = target_in(call);
  if (!target) return countersign::fail(target.error());
  Params params(call.form);
  const auto status = params.one_of("Status", {"canceled", "approved"});
  if (!status) params.refuse("Status");
  if (params.refusal()) return countersign::fail(*params.refusal());
  const auto& context = twilio.api.context;
  const auto ended = verify::end_code(tx, context, call.caller, *target, *status == "approved", moment);
  if (!ended) return countersign::fail(ended.error());
  Answered answered{200, verification_json(*ended, context.settings.public_url)};
  answered.after = [&api = twilio.api] { api.courier.nudge(); };
  return answered;
}

Verdict<verify::CheckCode> read_check(const Call& call) {
  Params params(call.form);
  verify::CheckCode check;
  const auto service = service_in(call);
  if (!service) return refuse(Fault::kNotFound);
  check.target.service = *service;
  const auto to = params.text("To", 254);
  const auto sid = params.text("VerificationSid", 34);
  if (!to && !sid) return refuse(Fault::kNoTarget);
  check.code = params.code("Code", 10).value_or("");
  if (!is_code(check.code)) params.refuse("Code");
  check.amount = params.text("Amount", 50).value_or("");
  check.payee = params.text("Payee", 100).value_or("");
  if (!sid && !verify::read_address(*to)) params.refuse("To");
  if (params.refusal()) return countersign::fail(*params.refusal());
  if (sid) {
    check.target.id = VerificationId::parse(*sid);
    if (!check.target.id) return refuse(Fault::kNotFound);
  } else {
    check.target.to = *to;
  }
  return check;
}

Answered checked(const verify::CodeView& view) { return {201, check_json(view)}; }

/// The second half of a check that a provider judges: ask it, then write down its verdict.
void ask(const Twilio& twilio, verify::CheckElsewhere asked, Call call, http::Reply reply) {
  auto shared = std::make_shared<std::pair<Call, http::Reply>>(std::move(call), std::move(reply));
  twilio.api.courier.ask(asked.ask, [&twilio, asked, shared](auto verdict) {
    auto kept = std::make_shared<Result<delivery::VerifierVerdict, delivery::ProviderError>>(std::move(verdict));
    run_write(twilio, std::move(shared->first), std::move(shared->second),
              [&twilio, asked, kept](store::Tx& tx, const Call& c, Moment& moment) {
                return verify::conclude_code(tx, twilio.api.context, c.caller, asked, *kept, moment).transform(checked);
              });
  });
}

void check_verification(const Twilio& twilio, Call call, http::Reply reply) {
  auto request = read_check(call);
  if (!request) return send_with_id(reply, error_response(request.error(), call.request.path), call.request.id);
  using Outcome = std::variant<verify::CodeView, verify::CheckElsewhere>;
  transact(
      twilio, std::move(call), std::move(reply),
      [&twilio, request = *std::move(request)](store::Tx& tx, const usecase::Caller& caller, Moment& moment) {
        return verify::check_code(tx, twilio.api.context, caller, request, moment);
      },
      [&twilio](Outcome outcome, Call c, http::Reply to) {
        if (auto* asked = std::get_if<verify::CheckElsewhere>(&outcome))
          return ask(twilio, std::move(*asked), std::move(c), std::move(to));
        send_with_id(to, response_of(checked(std::get<verify::CodeView>(outcome))), c.request.id);
      });
}

}  // namespace

void add_verification_routes(http::Router& router, const Twilio& twilio) {
  const Routes routes{router, twilio};
  router.add(http::Method::kPost, "/v2/Services/{service}/Verifications", "verify_start",
             signed_in(twilio, [&twilio](Call call, http::Reply reply) {
               start_verification(twilio, std::move(call), std::move(reply));
             }));
  routes.member("/v2/Services/{service}/Verifications/{sid}", "verify_verification", show_verification,
                update_verification, nullptr);
  router.add(http::Method::kPost, "/v2/Services/{service}/VerificationCheck", "verify_check",
             signed_in(twilio, [&twilio](Call call, http::Reply reply) {
               check_verification(twilio, std::move(call), std::move(reply));
             }));
}

}  // namespace countersign::api::twilio
