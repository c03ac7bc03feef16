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

/// Consecutive failures of one authenticator of one person. Never shared between people. [THR-2, THR-4]
struct Failures {
  std::int64_t consecutive = 0;
  std::optional<WallTime> locked_until;
  bool disabled = false;  ///< Until it is bound anew.
  friend bool operator==(const Failures&, const Failures&) = default;
};

struct FailureRules {
  std::int64_t per_lock = 5;                       ///< So many in a row bring a lock.
  Duration first_lock = std::chrono::seconds(30);  ///< Doubles with each lock…
  Duration longest_lock = std::chrono::hours(1);   ///< …up to this.
  std::int64_t disable_at = 100;
};

[[nodiscard]] bool is_locked(const Failures& failures, WallTime now);
[[nodiscard]] Failures after_failure(Failures failures, const FailureRules& rules, WallTime now);

}  // namespace countersign::domain
