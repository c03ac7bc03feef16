#include "domain/budget.h"

#include <algorithm>

namespace countersign::domain {

namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kMillionths = 1'000'000;
constexpr std::int64_t kWarnAtPercent = 80;
constexpr Duration kOneDay = std::chrono::hours(24);

}  // namespace

std::optional<std::int64_t> exchanged(const Price& price, const Exchange& exchange) {
  if (price.currency == exchange.currency) return price.micros;
  const auto rate = exchange.rates.find(price.currency);
  if (rate == exchange.rates.end()) return std::nullopt;
  const Wide product = Wide(price.micros) * rate->second;
  return static_cast<std::int64_t>(std::min<Wide>((product + kMillionths - 1) / kMillionths, kMostMoney));
}

std::int64_t most_of(const Budget& budget, bool proved) { return budget.limit + (proved ? budget.reserve : 0); }

WallTime day_begin(WallTime now) { return std::chrono::floor<std::chrono::days>(now); }

Allowance spend(const Window& spent, std::int64_t most, std::int64_t price, WallTime now) {
  const WallTime today = day_begin(now);
  const bool over = spent.count == 0 || today > spent.start;
  const Window current = over ? Window{today, 0} : spent;
  if (price <= most - current.count) return {true, {current.start, current.count + price}, Duration::zero()};
  // Clamped for a clock that was set back: the wait is at most one day.
  return {false, spent, std::min(current.start + kOneDay - now, kOneDay)};
}

std::int64_t spent_on_day(const Window& spent, WallTime now) { return day_begin(now) > spent.start ? 0 : spent.count; }

std::string_view to_text(BudgetState state) {
  switch (state) {
    case BudgetState::kOpen:
      break;
    case BudgetState::kNearlySpent:
      return "nearly_spent";
    case BudgetState::kClosedToStrangers:
      return "closed_to_strangers";
    case BudgetState::kClosed:
      return "closed";
  }
  return "open";
}

BudgetState state_of(const Budget& budget, std::int64_t spent, std::int64_t cheapest) {
  if (cheapest > most_of(budget, true) - spent) return BudgetState::kClosed;
  if (cheapest > budget.limit - spent) return BudgetState::kClosedToStrangers;
  return Wide(spent) * 100 >= Wide(budget.limit) * kWarnAtPercent ? BudgetState::kNearlySpent : BudgetState::kOpen;
}

}  // namespace countersign::domain
