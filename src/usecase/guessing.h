#pragma once

#include <optional>

#include "store/repository/line_guards.h"
#include "usecase/context.h"
#include "usecase/problem.h"

namespace countersign::usecase {

// One budget of guesses, whichever road a code came by (docs/adr/0019): the native API, the pages, the
// Verify-compatible API and what providers judge all count here, by line and person. [STD-20, STD-21]

/// The guard that counts guesses at a code which was sent to this contact.
struct Guard {
  store::Guessers whose = store::Guessers::kStrangers;
  domain::LineGuard state;
};
/// `code_alone`: the code is one for its own sake, so nobody says whose it is.
[[nodiscard]] Guard guard_of(const store::ContactRow& contact, bool code_alone);

/// Of codes that are sent now.
[[nodiscard]] int code_length_for(const Guard& guard, const Limits& limits, const ServiceSettings& service,
                                  WallTime now);
/// So many guesses at one code.
[[nodiscard]] int attempts_for(const Guard& guard, const Limits& limits);

/// Why nothing may be sent now to a line at which a hundred guesses in a row were wrong.
[[nodiscard]] std::optional<Problem> slow_fault(const Guard& guard, const Limits& limits, WallTime now);

/// Writes a wrong guess down, at `weight` codes, or one that somebody else is going to judge (`fixed_length`).
void count_wrong_guess(store::Tx& tx, const Context& context, const AccountId& account, store::ContactRow& contact,
                       const Guard& guard, const domain::FailureRules& rules, std::int64_t weight, bool fixed_length,
                       WallTime now);
/// A code was right, or the application says so. Writes only where there is something to forget.
void forget_failures(store::Tx& tx, const AccountId& account, store::ContactRow& contact, const Guard& guard);

}  // namespace countersign::usecase
