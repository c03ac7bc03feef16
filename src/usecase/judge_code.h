#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/repository/subjects.h"
#include "store/repository/transactions.h"
#include "store/repository/verifications.h"
#include "usecase/check.h"

namespace countersign::usecase {

/// By which terms a code is judged. Borrows; lives for the call.
struct JudgeTerms {
  const ServiceSettings& service;
  const Limits& limits;
  std::string_view code;                ///< In its one form: digits, or what the application chose.
  std::optional<std::string> amount{};  ///< For a provider that judges; absent: of the transaction's display.
  std::optional<std::string> payee{};
  bool guarded = true;  ///< False of a service for tests: what is guessed there is no failure of anybody.
};

/// Spends an attempt and judges the code, or says which provider is to. What all ways to check a code have in common,
/// and the one place where guesses at codes that were sent are counted: for the account, the network address, the line.
/// The caller has seen to it that `held` is open, `row` pending and the contact not locked. [OTP-3, THR-1, STD-21]
[[nodiscard]] Answer<std::variant<Approved, AskProvider>> judge_code(store::Tx& tx, const Context& context,
                                                                     const Caller& caller, const JudgeTerms& terms,
                                                                     store::TransactionRow held,
                                                                     store::VerificationRow row,
                                                                     store::ContactRow contact, Moment& moment);

[[nodiscard]] Failure<Problem> wrong_code(int attempts_left);

/// Nothing for a verification that is pending; else the answer to a check of it.
[[nodiscard]] std::optional<Problem> closed_fault(const domain::Verification& v, WallTime now);

/// Writes down a wrong code whose guess is counted already: the spent attempt and the event.
[[nodiscard]] Failure<Problem> note_wrong(store::Tx& tx, const Context& context, const Caller& caller,
                                          const domain::Transaction& held, const store::VerificationRow& row,
                                          const domain::VerificationRules& rules, Moment& moment);

}  // namespace countersign::usecase
