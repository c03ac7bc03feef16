#include "domain/line_guard.h"

#include <algorithm>

namespace countersign::domain {

bool is_slowed(const LineGuard& guard, const FailureRules& rules) { return is_slowed(guard.failures, rules); }

bool needs_long_code(const LineGuard& guard, const FailureRules& rules, WallTime now) {
  const bool this_year = now - guard.year.start < kFailuresYear;
  return is_slowed(guard, rules) || (this_year && guard.year.count >= rules.disable_at);
}

Duration slow_wait(const LineGuard& guard, const FailureRules& rules, WallTime now) {
  if (!is_slowed(guard, rules) || !guard.slow_send_at) return Duration::zero();
  return std::clamp<Duration>(*guard.slow_send_at + kSlowedStartEvery - now, Duration::zero(), kSlowedStartEvery);
}

std::optional<LineGuard> after_send(LineGuard guard, const FailureRules& rules, WallTime now) {
  if (!is_slowed(guard, rules)) return std::nullopt;
  guard.slow_send_at = now;
  return guard;
}

LineGuard after_wrong(LineGuard guard, const FailureRules& rules, WallTime now, std::int64_t weight,
                      bool fixed_length) {
  if (guard.year.count == 0 || now - guard.year.start >= kFailuresYear) guard.year = {now, 0};
  guard.year.count += weight;
  guard.failures = after_failure(guard.failures, rules, now, weight);
  if (fixed_length && needs_long_code(guard, rules, now))
    guard.failures = locked_at_least_until(guard.failures, now + kSleepAfterGuess);
  return guard;
}

LineGuard taken_back(LineGuard guard, const FailureRules& rules, std::int64_t weight) {
  const std::int64_t before = guard.failures.consecutive;
  const std::int64_t after = std::max<std::int64_t>(0, before - weight);
  const bool brought_lock = before / rules.per_lock != after / rules.per_lock;
  // On a slowed line, a guess at a provider's code locks by itself.
  if (brought_lock || before >= rules.disable_at || guard.year.count >= rules.disable_at)
    guard.failures.locked_until.reset();
  guard.failures.consecutive = after;
  guard.year.count = std::max<std::int64_t>(0, guard.year.count - weight);
  return guard;
}

LineGuard after_right(LineGuard guard) {
  guard.failures = Failures{};
  guard.slow_send_at.reset();
  return guard;
}

}  // namespace countersign::domain
