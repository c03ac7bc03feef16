#include "domain/factor.h"

#include <algorithm>
#include <array>

namespace countersign::domain {

namespace {

constexpr std::array<std::string_view, 4> kFactorStatuses{"unconfirmed", "active", "suspended", "removed"};

}  // namespace

std::string_view to_text(FactorStatus status) { return kFactorStatuses.at(static_cast<std::size_t>(status)); }

std::optional<FactorStatus> parse_factor_status(std::string_view text) {
  const auto at = std::find(kFactorStatuses.begin(), kFactorStatuses.end(), text);
  if (at == kFactorStatuses.end()) return std::nullopt;
  return static_cast<FactorStatus>(at - kFactorStatuses.begin());
}

std::optional<FactorChecked> why_not_checkable(const Factor& factor, FactorStatus wanted, WallTime now,
                                               bool accompanied) {
  const bool usable = factor.status == wanted && (wanted != FactorStatus::kUnconfirmed || now < factor.confirm_by);
  const bool sleeps = factor.failures.disabled && !accompanied;
  if (!usable || sleeps) return FactorChecked{FactorOutcome::kUnusable, factor, std::nullopt};
  if (is_locked(factor.failures, now))
    return FactorChecked{FactorOutcome::kLocked, factor, factor.failures.locked_until};
  return std::nullopt;
}

FactorChecked record_totp(const Factor& factor, std::optional<std::int64_t> step, std::int64_t current_step,
                          const FailureRules& rules, WallTime now) {
  Factor next = factor;
  if (!step) {
    next.failures = after_failure(factor.failures, rules, now);
    if (factor.failures.disabled) next.failures = locked_at_least_until(next.failures, now + kSleepAfterGuess);
    if (next.failures.consecutive >= rules.disable_at) next.failures.disabled = true;
    const auto until = is_locked(next.failures, now) ? next.failures.locked_until : std::nullopt;
    return {FactorOutcome::kWrongCode, next, until};
  }
  next.last_step = step;
  next.drift_steps = std::clamp<std::int64_t>(*step - current_step, -1, 1);
  next.failures = Failures{};
  return {FactorOutcome::kAccepted, next, std::nullopt};
}

Factor woken(Factor factor) {
  factor.failures = Failures{};
  return factor;
}

Factor confirmed(Factor factor, WallTime now) {
  factor.status = FactorStatus::kActive;
  factor.confirmed_at = now;
  return factor;
}

}  // namespace countersign::domain
