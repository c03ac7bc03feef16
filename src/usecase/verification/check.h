#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/secret.h"
#include "delivery/ports.h"
#include "domain/transaction.h"
#include "domain/verification.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

struct CheckRequest {
  TransactionId transaction;
  SecretString code;  ///< As typed.
  /// `totp`, `recovery_code`, or a factor's id; absent: the pending verification.
  std::optional<std::string> factor;
  std::optional<VerificationId> verification;  ///< Absent: the newest.
};

/// A code was right.
struct Approved {
  domain::TransactionStatus status;
  domain::standing::Judgement judgement;
};

/// A provider must judge the code: the attempt is counted, and conclude_check decides.
struct AskProvider {
  TransactionId transaction;
  VerificationId verification;
  std::string provider;
  delivery::VerificationCheck check;
  domain::VerificationRules rules;  ///< Used to spend the attempt.
  domain::FailureRules failures;    ///< Used to count the guess as wrong.
  bool guarded = true;              ///< The guess was counted.
};

/// Spends one attempt and judges the code, in one serializable transaction: of parallel guesses exactly the allowed
/// number is judged, and of parallel right codes one succeeds. A right code makes a proof; if that meets the policy,
/// the transaction becomes verified and its webhooks are enqueued in the same commit. [OTP-3, THR-1, TOTP-4]
[[nodiscard]] Answer<std::variant<Approved, AskProvider>> check(const Work& work, const CheckRequest& request);

/// Applies the provider's verdict. If the provider did not judge (unreachable, misconfigured), the attempt is given
/// back.
[[nodiscard]] Answer<Approved> conclude_check(
    const Work& work, const AskProvider& asked,
    const Result<delivery::VerifierVerdict, delivery::ProviderError>& verdict);

}  // namespace countersign::usecase
