#pragma once

#include "domain/limits.h"

namespace countersign::domain {

/// How long failures at a line are counted despite successes.
inline constexpr Duration kFailuresYear = std::chrono::days(365);

/// Protects one line or mailbox against guesses of one person, or of all people who never proved it. A line is the
/// number, whatever the channel. [STD-20, STD-21]
struct LineGuard {
  Failures failures;                     ///< Consecutive.
  Window year;                           ///< Failures within a year; a success does not clear them.
  std::optional<WallTime> slow_send_at;  ///< While slowed: the time of the last sending.
  friend bool operator==(const LineGuard&, const LineGuard&) = default;
};

/// While slowed, one start an hour is allowed, and two guesses at its code.
[[nodiscard]] bool is_slowed(const LineGuard& guard, const FailureRules& rules);

/// Whether codes need at least kSlowedCodeLength digits: while the line is slowed, and after a hundred failures within
/// a year despite successes between them. Otherwise each success would allow a hundred more guesses.
[[nodiscard]] bool needs_long_code(const LineGuard& guard, const FailureRules& rules, WallTime now);

/// The wait before a slowed line may receive another message; zero if none.
[[nodiscard]] Duration slow_wait(const LineGuard& guard, const FailureRules& rules, WallTime now);

/// State after a message to the line; nullopt if nothing changes, because it is not slowed.
[[nodiscard]] std::optional<LineGuard> after_send(LineGuard guard, const FailureRules& rules, WallTime now);
/// `weight`: number of codes the guess was tried against. `fixed_length`: a provider made the code, so it cannot be
/// longer and a wait after the guess replaces that.
[[nodiscard]] LineGuard after_wrong(LineGuard guard, const FailureRules& rules, WallTime now, std::int64_t weight,
                                    bool fixed_length);
/// Undoes a guess that was counted as wrong but never judged, with the lock that it caused.
[[nodiscard]] LineGuard taken_back(LineGuard guard, const FailureRules& rules, std::int64_t weight);
/// State after a success, or after the application's request.
[[nodiscard]] LineGuard after_right(LineGuard guard);

}  // namespace countersign::domain
