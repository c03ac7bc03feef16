#pragma once

#include <optional>
#include <vector>

#include "base/time.h"

namespace countersign::domain {

// Limits are state that is stored beside what they guard and changed in the same database transaction. The arithmetic
// is here; it neither reads a clock nor knows where a counter lives.

/// At most `max` events in `per`; 0 events means unlimited.
struct Rate {
  std::int64_t max = 0;
  Duration per{};
  friend bool operator==(const Rate&, const Rate&) = default;
};

/// Events since `start`. A window begins with its first event, so a burst cannot straddle a boundary of the calendar;
/// in the worst case twice `max` events fall into one `per`, which the smaller limits above it bound.
struct Window {
  WallTime start{};
  std::int64_t count = 0;
  friend bool operator==(const Window&, const Window&) = default;
};

struct Allowance {
  bool allowed;
  Window next;             ///< With the event counted, if it was allowed; else unchanged.
  Duration retry_after{};  ///< When not allowed.
};

/// A wall clock that was set back counts as the same window, never as a fresh one.
[[nodiscard]] Allowance count_event(const Window& window, const Rate& rate, WallTime now);

/// How long after its last sending a verification may be sent again, growing with each: 30 s, 60 s, 2 min, 5 min.
/// [THR-7]
[[nodiscard]] Duration resend_wait(const std::vector<Duration>& waits, int sends_so_far);

/// Of a budget that strangers and people who are known share, what strangers may use: `percent` of it, at least one.
[[nodiscard]] Rate strangers_part(const Rate& rate, int percent);

/// Consecutive failures of one person by one source: an authenticator, a telephone line, a mailbox. [STD-20]
struct Failures {
  std::int64_t consecutive = 0;
  std::optional<WallTime> locked_until;
  bool disabled = false;  ///< Of an authenticator alone: it sleeps (domain/factor.h). A line is never ended.
  friend bool operator==(const Failures&, const Failures&) = default;
};

struct FailureRules {
  std::int64_t per_lock = 5;                       ///< So many in a row bring a lock.
  Duration first_lock = std::chrono::seconds(30);  ///< Doubles with each lock…
  Duration longest_lock = std::chrono::hours(1);   ///< …up to this.
  std::int64_t disable_at = 100;                   ///< From here on an app sleeps, and a line is slowed.
};

/// What holds for a line or mailbox of which a hundred in a row were wrong (FailureRules::disable_at), until a success:
/// it is never ended, or strangers could end a person's number, but guessing at it is hardly worth the message.
/// [STD-20, THR-4]
inline constexpr int kSlowedCodeLength = 8;
inline constexpr int kSlowedAttempts = 2;
inline constexpr Duration kSlowedStartEvery = std::chrono::hours(1);
/// One guess at a code that a provider makes, which we cannot lengthen, and at an app that another kind has woken.
inline constexpr Duration kSleepAfterGuess = std::chrono::hours(48);

[[nodiscard]] bool is_locked(const Failures& failures, WallTime now);
/// `weight`: at how many codes it was a guess. A lock comes with each further `per_lock` of them.
[[nodiscard]] Failures after_failure(Failures failures, const FailureRules& rules, WallTime now,
                                     std::int64_t weight = 1);
[[nodiscard]] bool is_slowed(const Failures& failures, const FailureRules& rules);
/// A lock that lasts at least until then.
[[nodiscard]] Failures locked_at_least_until(Failures failures, WallTime until);

}  // namespace countersign::domain
