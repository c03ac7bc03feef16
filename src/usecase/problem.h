#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace countersign::usecase {

/// Why a use case answers "no". Each has a stable public code and an HTTP status, in one table (api/problem.cpp).
enum class Code {
  kInvalidField,  ///< `field` says which, `detail` what it must be.
  kUnknownPolicy,
  kShortLineTooLong,  ///< It does not fit whole into a text message; `detail` says how many characters do.
  kNotFound,
  kTransactionNotHeld,  ///< Verified, released, denied, expired or canceled already; `detail` says which.
  kTransactionExpired,
  kNotVerified,  ///< Nothing to claim yet.
  kAlreadyClaimed,
  kNotClaimed,  ///< There is no claim to give up.
  kWrongFencingToken,
  kMethodNotAllowed,    ///< The policy does not name it.
  kChannelUnavailable,  ///< No provider is configured for it.
  kNoContact,           ///< The subject has none on that channel.
  kAddressRefused,      ///< The number cannot get such messages, or costs extra.
  kNoVerification,      ///< Nothing was started that a code could be checked against.
  kNotSentYet,          ///< The provider has not taken the verification over yet.
  kWrongCode,           ///< Wrong, expired, replayed or malformed: not told apart. [OTP-6]
  kAttemptsExhausted,   ///< This verification is closed for good; a new one can be started.
  kLocked,              ///< Too many failures in a row; `retry_after` says for how long.
  kFactorUnusable,
  kTooManyFactors,
  kResendTooSoon,
  kSendsExhausted,
  kRateLimited,
  kIdempotencyMismatch,  ///< The same key with another request.
  kEndpointLimit,
  kEndpointExists,       ///< With that address.
  kEndpointDisabled,     ///< Nothing can be sent there.
  kUpstreamUnavailable,  ///< The provider did not answer; nothing was decided.
  kSourceDoesNotCount,   ///< Not for this transaction; `counts_from` says for which it will. [STD-9]
  kProofVoided,          ///< What was proved was lost before anybody claimed; the transaction is canceled. [STD-8]
  kMayNotVouch,          ///< The API key has not the scope `vouch`. [STD-5]
  kNotTold,              ///< Only a contact that was told may object. [STD-11]
  kObjectedBefore,       ///< Once for each change.
  kNotStopped,           ///< Nothing to decide.
  kTestKeyRequired,      ///< This is for keys of test mode.
  kHasHistory,           ///< An import is for a subject who was never known by anything. [STD-2]
};

struct Problem {
  Code code;
  std::string detail = {};  ///< One sentence for the client's developer.
  std::string field = {};   ///< With kInvalidField.
  std::optional<Duration> retry_after = {};
  std::optional<int> attempts_left = {};     ///< With kWrongCode.
  std::optional<WallTime> counts_from = {};  ///< With kSourceDoesNotCount: the earliest hold for which it counts.
};

template <class T>
using Answer = Result<T, Problem>;

[[nodiscard]] inline Failure<Problem> refuse(Code code, std::string detail = {}) {
  return fail(Problem{code, std::move(detail)});
}
[[nodiscard]] inline Failure<Problem> refuse_field(std::string field, std::string detail) {
  return fail(Problem{Code::kInvalidField, std::move(detail), std::move(field)});
}

}  // namespace countersign::usecase
