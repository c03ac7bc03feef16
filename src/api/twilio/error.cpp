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

struct Entry {
  Fault fault;
  int status;
  std::string_view title;
};

constexpr std::array kEntries{
    Entry{Fault::kForbidden, 403, "Forbidden"},
    Entry{Fault::kNotFound, 404, ""},
    Entry{Fault::kTooManyRequests, 429, "Too many requests"},
    Entry{Fault::kInvalidParameter, 400, "Invalid parameter"},
    Entry{Fault::kMaxCheckAttempts, 429, "Max check attempts reached"},
    Entry{Fault::kMaxSendAttempts, 429, "Max send attempts reached"},
    Entry{Fault::kFeatureNotEnabled, 403, "Service does not support this feature"},
    Entry{Fault::kLandline, 403, "SMS is not supported by landline phone number"},
    Entry{Fault::kAmountAndPayeeRequired, 400, "'Amount' & 'Payee' params are required"},
    Entry{Fault::kMaxRateLimits, 400, "Max rate limits per service reached"},
    Entry{Fault::kRateLimitExists, 400, "Rate limit with that UniqueName already exists"},
    Entry{Fault::kRateLimitName, 400, "UniqueName format is invalid"},
    Entry{Fault::kMaxBuckets, 400, "Max Buckets per Rate limit reached"},
    Entry{Fault::kBucketExists, 400, "Bucket with the given Interval already exists"},
    Entry{Fault::kTooManyForNumber, 429, "Too many concurrent requests for phone number"},
    Entry{Fault::kCountryExists, 400, "A Messaging Configuration already exists for the given country"},
    Entry{Fault::kCallWithPsd2, 400, "Call channel is not supported when using PSD2"},
    Entry{Fault::kNoTarget, 400, "No target verification specified"},
    Entry{Fault::kChannelDisabled, 400, "Delivery channel disabled"},
    Entry{Fault::kMissingSubstitutions, 400, "Missing substitutions for selected template"},
    Entry{Fault::kTemplateNotFound, 404, "Template not found"},
    Entry{Fault::kTemplatesInvalid, 400, "The Templates parameter is invalid"},
    Entry{Fault::kBlocked, 403, "Verification Creation Attempt blocked"},
    Entry{Fault::kEntityExists, 409, "Entity already exists"},
    Entry{Fault::kInvalidRequest, 400, "Invalid Request"},
    Entry{Fault::kChallengeAttempts, 429, "Max challenge attempts reached"},
    Entry{Fault::kFactorAttempts, 429, "Max factor verification attempts reached"},
    Entry{Fault::kFactorVerification, 403, "Factor verification failed"},
    Entry{Fault::kChallengeLimit, 429, "Challenge creation limit reached"},
    Entry{Fault::kBindingFormat, 400, "Binding format is invalid"},
    Entry{Fault::kTooManyFactors, 400, "Max factors per entity reached"},
    Entry{Fault::kFactorExists, 409, "Factor already exists"},
    Entry{Fault::kFactorUnverified, 403, "Factor is not verified"},
    Entry{Fault::kChallengeResponded, 403, "Challenge has already been responded to"},
    Entry{Fault::kChallengeExpired, 403, "Challenge has expired"},
    Entry{Fault::kChallengeVerification, 403, "Challenge verification failed"},
    Entry{Fault::kSnaWithPsd2, 400, "SNA does not work with psd2_enabled"},
    Entry{Fault::kTemplateChannel, 400, "TemplateSid is only supported for the SMS and call channels"},
    Entry{Fault::kDeliveryBlocked, 403, "Verification delivery attempt blocked"},
    Entry{Fault::kSafeListed, 409, "Phone Number or Phone Number Prefix already exists in Safelist"},
    Entry{Fault::kAppHashChannel, 400, "App hash can only be used with SMS channel"},
    Entry{Fault::kCountryBlocked, 403, "Verification delivery attempt blocked: country"},
};

const Entry& entry_of(Fault fault) {
  const auto* const found =
      std::find_if(kEntries.begin(), kEntries.end(), [&](const Entry& e) { return e.fault == fault; });
  CS_CHECK(found != kEntries.end());
  return *found;
}

std::string_view without_version(std::string_view path) {
  return path.starts_with("/v2") ? path.substr(std::string_view("/v2").size()) : path;
}

std::string message_of(const Entry& entry, const Refusal& refusal, std::string_view path) {
  if (entry.fault == Fault::kNotFound)
    return fmt::format("The requested resource {} was not found", without_version(path));
  return refusal.detail.empty() ? std::string(entry.title) : fmt::format("{}: {}", entry.title, refusal.detail);
}

}  // namespace

http::Response error_response(int status, int code, std::string_view message) {
  JsonWriter json;
  json.open_object().key("code").number(code).key("message").text(message);
  json.key("more_info").text(fmt::format("https://www.twilio.com/docs/errors/{}", code)).key("status").number(status);
  return {status, "application/json", json.close_object().take(), {}, std::to_string(code)};
}

http::Response error_response(const Refusal& refusal, std::string_view path) {
  const Entry& entry = entry_of(refusal.fault);
  auto response = error_response(entry.status, static_cast<int>(refusal.fault), message_of(entry, refusal, path));
  if (refusal.retry_after) {
    const auto seconds =
        std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(*refusal.retry_after).count());
    response.headers.emplace_back("Countersign-Retry-After", std::to_string(seconds));
    // There as Twilio has it. The HTTP client of the SDK for Java sleeps for as long as it says and asks once more:
    // where Twilio says nothing, that would hold an application's thread until the lock of a number is over.
    if (!refusal.limit.empty()) response.headers.emplace_back("Retry-After", std::to_string(seconds));
  }
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

http::Response not_found_response(std::string_view path) { return error_response(Refusal{Fault::kNotFound}, path); }

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
