#pragma once

#include "domain/limits.h"

namespace countersign::domain {

/// What guards one line or mailbox against one person's guesses, or against those of all who have never proved it.
/// A line is the number whatever the channel. [STD-20, STD-21]
struct LineGuard {
  Failures failures;                     ///< In a row.
  Window year;                           ///< Failures of a year, which a success does not forget.
  std::optional<WallTime> slow_send_at;  ///< While it is slowed: when something was sent last.
  friend bool operator==(const LineGuard&, const LineGuard&) = default;
};

/// Whether one start an hour is all there is, and two guesses at its code.
[[nodiscard]] bool is_slowed(const LineGuard& guard, const FailureRules& rules);

/// Whether codes are to be of kSlowedCodeLength digits at least: while it is slowed, and after a hundred failures
/// within a year although there were successes between them. Without that, each success would pay for a hundred more
/// guesses.
[[nodiscard]] bool needs_long_code(const LineGuard& guard, const FailureRules& rules, WallTime now);

/// How long until a slowed line may be written to again; zero where it may.
[[nodiscard]] Duration slow_wait(const LineGuard& guard, const FailureRules& rules, WallTime now);

/// `weight`: at how many codes it was a guess. `fixed_length`: a provider made the code, so it cannot be lengthened and
/// the wait after the guess must do.
[[nodiscard]] LineGuard after_wrong(LineGuard guard, const FailureRules& rules, WallTime now, std::int64_t weight,
                                    bool fixed_length);
/// A guess that was counted as wrong, and that nobody has judged: with the lock that it brought.
[[nodiscard]] LineGuard taken_back(LineGuard guard, const FailureRules& rules, std::int64_t weight);
/// A success, or the application's word.
[[nodiscard]] LineGuard after_right(LineGuard guard);

}  // namespace countersign::domain
