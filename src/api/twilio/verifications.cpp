#include <algorithm>

#include "api/run.h"
#include "api/twilio/params.h"
#include "api/twilio/routes.h"
#include "api/twilio/verification_json.h"
#include "base/ascii.h"
#include "usecase/verify_api/address.h"
#include "usecase/verify_api/code.h"

namespace countersign::api::twilio {

namespace {

namespace verify_api = usecase::verify_api;

constexpr std::size_t kJsonMax = 4096;

bool is_code(std::string_view text) {
  return text.size() >= 4 && text.size() <= 10 && std::ranges::all_of(text, is_letter_or_digit);
}

/// The requested channel; nothing, with the refusal set, if it is not supported.
std::optional<contact::Wanted> read_channel(Params& params, const std::string& to, std::optional<Refusal>& refusal) {
  const auto word = params.one_of("Channel", {"sms", "call", "email", "whatsapp", "sna", "auto", "rcs"});
  if (!word) params.refuse("Channel");
  if (!word || params.refusal()) return std::nullopt;
  const bool mailbox = to.find('@') != std::string::npos;
  if (*word == "auto" && mailbox) return contact::Channel::kEmail;  // A mailbox has one.
  auto channel = contact::parse_wanted(*word);
  if (!channel) refusal = Refusal{ErrorCode::kChannelDisabled};
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
    // A number is counted as its text: only equality matters.
    const std::string text = value.is_string() ? std::string(value.as_string()) : canonical_json(value);
    limits.emplace_back(name, text);
  }
  return limits;
}

/// `[{"sid": "HJ…", "substitutions": {…}}, …]`; only the first is used: there is no other channel to fall back on.
void read_templates(Params& params, verify_api::StartCode& start) {
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

Verdict<verify_api::StartCode> read_start(const Call& call, usecase::Caller& caller) {
  Params params(call.form);
  verify_api::StartCode start;
  const auto service = service_in(call);
  if (!service) return refuse(ErrorCode::kNotFound);
  start.service = *service;
  start.to = params.required("To", 254);
  if (!params.refusal() && !verify_api::read_address(start.to)) params.refuse("To");
  std::optional<Refusal> channel_refusal;
  start.channel = read_channel(params, start.to, channel_refusal).value_or(contact::Wanted(contact::Channel::kSms));
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

void start_verification(const Twilio& twilio, Call call, http::Reply reply) {
  const Api& api = twilio.api;
  auto request = read_start(call, call.caller);
  if (!request) return reply.send(with_id(error_response(request.error(), call.request.path), call.request.id));
  run_for(
      api, std::move(call.caller), std::move(reply),
      [request = *std::move(request)](const usecase::Work& work) {
        auto started = verify_api::start_code(work, request);
        abandon_if_refused(work.tx, started);
        return started;
      },
      [&api, path = std::move(call.request.path),
       id = std::move(call.request.id)](Result<Verdict<verify_api::CodeStarted>, store::StoreError> started) {
        if (auto refusal = refusal_of(started, path)) return with_id(*std::move(refusal), id);
        if ((*started)->queued) api.courier.deliver(*std::move((*started)->queued));
        return with_id(response_of({201, verification_json((*started)->view, api.context.settings.public_url)}), id);
      });
}

/// The verification in the path: by its SID, or by its address.
Verdict<verify_api::CodeTarget> target_in(const Call& call) {
  const auto service = service_in(call);
  const std::string& name = call.request.params.at(1);
  if (!service) return refuse(ErrorCode::kNotFound);
  if (const auto id = VerificationId::parse(name)) return verify_api::CodeTarget{*service, id, ""};
  if (!verify_api::read_address(name)) return refuse(ErrorCode::kNotFound);
  return verify_api::CodeTarget{*service, std::nullopt, name};
}

Verdict<Answered> show_verification(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto target = target_in(call);
  if (!target) return countersign::fail(target.error());
  const auto view = verify_api::show_code(work, *target);
  if (!view) return countersign::fail(view.error());
  if (const auto wait = twilio.fetches->count(view->id, work.moment.now)) {
    Refusal refusal{ErrorCode::kTooManyRequests};
    refusal.retry_after = *wait;
    return countersign::fail(std::move(refusal));
  }
  return Answered{200, verification_json(*view, work.context.settings.public_url)};
}

Verdict<Answered> update_verification(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto target = target_in(call);
  if (!target) return countersign::fail(target.error());
  Params params(call.form);
  const auto status = params.one_of("Status", {"canceled", "approved"});
  if (!status) params.refuse("Status");
  if (params.refusal()) return countersign::fail(*params.refusal());
  const auto ended = verify_api::end_code(work, *target, *status == "approved");
  if (!ended) return countersign::fail(ended.error());
  Answered answered{200, verification_json(*ended, work.context.settings.public_url)};
  answered.after = [&api = twilio.api] { api.courier.nudge(); };
  return answered;
}

Verdict<verify_api::CheckCode> read_check(const Call& call) {
  Params params(call.form);
  verify_api::CheckCode check;
  const auto service = service_in(call);
  if (!service) return refuse(ErrorCode::kNotFound);
  check.target.service = *service;
  const auto to = params.text("To", 254);
  const auto sid = params.text("VerificationSid", 34);
  if (!to && !sid) return refuse(ErrorCode::kNoTarget);
  check.code = params.code("Code", 10).value_or("");
  if (!is_code(check.code)) params.refuse("Code");
  check.amount = params.text("Amount", 50).value_or("");
  check.payee = params.text("Payee", 100).value_or("");
  if (!sid && !verify_api::read_address(*to)) params.refuse("To");
  if (params.refusal()) return countersign::fail(*params.refusal());
  if (sid) {
    check.target.id = VerificationId::parse(*sid);
    if (!check.target.id) return refuse(ErrorCode::kNotFound);
  } else {
    check.target.to = *to;
  }
  return check;
}

http::Response checked(const Result<Verdict<verify_api::CodeView>, store::StoreError>& result,
                       const std::string& path) {
  if (auto refusal = refusal_of(result, path)) return *std::move(refusal);
  return response_of({201, check_json(**result)});
}

void check_verification(const Twilio& twilio, Call call, http::Reply reply) {
  const Api& api = twilio.api;
  auto request = read_check(call);
  if (!request) return reply.send(with_id(error_response(request.error(), call.request.path), call.request.id));
  using Outcome = std::variant<verify_api::CodeView, verify_api::CheckElsewhere>;
  run_for(
      api, call.caller, std::move(reply),
      [request = *std::move(request)](const usecase::Work& work) {
        auto outcome = verify_api::check_code(work, request);
        abandon_if_refused(work.tx, outcome);
        return outcome;
      },
      [&api, caller = call.caller, path = std::move(call.request.path), id = std::move(call.request.id)](
          const Result<Verdict<Outcome>, store::StoreError>& result, http::Reply to) {
        if (auto refusal = refusal_of(result, path)) return to.send(with_id(*std::move(refusal), id));
        const auto* elsewhere = std::get_if<verify_api::CheckElsewhere>(&**result);
        if (elsewhere == nullptr)
          return to.send(
              with_id(checked(Verdict<verify_api::CodeView>(std::get<verify_api::CodeView>(**result)), path), id));
        ask_provider(
            api, caller, elsewhere->ask, std::move(to),
            [asked = *elsewhere](const usecase::Work& work, const ProviderVerdict& verdict) {
              auto concluded = verify_api::conclude_code(work, asked, verdict);
              abandon_if_refused(work.tx, concluded);
              return concluded;
            },
            [path, id](const Result<Verdict<verify_api::CodeView>, store::StoreError>& concluded) {
              return with_id(checked(concluded, path), id);
            });
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
