#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace countersign::usecase::verify {

/// Why a use case of the Verify-compatible API answers "no". The numbers are the protocol's own, which clients switch
/// by; what each of them is called and its HTTP status stand in api/twilio/error.cpp.
enum class Fault : int {
  kForbidden = 20403,
  kNotFound = 20404,
  kTooManyRequests = 20429,
  kInvalidParameter = 60200,
  kMaxCheckAttempts = 60202,
  kMaxSendAttempts = 60203,
  kFeatureNotEnabled = 60204,
  kLandline = 60205,
  kAmountAndPayeeRequired = 60206,
  kMaxRateLimits = 60207,
  kRateLimitExists = 60208,
  kRateLimitName = 60209,
  kMaxBuckets = 60210,
  kBucketExists = 60211,
  kTooManyForNumber = 60212,
  kCountryExists = 60213,
  kCallWithPsd2 = 60214,
  kNoTarget = 60221,
  kChannelDisabled = 60223,
  kMissingSubstitutions = 60224,
  kTemplateNotFound = 60228,
  kTemplatesInvalid = 60251,
  kBlocked = 60238,
  kEntityExists = 60301,
  kInvalidRequest = 60306,
  kChallengeAttempts = 60308,
  kFactorAttempts = 60310,
  kFactorVerification = 60311,
  kBindingFormat = 60314,
  kChallengeLimit = 60312,
  kTooManyFactors = 60315,
  kFactorExists = 60317,
  kFactorUnverified = 60318,
  kChallengeResponded = 60322,
  kChallengeExpired = 60323,
  kChallengeVerification = 60324,
  kSnaWithPsd2 = 60329,
  kTemplateChannel = 60408,
  kDeliveryBlocked = 60410,
  kSafeListed = 60411,
  kAppHashChannel = 60602,
  kCountryBlocked = 60605,
};

struct Refusal {
  Fault fault;
  std::string detail = {};  ///< Of kInvalidParameter and kInvalidRequest: the parameter, then what it must be.
  std::optional<Duration> retry_after = {};
  std::string limit = {};  ///< The rate limit that was reached, by its name.
  std::string ended = {};  ///< With kNotFound, of a verification that is over: its last status.
  bool keep = false;       ///< What was written stays: a wrong code has spent its attempt.
};

template <class T>
using Verdict = Result<T, Refusal>;

[[nodiscard]] inline Failure<Refusal> refuse(Fault fault, std::string detail = {}) {
  return countersign::fail(Refusal{fault, std::move(detail)});
}

}  // namespace countersign::usecase::verify
