#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "domain/limits.h"
#include "domain/price.h"

namespace countersign::domain {

// Money that messages may cost, by UTC days. Amounts are millionths of one currency. Pure. [ADR 51]

/// The currency of budgets, and what others cost in it.
struct Exchange {
  std::string currency;  ///< Three capital letters; empty: nothing is counted.
  /// What one unit of another currency costs, in millionths.
  std::map<std::string, std::int64_t, std::less<>> rates = {};
};
/// Rounded up; nullopt for a currency without a rate.
[[nodiscard]] std::optional<std::int64_t> exchanged(const Price& price, const Exchange& exchange);

/// What may be spent on one day.
struct Budget {
  std::int64_t limit = 0;    ///< Up to here, whoever a message goes to.
  std::int64_t reserve = 0;  ///< Beyond that, to people who have proved the contact.
  friend bool operator==(const Budget&, const Budget&) = default;
};
/// The sum that may not be exceeded by a message to somebody who has, or has not, proved the contact.
[[nodiscard]] std::int64_t most_of(const Budget& budget, bool proved);

/// More than any budget. What has no budget is counted up to here.
inline constexpr std::int64_t kMostMoney = 1'000'000'000'000'000'000;

/// When the UTC day of `now` began.
[[nodiscard]] WallTime day_begin(WallTime now);

/// Spends `price` (0 to kMostMoney) in the window of a day, whose `count` is the amount. Allowed if the sum is then at
/// most `most`. As count_event(), except that a window begins with its day: a clock that was set back stays in the
/// later day, and never begins one anew.
[[nodiscard]] Allowance spend(const Window& spent, std::int64_t most, std::int64_t price, WallTime now);
/// What has been spent on the day of `now`.
[[nodiscard]] std::int64_t spent_on_day(const Window& spent, WallTime now);

enum class BudgetState : std::uint8_t {
  kOpen,
  kNearlySpent,        ///< 80 % of the limit.
  kClosedToStrangers,  ///< The cheapest message would exceed the limit…
  kClosed,             ///< …and the reserve.
};
[[nodiscard]] std::string_view to_text(BudgetState state);
/// `cheapest`: the price of the cheapest message that it pays for, at least 1.
[[nodiscard]] BudgetState state_of(const Budget& budget, std::int64_t spent, std::int64_t cheapest);

}  // namespace countersign::domain
