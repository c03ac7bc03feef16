#pragma once

#include <optional>

#include "store/repository/line_guards.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

// One budget of guesses for all APIs (docs/adr/0019): the native API, the pages, the Verify-compatible API and codes
// judged by providers all count here, by line and person. [STD-20, STD-21]

/// Counts guesses at codes that were sent to this contact.
struct Guard {
  store::Guessers whose = store::Guessers::kStrangers;
  domain::LineGuard state;
};
/// `standalone`: for a standalone code, whose recipient is not a known person.
[[nodiscard]] Guard guard_of(const store::ContactRow& contact, bool standalone);

/// Length of codes sent now.
[[nodiscard]] int code_length_for(const Guard& guard, const domain::Limits& limits, const ServiceSettings& service,
                                  WallTime now);
/// Allowed guesses per code.
[[nodiscard]] int attempts_for(const Guard& guard, const domain::Limits& limits);

/// Why sends to the line are blocked now: a hundred wrong guesses in a row.
[[nodiscard]] std::optional<Problem> slow_fault(const Guard& guard, const domain::Limits& limits, WallTime now);

/// Counts a wrong guess, as `weight` codes, or a guess that a provider will judge (`fixed_length`).
void count_wrong_guess(const Work& work, store::ContactRow& contact, const Guard& guard,
                       const domain::FailureRules& rules, std::int64_t weight, bool fixed_length);
/// A code was right, or the application says so. Writes only if there are failures to reset.
void forget_failures(store::Tx& tx, const AccountId& account, store::ContactRow& contact, const Guard& guard);

[[nodiscard]] Problem locked_until(WallTime until, WallTime now);
/// The lock on the line, if there is one.
[[nodiscard]] std::optional<Problem> lock_fault(const domain::Failures& failures, WallTime now);

}  // namespace countersign::usecase
