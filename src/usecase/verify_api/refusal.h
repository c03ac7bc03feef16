#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace countersign::usecase::verify_api {

/// Why a use case of the Verify-compatible API refuses. The protocol's number, text and HTTP status of each are in
/// api/twilio/error.cpp.
enum class ErrorCode : std::uint8_t {
  kAuthenticate,
  kForbidden,
  kNotFound,
  kTooManyRequests,
  kOptedOut,
  kInvalidParameter,
  kMaxCheckAttempts,
  kMaxSendAttempts,
  kFeatureNotEnabled,
  kLandline,
  kAmountAndPayeeRequired,
  kMaxRateLimits,
  kRateLimitExists,
  kRateLimitName,
  kMaxBuckets,
  kBucketExists,
  kTooManyForNumber,
  kCountryExists,
  kCallWithPsd2,
  kNoTarget,
  kChannelDisabled,
  kMissingSubstitutions,
  kTemplateNotFound,
  kTemplatesInvalid,
  kBlocked,
  kEntityExists,
  kInvalidRequest,
  kAccessToken,      ///< Its parameters.
  kNoNotifications,  ///< The device registered for none.
  kChallengeAttempts,
  kNotificationLimit,
  kFactorAttempts,
  kFactorVerification,
  kUnauthorizedFactor,  ///< A token was made for another identity, service or type.
  kBindingFormat,
  kChallengeLimit,
  kTooManyFactors,
  kFactorExists,
  kFactorUnverified,
  kChallengeResponded,
  kChallengeExpired,
  kChallengeVerification,
  kSnaWithPsd2,
  kTemplateChannel,
  kDeliveryBlocked,
  kSafeListed,
  kAppHashChannel,
  kCountryBlocked,
  kFactorSid,
  kPasskeyIdentity,
  kPasskeyConfig,
  kRelyingParty,
  kPasskeyId,
  kPasskeyRawId,
  kPasskeyAttachment,
  kPasskeyResponse,
  kAuthenticatorData,
  kClientData,
  kPasskeySignature,
  kFactorStatus,
  kAttestationObject,
  kPasskeyNotFound,  ///< These three: of the paths of passkeys alone.
  kPasskeyChallengeNotFound,
  kPasskeyEntityNotFound,
  kPasskeyCriteria,
  kAutoFailed,
};

struct Refusal {
  ErrorCode fault;
  std::string detail = {};  ///< With kInvalidParameter and kInvalidRequest: the parameter, then what it must be.
  std::optional<Duration> retry_after = {};
  std::string limit = {};  ///< Name of the rate limit that was reached.
  std::string ended = {};  ///< With kNotFound, for a verification that is over: its final status.
  bool keep = false;       ///< Commit despite the refusal: a wrong code has spent its attempt.
};

template <class T>
using Verdict = Result<T, Refusal>;

[[nodiscard]] inline Failure<Refusal> refuse(ErrorCode fault, std::string detail = {}) {
  return countersign::fail(Refusal{fault, std::move(detail)});
}

}  // namespace countersign::usecase::verify_api
