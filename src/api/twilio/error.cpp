#include "api/twilio/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/json_writer.h"
#include "base/check.h"

namespace countersign::api::twilio {

namespace {

constexpr int kMethodNotAllowed = 20004;
constexpr int kInternal = 20500;
constexpr int kUnavailable = 20503;

/// The protocol's numbers, which clients branch on.
struct Entry {
  int number;
  ErrorCode fault;
  int status;
  std::string_view title;
};

constexpr std::array kEntries{
    Entry{20003, ErrorCode::kAuthenticate, 401, "Authenticate"},
    Entry{20403, ErrorCode::kForbidden, 403, "Forbidden"},
    Entry{20404, ErrorCode::kNotFound, 404, ""},
    Entry{20429, ErrorCode::kTooManyRequests, 429, "Too many requests"},
    Entry{21610, ErrorCode::kOptedOut, 400, "Attempt to send to unsubscribed recipient"},
    Entry{60200, ErrorCode::kInvalidParameter, 400, "Invalid parameter"},
    Entry{60202, ErrorCode::kMaxCheckAttempts, 429, "Max check attempts reached"},
    Entry{60203, ErrorCode::kMaxSendAttempts, 429, "Max send attempts reached"},
    Entry{60204, ErrorCode::kFeatureNotEnabled, 403, "Service does not support this feature"},
    Entry{60205, ErrorCode::kLandline, 403, "SMS is not supported by landline phone number"},
    Entry{60206, ErrorCode::kAmountAndPayeeRequired, 400, "'Amount' & 'Payee' params are required"},
    Entry{60207, ErrorCode::kMaxRateLimits, 400, "Max rate limits per service reached"},
    Entry{60208, ErrorCode::kRateLimitExists, 400, "Rate limit with that UniqueName already exists"},
    Entry{60209, ErrorCode::kRateLimitName, 400, "UniqueName format is invalid"},
    Entry{60210, ErrorCode::kMaxBuckets, 400, "Max Buckets per Rate limit reached"},
    Entry{60211, ErrorCode::kBucketExists, 400, "Bucket with the given Interval already exists"},
    Entry{60212, ErrorCode::kTooManyForNumber, 429, "Too many concurrent requests for phone number"},
    Entry{60213, ErrorCode::kCountryExists, 400, "A Messaging Configuration already exists for the given country"},
    Entry{60214, ErrorCode::kCallWithPsd2, 400, "Call channel is not supported when using PSD2"},
    Entry{60221, ErrorCode::kNoTarget, 400, "No target verification specified"},
    Entry{60223, ErrorCode::kChannelDisabled, 400, "Delivery channel disabled"},
    Entry{60224, ErrorCode::kMissingSubstitutions, 400, "Missing substitutions for selected template"},
    Entry{60228, ErrorCode::kTemplateNotFound, 404, "Template not found"},
    Entry{60251, ErrorCode::kTemplatesInvalid, 400, "The Templates parameter is invalid"},
    Entry{60238, ErrorCode::kBlocked, 403, "Verification Creation Attempt blocked"},
    Entry{60301, ErrorCode::kEntityExists, 409, "Entity already exists"},
    Entry{60306, ErrorCode::kInvalidRequest, 400, "Invalid Request"},
    Entry{60305, ErrorCode::kAccessToken, 400, "Access Token parameters are invalid"},
    Entry{60307, ErrorCode::kNoNotifications, 400, "Cannot resend push notifications to 'none' notification platform"},
    Entry{60308, ErrorCode::kChallengeAttempts, 429, "Max challenge attempts reached"},
    Entry{60309, ErrorCode::kNotificationLimit, 429, "Max push notifications reached"},
    Entry{60310, ErrorCode::kFactorAttempts, 429, "Max factor verification attempts reached"},
    Entry{60311, ErrorCode::kFactorVerification, 403, "Factor verification failed"},
    Entry{60312, ErrorCode::kChallengeLimit, 429, "Challenge creation limit reached"},
    Entry{60313, ErrorCode::kUnauthorizedFactor, 403, "Unauthorized factor creation"},
    Entry{60314, ErrorCode::kBindingFormat, 400, "Binding format is invalid"},
    Entry{60315, ErrorCode::kTooManyFactors, 400, "Max factors per entity reached"},
    Entry{60317, ErrorCode::kFactorExists, 409, "Factor already exists"},
    Entry{60318, ErrorCode::kFactorUnverified, 403, "Factor is not verified"},
    Entry{60322, ErrorCode::kChallengeResponded, 403, "Challenge has already been responded to"},
    Entry{60323, ErrorCode::kChallengeExpired, 403, "Challenge has expired"},
    Entry{60324, ErrorCode::kChallengeVerification, 403, "Challenge verification failed"},
    Entry{60329, ErrorCode::kSnaWithPsd2, 400, "SNA does not work with psd2_enabled"},
    Entry{60362, ErrorCode::kFactorSid, 400, "Factor SID invalid or not provided"},
    Entry{60366, ErrorCode::kPasskeyIdentity, 400, "Entity invalid or not provided"},
    Entry{60370, ErrorCode::kPasskeyConfig, 400, "Factor config invalid or not provided"},
    Entry{60371, ErrorCode::kRelyingParty, 400, "Relying party invalid or not provided"},
    Entry{60375, ErrorCode::kPasskeyId, 400, "Invalid id"},
    Entry{60376, ErrorCode::kPasskeyRawId, 400, "Invalid rawId"},
    Entry{60377, ErrorCode::kPasskeyAttachment, 400, "Authenticator attachment invalid or not provided"},
    Entry{60378, ErrorCode::kPasskeyResponse, 400, "Authenticator response invalid or not provided"},
    Entry{60379, ErrorCode::kAuthenticatorData, 400, "Authenticator data invalid or not provided"},
    Entry{60380, ErrorCode::kClientData, 400, "Client data invalid or not provided"},
    Entry{60381, ErrorCode::kPasskeySignature, 400, "Signature invalid or not provided"},
    Entry{60383, ErrorCode::kFactorStatus, 400, "Illegal factor status"},
    Entry{60386, ErrorCode::kAttestationObject, 400, "Attestation object invalid or not provided"},
    Entry{60390, ErrorCode::kPasskeyNotFound, 404, "Factor not found"},
    Entry{60391, ErrorCode::kPasskeyChallengeNotFound, 404, "Challenge not found"},
    Entry{60392, ErrorCode::kPasskeyEntityNotFound, 404, "Entity not found"},
    Entry{60393, ErrorCode::kPasskeyCriteria, 400, "Authenticator criteria are missing from the request"},
    Entry{60408, ErrorCode::kTemplateChannel, 400, "TemplateSid is only supported for the SMS and call channels"},
    Entry{60410, ErrorCode::kDeliveryBlocked, 403, "Verification delivery attempt blocked"},
    Entry{60411, ErrorCode::kSafeListed, 409, "Phone Number or Phone Number Prefix already exists in Safelist"},
    Entry{60550, ErrorCode::kAutoFailed, 400, "Auto Channel Failed"},
    Entry{60602, ErrorCode::kAppHashChannel, 400, "App hash can only be used with SMS channel"},
    Entry{60605, ErrorCode::kCountryBlocked, 403, "Verification delivery attempt blocked: country"},
};

const Entry& entry_of(ErrorCode fault) {
  const auto* const found =
      std::find_if(kEntries.begin(), kEntries.end(), [&](const Entry& e) { return e.fault == fault; });
  CS_CHECK(found != kEntries.end());
  return *found;
}

std::string_view without_version(std::string_view path) {
  return path.starts_with("/v2") ? path.substr(std::string_view("/v2").size()) : path;
}

std::string message_of(const Entry& entry, const Refusal& refusal, std::string_view path) {
  if (entry.fault == ErrorCode::kNotFound)
    return fmt::format("The requested resource {} was not found", without_version(path));
  return refusal.detail.empty() ? std::string(entry.title) : fmt::format("{}: {}", entry.title, refusal.detail);
}

}  // namespace

http::Response error_response(int status, int code, std::string_view message) {
  JsonWriter json;
  json.open_object().member("code", code).member("message", message);
  json.member("more_info", fmt::format("https://www.twilio.com/docs/errors/{}", code)).member("status", status);
  return {status, "application/json", json.close_object().take(), {}, std::to_string(code)};
}

int number_of(ErrorCode code) { return entry_of(code).number; }

http::Response error_response(const Refusal& refusal, std::string_view path) {
  const Entry& entry = entry_of(refusal.fault);
  auto response = error_response(entry.status, entry.number, message_of(entry, refusal, path));
  if (refusal.retry_after) {
    const auto seconds =
        std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(*refusal.retry_after).count());
    response.headers.emplace_back("Countersign-Retry-After", std::to_string(seconds));
    // Only where Twilio sends it. The SDK for Java sleeps for that long and retries once: elsewhere that would block an
    // application's thread until the lock of a number ends.
    if (!refusal.limit.empty()) response.headers.emplace_back("Retry-After", std::to_string(seconds));
  }
  if (refusal.fault == ErrorCode::kAuthenticate)
    response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"Countersign\"");
  if (!refusal.limit.empty()) response.headers.emplace_back("Twilio-Reached-Rate-Limit", refusal.limit);
  if (!refusal.ended.empty()) response.headers.emplace_back("Countersign-Verification-Status", refusal.ended);
  return response;
}

http::Response error_response(const store::StoreError& error) {
  using Code = store::StoreError::Code;
  if (error.code == Code::kFailed || error.code == Code::kCorrupt || error.code == Code::kUnreadable ||
      error.code == Code::kSchema)
    return error_response(500, kInternal, "Internal server error");
  auto response = error_response(503, kUnavailable, "Service unavailable");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

http::Response not_found_response(std::string_view path) { return error_response(Refusal{ErrorCode::kNotFound}, path); }

http::Response method_not_allowed_response(std::string allow) {
  auto response = error_response(405, kMethodNotAllowed, "Method not allowed");
  response.headers.emplace_back("Allow", std::move(allow));
  return response;
}

http::Response server_error_response(int status, std::string_view code) {
  if (status >= 500) return error_response(status, kInternal, "Internal server error");
  return error_response(status, kMalformed, fmt::format("The request was refused: {}", code));
}

bool is_ours(std::string_view path) { return path == "/v2" || path.starts_with("/v2/"); }

}  // namespace countersign::api::twilio
