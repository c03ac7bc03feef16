#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace countersign::usecase {

/// Why a use case refuses. Each code has a stable public name and an HTTP status, in one table (api/problem.cpp).
enum class Code {
  kInvalidField,  ///< `field` names it, `detail` says what it must be.
  kUnknownPolicy,
  kShortLineTooLong,  ///< Does not fit into one text message; `detail` gives the maximum number of characters.
  kNotFound,
  kTransactionNotHeld,  ///< Already verified, released, denied, expired or canceled; `detail` says which.
  kTransactionExpired,
  kInReview,      ///< The transaction waits for an operator's word.
  kNoReview,      ///< There is nothing for an operator to decide.
  kRulesChanged,  ///< Somebody else has changed the fraud rules meanwhile.
  kSameReviewer,  ///< Two persons must allow it, and this one already has.
  kNotVerified,   ///< There is nothing to claim yet.
  kAlreadyClaimed,
  kNotClaimed,  ///< There is no claim to give up.
  kWrongFencingToken,
  kMethodNotAllowed,    ///< The policy does not include it.
  kChannelUnavailable,  ///< No provider is configured for it.
  kNoContact,           ///< The subject has no contact on that channel.
  kAddressRefused,      ///< The number cannot receive such messages, or is premium-rate.
  kOptedOut,            ///< The holder of the address wants no messages by this channel.
  kNoVerification,      ///< There is no verification to check a code against.
  kNotSentYet,          ///< The provider has not accepted the verification yet.
  kWrongCode,           ///< Wrong, expired, replayed or malformed: not distinguished. [OTP-6]
  kWrongResponse,       ///< The same for the answer of a passkey, whatever was wrong with it. [WA-A14]
  kAttemptsExhausted,   ///< This verification is closed for good; a new one can be started.
  kLocked,              ///< Too many failures in a row; `retry_after` says for how long.
  kFactorUnusable,
  kTooManyFactors,
  kTooManyProofs,  ///< Of one kind; another one adds nothing.
  kResendTooSoon,
  kSendsExhausted,
  kRateLimited,
  kBudgetSpent,          ///< What messages may cost today is spent; `retry_after` says when the day ends.
  kSpendingStopped,      ///< By an operator, until it is started again.
  kIdempotencyMismatch,  ///< The same key was used with another request.
  kEndpointLimit,
  kEndpointExists,       ///< The account has an endpoint with that address.
  kEndpointDisabled,     ///< Nothing can be sent to a disabled endpoint.
  kUpstreamUnavailable,  ///< The provider did not answer; nothing was decided.
  kSourceDoesNotCount,   ///< Not for this transaction; `counts_from` says from which hold on. [STD-9]
  kProofVoided,          ///< A proof was voided before the claim; the transaction is canceled. [STD-8]
  kMayNotVouch,          ///< The API key lacks the scope `vouch`. [STD-5]
  kMayNotAdminister,     ///< The API key lacks the scope `admin`.
  kNotTold,              ///< Only a contact that was notified may object. [STD-11]
  kObjectedBefore,       ///< One objection per change.
  kNotStopped,           ///< There is no stopped change to decide.
  kTestKeyRequired,      ///< Only for keys of test mode.
  kNotAvailableNow,      ///< The fraud rules refuse it; nothing says which. [THR-11]
  kHasHistory,           ///< A subject that already has sources cannot be imported. [STD-2]
};

struct Problem {
  Code code;
  std::string detail = {};  ///< One sentence for the client's developer.
  std::string field = {};   ///< With kInvalidField.
  std::optional<Duration> retry_after = {};
  std::optional<int> attempts_left = {};  ///< With kWrongCode.
  std::optional<WallTime> counts_from =
      {};  ///< With kSourceDoesNotCount: the earliest hold for which the source counts.
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
