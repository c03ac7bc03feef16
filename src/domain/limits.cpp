#include "domain/limits.h"

#include <algorithm>

namespace countersign::domain {

Allowance count_event(const Window& window, const Rate& rate, WallTime now) {
  if (rate.max == 0) return {true, window, Duration::zero()};
  const bool over = window.count == 0 || now - window.start >= rate.per;
  const Window current = over ? Window{now, 0} : window;
  if (current.count < rate.max) return {true, {current.start, current.count + 1}, Duration::zero()};
  // Clamped for a clock that was set back: the wait is at most one window.
  return {false, window, std::min(current.start + rate.per - now, rate.per)};
}

Duration resend_wait(const std::vector<Duration>& waits, int sends_so_far) {
  if (waits.empty() || sends_so_far <= 0) return Duration::zero();
  return waits[std::min(static_cast<std::size_t>(sends_so_far), waits.size()) - 1];
}

Rate strangers_part(const Rate& rate, int percent) {
  if (rate.max == 0) return rate;
  // In two steps, so that the largest rate does not overflow.
  return {std::max<std::int64_t>(1, rate.max / 100 * percent + rate.max % 100 * percent / 100), rate.per};
}

bool is_locked(const Failures& failures, WallTime now) { return failures.locked_until && now < *failures.locked_until; }

Failures after_failure(Failures failures, const FailureRules& rules, WallTime now, std::int64_t weight) {
  const std::int64_t locks_before = failures.consecutive / rules.per_lock;
  failures.consecutive += weight;
  const std::int64_t locks = failures.consecutive / rules.per_lock;
  if (locks == locks_before) return failures;
  const std::int64_t doublings = std::min<std::int64_t>(locks - 1, 20);
  failures.locked_until = now + std::min(rules.first_lock * (std::int64_t{1} << doublings), rules.longest_lock);
  return failures;
}

bool is_slowed(const Failures& failures, const FailureRules& rules) { return failures.consecutive >= rules.disable_at; }

Failures locked_at_least_until(Failures failures, WallTime until) {
  failures.locked_until = std::max(failures.locked_until.value_or(until), until);
  return failures;
}

}  // namespace countersign::domain
