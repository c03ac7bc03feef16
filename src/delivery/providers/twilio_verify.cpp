#include "delivery/providers/twilio_verify.h"

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"
#include "delivery/provider_error.h"
#include "delivery/providers/twilio_errors.h"

namespace countersign::delivery {
namespace {

std::string service_path(const TwilioVerifyOptions& options, std::string_view rest) {
  return "/v2/Services/" + percent_encode(options.service_sid) + std::string(rest);
}

void add(FormPairs& form, std::string name, const std::optional<std::string>& value) {
  if (value && !value->empty()) form.emplace_back(std::move(name), *value);
}

std::optional<VerifierVerdict> verdict_of(const json::object& check, std::string_view status) {
  if (status == "approved") {
    // `valid` is the older of the two and says the same; where they differ nothing is approved.
    const auto* valid = check.if_contains("valid");
    if (valid == nullptr || !valid->is_bool() || !valid->get_bool()) return std::nullopt;
    return VerifierVerdict::kApproved;
  }
  if (status == "pending") return VerifierVerdict::kWrongCode;
  constexpr std::array<std::string_view, 5> kOver = {"canceled", "expired", "max_attempts_reached", "deleted",
                                                     "failed"};
  if (std::ranges::find(kOver, status) != kOver.end()) return VerifierVerdict::kOver;
  return std::nullopt;
}

}  // namespace

TwilioVerify::TwilioVerify(HttpClient& http, const Clock& clock, TwilioVerifyOptions options)
    : http_(http), clock_(clock), options_(std::move(options)) {}

bool TwilioVerify::supports(Channel channel) const {
  if (channel == Channel::kPush) return false;
  if (channel == Channel::kCall && options_.psd2) return false;  // Error 60214.
  return std::ranges::find(options_.channels, channel) != options_.channels.end();
}

void TwilioVerify::start(VerificationStart start, ProviderDone<Accepted> done) {
  CS_CHECK(supports(start.channel));
  FormPairs form = {{"To", start.to}, {"Channel", std::string(contact::to_text(start.channel))}};
  add(form, "Locale", start.locale);
  if (options_.psd2) {
    add(form, "Amount", start.amount);
    add(form, "Payee", start.payee);
  }
  if (options_.friendly_name) add(form, "CustomFriendlyName", start.friendly_name);
  http_.send(twilio_post(options_.account, kBaseUrl, service_path(options_, "/Verifications"), form),
             [&clock = clock_, done = std::move(done)](const HttpResult& result) mutable {
               done(read_verification_created(result, clock.now()));
             });
}

void TwilioVerify::check(VerificationCheck check, ProviderDone<VerifierVerdict> done) {
  FormPairs form = {{"VerificationSid", check.provider_ref}, {"Code", check.code.expose()}};
  if (options_.psd2) {
    add(form, "Amount", check.amount);
    add(form, "Payee", check.payee);
  }
  auto call = twilio_post(options_.account, kBaseUrl, service_path(options_, "/VerificationCheck"), form);
  for (auto& [name, value] : form) wipe(value.data(), value.size());
  http_.send(std::move(call),
             [&clock = clock_, sid = std::move(check.provider_ref), done = std::move(done)](
                 const HttpResult& result) mutable { done(read_verification_checked(result, sid, clock.now())); });
}

void TwilioVerify::cancel(std::string provider_ref, ProviderDone<Done> done) {
  const auto path = service_path(options_, "/Verifications/" + percent_encode(provider_ref));
  http_.send(twilio_post(options_.account, kBaseUrl, path, {{"Status", "canceled"}}),
             [&clock = clock_, done = std::move(done)](const HttpResult& result) mutable {
               done(read_verification_canceled(result, clock.now()));
             });
}

Result<Accepted, ProviderError> read_verification_created(const HttpResult& result, WallTime now) {
  const auto body = twilio_object(result, now);
  if (!body) return fail(creation_error(body.error()));
  const auto sid = json_text(*body, "sid");
  if (!sid || !sid->starts_with("VE")) return fail(unreadable_answer(*result));
  return Accepted{std::string(*sid)};
}

Result<VerifierVerdict, ProviderError> read_verification_checked(const HttpResult& result, std::string_view sid,
                                                                 WallTime now) {
  const auto body = twilio_object(result, now);
  if (!body) {
    // Twilio answers 404 for what is used, expired, canceled or exhausted alike.
    if (body.error().fault == Fault::kNotFound) return VerifierVerdict::kOver;
    // An invalid parameter: the code alone is not from Twilio or the configuration, and it is not of a code's form.
    if (body.error().provider_code == "60200") return VerifierVerdict::kWrongCode;
    return fail(body.error());
  }
  const auto status = json_text(*body, "status");
  const auto verdict = status ? verdict_of(*body, *status) : std::nullopt;
  if (!verdict || json_text(*body, "sid") != sid) return fail(unreadable_answer(*result));
  return *verdict;
}

Result<Done, ProviderError> read_verification_canceled(const HttpResult& result, WallTime now) {
  const auto body = twilio_object(result, now);
  if (!body && body.error().fault != Fault::kNotFound) return fail(body.error());
  return Done{};
}

}  // namespace countersign::delivery
