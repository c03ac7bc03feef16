#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/secret.h"
#include "delivery/ports.h"
#include "domain/transaction.h"
#include "domain/verification.h"
#include "usecase/context.h"
#include "usecase/problem.h"

namespace countersign::usecase {

struct CheckRequest {
  TransactionId transaction;
  SecretString code;                           ///< As typed.
  std::optional<std::string> factor;           ///< `totp`, or a factor's id; absent: the verification under way.
  std::optional<VerificationId> verification;  ///< Which one; absent: the one started last.
};

/// A code was right.
struct Approved {
  domain::TransactionStatus status;
  domain::standing::Judgement judgement;
};

/// The code is a provider's to judge: it was counted as an attempt, and conclude_check has the last word.
struct AskProvider {
  TransactionId transaction;
  VerificationId verification;
  std::string provider;
  delivery::VerificationCheck check;
  domain::VerificationRules rules;  ///< By which the attempt was spent.
  domain::FailureRules failures;    ///< By which the guess was counted as wrong.
  bool guarded = true;              ///< It was counted.
};

/// Consumes one attempt and judges the code, in one serializable transaction: of any number of parallel guesses exactly
/// the allowed number is evaluated, and of parallel right ones one succeeds. A right code makes a proof; if that meets
/// the policy, the transaction turns verified and its webhooks are queued in the same breath. [OTP-3, THR-1, TOTP-4]
[[nodiscard]] Answer<std::variant<Approved, AskProvider>> check(store::Tx& tx, const Context& context,
                                                                const Caller& caller, const CheckRequest& request,
                                                                Moment& moment);

/// What the provider said. A provider that did not judge (unreachable, misconfigured) gives the attempt back.
[[nodiscard]] Answer<Approved> conclude_check(store::Tx& tx, const Context& context, const Caller& caller,
                                              const AskProvider& asked,
                                              const Result<delivery::VerifierVerdict, delivery::ProviderError>& verdict,
                                              Moment& moment);

}  // namespace countersign::usecase
