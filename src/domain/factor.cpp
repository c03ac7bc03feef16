#include "domain/factor.h"

#include <algorithm>
#include <array>

#include "base/names.h"

namespace countersign::domain {

namespace {

constexpr std::array<std::string_view, 4> kFactorStatuses{"unconfirmed", "active", "suspended", "removed"};

}  // namespace

std::string_view to_text(FactorStatus status) { return kFactorStatuses.at(static_cast<std::size_t>(status)); }

std::optional<FactorStatus> parse_factor_status(std::string_view text) {
  return value_named<FactorStatus>(kFactorStatuses, text);
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
  FactorChecked checked = record_code(factor, step.has_value(), rules, now);
  if (!step) return checked;
  checked.next.last_step = step;
  checked.next.drift_steps = std::clamp<std::int64_t>(*step - current_step, -1, 1);
  return checked;
}

FactorChecked record_code(const Factor& factor, bool right, const FailureRules& rules, WallTime now) {
  Factor next = factor;
  if (right) {
    next.failures = Failures{};
    return {FactorOutcome::kAccepted, next, std::nullopt};
  }
  next.failures = after_failure(factor.failures, rules, now);
  if (factor.failures.disabled) next.failures = locked_at_least_until(next.failures, now + kSleepAfterGuess);
  if (next.failures.consecutive >= rules.disable_at) next.failures.disabled = true;
  const auto until = is_locked(next.failures, now) ? next.failures.locked_until : std::nullopt;
  return {FactorOutcome::kWrongCode, next, until};
}

Factor woken(Factor factor) {
  factor.failures = Failures{};
  return factor;
}

std::optional<Factor> confirmed(Factor factor, WallTime now) {
  if (factor.status != FactorStatus::kUnconfirmed) return std::nullopt;
  factor.status = FactorStatus::kActive;
  factor.confirmed_at = now;
  return factor;
}

std::optional<Factor> removed(Factor factor, WallTime now) {
  if (factor.status == FactorStatus::kRemoved) return std::nullopt;
  factor.status = FactorStatus::kRemoved;
  factor.removed_at = now;
  return factor;
}

}  // namespace countersign::domain
