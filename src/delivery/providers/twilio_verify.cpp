#include "delivery/providers/twilio_verify.h"

#include <algorithm>
#include <memory>

#include "base/check.h"
#include "base/encoding.h"
#include "delivery/provider_error.h"
#include "delivery/providers/twilio_errors.h"

namespace countersign::delivery {
namespace {

constexpr std::size_t kSidMax = 64;  ///< A SID has 34 characters. It is stored beside others, where room is bounded.

std::string service_path(const TwilioVerifyOptions& options, std::string_view rest) {
  return "/v2/Services/" + percent_encode(options.service_sid) + std::string(rest);
}

void add(FormPairs& form, std::string name, const std::optional<std::string>& value) {
  if (value && !value->empty()) form.emplace_back(std::move(name), *value);
}

std::optional<VerifierVerdict> verdict_of(const json::object& check, std::string_view status) {
  if (status == "approved") {
    // `valid` is the older field with the same meaning; if they differ nothing is approved.
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

ProviderError try_again(std::string detail) {
  return {Fault::kUnavailable, PersonNotice::kTemporarilyUnavailable, "", std::move(detail), std::nullopt, false};
}

/// The state of one start across its requests. Does not refer to the provider, which may be destroyed before the last
/// answer.
struct StartCall {
  HttpClient& http;
  const Clock& clock;
  TwilioVerifyOptions options;
  VerificationStart start;
  ProviderDone<Accepted> done;
};
using StartCallPtr = std::shared_ptr<StartCall>;

bool is_late(const StartCall& call) { return call.start.call_before && call.clock.now() >= *call.start.call_before; }

/// By SID, or by address: the one that is pending for it.
void post_cancel(HttpClient& http, const TwilioVerifyOptions& options, std::string_view which, HttpDone done) {
  const auto path = service_path(options, "/Verifications/" + percent_encode(which));
  http.send(twilio_post(options.account, TwilioVerify::kBaseUrl, path, {{"Status", "canceled"}}), std::move(done));
}

void finish_creating(const StartCallPtr& call, const HttpResult& result) {
  auto created = read_verification_created(result, call->clock.now());
  if (!created) return call->done(fail(created.error()));
  if (created->sends == 1 || created->sid == call->start.again) return call->done(Accepted{std::move(created->sid)});
  // Its code is in a message that was sent for something else.
  post_cancel(call->http, call->options, created->sid, [call](const HttpResult&) {
    call->done(fail(try_again("Another verification was pending for the number; it was ended.")));
  });
}

void create(const StartCallPtr& call) {
  if (is_late(*call)) return call->done(fail(try_again("The request came too late and was not made.")));
  const auto& start = call->start;
  FormPairs form = {{"To", start.to}, {"Channel", std::string(contact::to_text(start.channel))}};
  add(form, "Locale", start.locale);
  if (call->options.psd2) {
    add(form, "Amount", start.amount);
    add(form, "Payee", start.payee);
  }
  if (call->options.friendly_name) add(form, "CustomFriendlyName", start.friendly_name);
  call->http.send(
      twilio_post(call->options.account, TwilioVerify::kBaseUrl, service_path(call->options, "/Verifications"), form),
      [call](const HttpResult& result) { finish_creating(call, result); });
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
  auto call = std::make_shared<StartCall>(http_, clock_, options_, std::move(start), std::move(done));
  if (!call->start.ends_pending || is_late(*call)) return create(call);
  post_cancel(http_, options_, call->start.to, [call](const HttpResult& result) {
    const auto ended = read_verification_canceled(result, call->clock.now());
    if (ended) return create(call);
    ProviderError error = ended.error();
    error.maybe_sent = false;  // No message was to be sent yet.
    call->done(fail(std::move(error)));
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
  check.code = SecretString();
  http_.send(std::move(call), [&clock = clock_, psd2 = options_.psd2, asked = std::move(check),
                               done = std::move(done)](const HttpResult& result) mutable {
    done(read_verification_checked(result, asked, psd2, clock.now()));
  });
}

void TwilioVerify::cancel(std::string provider_ref, ProviderDone<Done> done) {
  post_cancel(http_, options_, provider_ref,
              [&clock = clock_, done = std::move(done)](const HttpResult& result) mutable {
                done(read_verification_canceled(result, clock.now()));
              });
}

Result<VerificationCreated, ProviderError> read_verification_created(const HttpResult& result, WallTime now) {
  const auto body = twilio_object(result, now);
  if (!body) return fail(creation_error(body.error()));
  const auto sid = json_text(*body, "sid");
  const auto* sends = body->if_contains("send_code_attempts");
  if (!sid || !sid->starts_with("VE") || sid->size() > kSidMax || sends == nullptr || !sends->is_array())
    return fail(unreadable_answer(*result));
  return VerificationCreated{std::string(*sid), sends->get_array().size()};
}

Result<VerifierVerdict, ProviderError> read_verification_checked(const HttpResult& result,
                                                                 const VerificationCheck& asked, bool psd2,
                                                                 WallTime now) {
  const auto body = twilio_object(result, now);
  if (!body) {
    // Twilio answers 404 for used, expired, canceled and exhausted verifications alike.
    if (body.error().fault == Fault::kNotFound) return VerifierVerdict::kOver;
    // An invalid parameter: the code is the only one from outside, and it does not have a code's form.
    if (body.error().provider_code == "60200") return VerifierVerdict::kWrongCode;
    // A code that a failing server may have judged counts as judged, whatever the server says.
    ProviderError error = body.error();
    error.maybe_sent = error.maybe_sent || (result && result->status >= 500);
    return fail(std::move(error));
  }
  const auto status = json_text(*body, "status");
  const auto verdict = status ? verdict_of(*body, *status) : std::nullopt;
  if (!verdict || json_text(*body, "sid") != asked.provider_ref) return fail(unreadable_answer(*result));
  const bool same_payment = asked.amount && asked.payee && json_text(*body, "amount") == asked.amount &&
                            json_text(*body, "payee") == asked.payee;
  if (psd2 && *verdict == VerifierVerdict::kApproved && !same_payment) return fail(unreadable_answer(*result));
  return *verdict;
}

Result<Done, ProviderError> read_verification_canceled(const HttpResult& result, WallTime now) {
  const auto body = twilio_object(result, now);
  if (!body && body.error().fault != Fault::kNotFound) return fail(body.error());
  return Done{};
}

}  // namespace countersign::delivery
