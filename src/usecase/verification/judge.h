#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/repository/subjects.h"
#include "store/repository/transactions.h"
#include "store/repository/verifications.h"
#include "usecase/verification/check.h"

namespace countersign::usecase {

/// How a code is judged. Borrows; lives for the call.
struct JudgeTerms {
  const ServiceSettings& service;
  const domain::Limits& limits;
  std::string_view code;                ///< In canonical form: digits, or as chosen by the application.
  std::optional<std::string> amount{};  ///< For a provider that judges; absent: the transaction's display amount.
  std::optional<std::string> payee{};
  bool guarded = true;  ///< False for a test service: wrong guesses there are not counted as failures.
};

/// Spends an attempt and judges the code, or returns the provider that must judge it. Shared by all ways to check a
/// code, and the only place that counts guesses at sent codes: for the account, the network address, the line.
/// Precondition: `held` is open, `row` pending and the contact not locked. [OTP-3, THR-1, STD-21]
[[nodiscard]] Answer<std::variant<Approved, AskProvider>> judge_code(const Work& work, const JudgeTerms& terms,
                                                                     store::TransactionRow&& held,
                                                                     store::VerificationRow&& row,
                                                                     store::ContactRow&& contact);

[[nodiscard]] Failure<Problem> wrong_code(int attempts_left);
[[nodiscard]] Failure<Problem> no_attempts_left();

/// Nothing for a pending verification; else the answer to a check of it.
[[nodiscard]] std::optional<Problem> closed_fault(const domain::Verification& v, WallTime now);

/// Writes a wrong code whose guess is already counted: the spent attempt and the event.
[[nodiscard]] Failure<Problem> note_wrong(const Work& work, store::TransactionRow& held,
                                          const store::VerificationRow& row, const domain::VerificationRules& rules);

}  // namespace countersign::usecase
