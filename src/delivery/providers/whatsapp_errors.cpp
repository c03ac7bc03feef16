#include "delivery/providers/whatsapp_errors.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "delivery/provider_error.h"

namespace countersign::delivery {
namespace {

using enum Fault;
using enum PersonNotice;

// Codes and causes are Meta's documentation of the Cloud API; how we treat them is decided here.
constexpr auto kWhatsappErrors = std::to_array<WhatsappError>({
    // clang-format off
    {0, 0, kMisconfigured, kTemporarilyUnavailable, false, "Meta could not authenticate the app: check the access token."},
    {1, 2, kUnavailable, kTemporarilyUnavailable, true, "Meta's API does not work at the moment."},
    {3, 3, kMisconfigured, kTemporarilyUnavailable, false, "The access token lacks the permission whatsapp_business_messaging."},
    {4, 4, kRateLimited, kWait, false, "The app has made too many calls."},
    {10, 10, kMisconfigured, kTemporarilyUnavailable, false, "The access token lacks the permission whatsapp_business_messaging."},
    {33, 33, kMisconfigured, kTemporarilyUnavailable, false, "The sending number was deleted: check phone_number_id."},
    {100, 100, kMisconfigured, kTemporarilyUnavailable, false, "Meta found a parameter not valid: check phone_number_id and api_version."},
    {190, 190, kMisconfigured, kTemporarilyUnavailable, false, "The access token has expired or was revoked: use that of a system user."},
    {200, 299, kMisconfigured, kTemporarilyUnavailable, false, "The access token lacks a permission."},
    {368, 368, kMisconfigured, kTemporarilyUnavailable, false, "Meta has blocked the business account for a violation of its policy."},
    {80007, 80007, kRateLimited, kWait, false, "The business account has reached its limit of calls."},
    {130429, 130429, kRateLimited, kWait, false, "The sending number has reached its throughput."},
    {130472, 130472, kBlocked, kTryAnotherWay, false, "Meta did not deliver it: the person is part of an experiment."},
    {130497, 130497, kUnsupportedAddress, kNumberNotSupported, false, "The business account may not write to numbers of this country."},
    {131000, 131000, kUnavailable, kTemporarilyUnavailable, false, "Meta gave no reason."},
    {131005, 131005, kMisconfigured, kTemporarilyUnavailable, false, "The access token lacks a permission, or it was withdrawn."},
    {131008, 131009, kMisconfigured, kTemporarilyUnavailable, false, "A parameter is missing or not valid: the template must be an authentication template with a copy-code button."},
    {131016, 131016, kUnavailable, kTemporarilyUnavailable, true, "The service is overloaded or down."},
    {131021, 131021, kUnsupportedAddress, kNumberNotSupported, false, "The number is the sender's own."},
    {131026, 131026, kUnsupportedAddress, kNumberNotSupported, false, "It cannot be delivered: the number may have no WhatsApp, an old version of it, or not have accepted its terms."},
    {131030, 131030, kMisconfigured, kTryAnotherWay, false, "A test number reaches only the numbers of its list."},
    {131031, 131031, kMisconfigured, kTemporarilyUnavailable, false, "The business account is locked."},
    {131037, 131037, kMisconfigured, kTemporarilyUnavailable, false, "The display name of the sending number is not approved."},
    {131042, 131042, kMisconfigured, kTemporarilyUnavailable, false, "The business account has no valid payment method."},
    {131045, 131045, kMisconfigured, kTemporarilyUnavailable, false, "The sending number is not registered, or its certificate is wrong."},
    {131047, 131047, kBlocked, kTryAnotherWay, false, "Meta takes anything but a template only within 24 hours of the person writing."},
    {131048, 131048, kRateLimited, kWait, false, "The sending number is restricted because people reported its messages."},
    {131049, 131049, kBlocked, kTryAnotherWay, false, "Meta chose not to deliver it."},
    {131050, 131050, kBlocked, kTryAnotherWay, false, "The person has opted out of messages of this business."},
    {131056, 131056, kBlocked, kTryAnotherWay, false, "Too many messages to this number in a short time."},
    {131057, 131057, kUnavailable, kTemporarilyUnavailable, true, "The business account is in maintenance."},
    {131062, 131062, kUnsupportedAddress, kNumberNotSupported, false, "This recipient cannot be sent codes."},
    {131064, 131064, kRateLimited, kWait, false, "The business account has reached its limit of messages."},
    {132000, 132000, kMisconfigured, kTryAnotherWay, false, "The template has another number of parameters: it must be an authentication template."},
    {132001, 132001, kMisconfigured, kTryAnotherWay, false, "There is no approved template of this name in this language: check template and languages."},
    {132005, 132005, kMisconfigured, kTryAnotherWay, false, "The filled-in template is too long."},
    {132007, 132008, kMisconfigured, kTryAnotherWay, false, "The template violates Meta's policy, or its parameters are not of its format."},
    {132012, 132012, kMisconfigured, kTryAnotherWay, false, "The parameters are not of the template's format: it must be an authentication template with a copy-code button."},
    {132015, 132015, kMisconfigured, kTryAnotherWay, false, "The template is paused because of its quality."},
    {132016, 132016, kMisconfigured, kTryAnotherWay, false, "The template is disabled for good: make another one."},
    {135000, 135000, kUnavailable, kTemporarilyUnavailable, false, "Meta gave no reason."},
    // clang-format on
});

const WhatsappError* find_whatsapp_error(std::int64_t code) {
  const auto* const row = std::ranges::lower_bound(kWhatsappErrors, code, {}, &WhatsappError::last);
  return row != kWhatsappErrors.end() && row->first <= code ? row : nullptr;
}

/// Whether it is a number that Meta could have sent; 0 is one.
bool is_code(std::int64_t code) { return code >= 0 && code <= 9'999'999; }

void judge(ProviderError& error, std::int64_t code) {
  error.provider_code = std::to_string(code);
  const auto* row = find_whatsapp_error(code);
  if (row == nullptr) return;
  error.fault = row->fault;
  error.notice = row->notice;
  error.detail = row->operator_note;
  // A refusal for a reason that we know was not carried out.
  if (!is_retryable(error)) error.maybe_sent = false;
  error.outage = row->outage;
}

}  // namespace

std::span<const WhatsappError> whatsapp_errors() { return kWhatsappErrors; }

ProviderError whatsapp_error_of(const HttpAnswer& answer, WallTime now) {
  ProviderError error = provider_error_of(answer, now);
  const auto body = parse_json(answer.body);
  const auto* inner = body && body->is_object() ? body->get_object().if_contains("error") : nullptr;
  const auto code = inner != nullptr && inner->is_object() ? json_integer(inner->get_object(), "code") : std::nullopt;
  if (!code || !is_code(*code)) return error;
  error.detail = fmt::format("HTTP status {}, unknown error {}", answer.status, *code);
  judge(error, *code);
  return error;
}

ProviderError whatsapp_error_of_code(std::int64_t code) {
  ProviderError error{kRejected, kTryAnotherWay, "", "Meta gave no known reason.", std::nullopt};
  if (is_code(code)) judge(error, code);
  return error;
}

}  // namespace countersign::delivery
