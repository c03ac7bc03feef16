#include "domain/limits.h"

#include <algorithm>

namespace countersign::domain {

Allowance count_event(const Window& window, const Rate& rate, WallTime now) {
  if (rate.max == 0) return {true, window, Duration::zero()};
  const bool over = window.count == 0 || now - window.start >= rate.per;
  const Window current = over ? Window{now, 0} : window;
  if (current.count < rate.max) return {true, {current.start, current.count + 1}, Duration::zero()};
  // Clamped for a clock that went back: nobody waits longer than one window.
  return {false, window, std::min(current.start + rate.per - now, rate.per)};
}

Duration resend_wait(const std::vector<Duration>& waits, int sends_so_far) {
  if (waits.empty() || sends_so_far <= 0) return Duration::zero();
  return waits[std::min(static_cast<std::size_t>(sends_so_far), waits.size()) - 1];
}

bool is_locked(const Failures& failures, WallTime now) { return failures.locked_until && now < *failures.locked_until; }

Failures after_failure(Failures failures, const FailureRules& rules, WallTime now) {
  ++failures.consecutive;
  if (failures.consecutive >= rules.disable_at) failures.disabled = true;
  if (failures.consecutive % rules.per_lock == 0) {
    const std::int64_t doublings = std::min<std::int64_t>(failures.consecutive / rules.per_lock - 1, 20);
    failures.locked_until = now + std::min(rules.first_lock * (std::int64_t{1} << doublings), rules.longest_lock);
  }
  return failures;
}

}  // namespace countersign::domain
