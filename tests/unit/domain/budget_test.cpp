#include "domain/budget.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>

namespace countersign::domain {
namespace {

using std::chrono::hours;

const WallTime kDay = day_begin(WallTime(std::chrono::days(20'000)));

TEST(Budget, IsSpentUpToItsLastMillionth) {
  Window window;
  const auto pay = [&](std::int64_t price, WallTime now) {
    const auto paid = spend(window, 100, price, now);
    window = paid.next;
    return paid.allowed;
  };
  EXPECT_TRUE(pay(99, kDay));
  EXPECT_FALSE(pay(2, kDay));
  EXPECT_TRUE(pay(1, kDay + hours(24) - Duration(1)));
  EXPECT_FALSE(pay(1, kDay + hours(24) - Duration(1)));
  EXPECT_EQ(spend(window, 100, 1, kDay + hours(20)).retry_after, hours(4));
  EXPECT_TRUE(pay(100, kDay + hours(24)));
  EXPECT_EQ(window.start, kDay + hours(24));
  EXPECT_FALSE(pay(1, kDay));  // The clock was set back: the later day goes on.
  EXPECT_EQ(spend(window, 100, 1, kDay).retry_after, hours(24));
  EXPECT_EQ(spent_on_day(window, kDay), 100);
  EXPECT_EQ(spent_on_day(window, kDay + hours(48)), 0);
}

TEST(Budget, NeverOverflows) {
  EXPECT_TRUE(rc::check("whatever is spent", [] {
    Window window;
    for (int i = 0; i < 40; ++i) {
      const auto price = *rc::gen::inRange<std::int64_t>(0, kMostMoney + 1);
      const auto paid = spend(window, kMostMoney, price, kDay);
      window = paid.next;
      RC_ASSERT(window.count <= kMostMoney);
      RC_ASSERT(window.count >= 0);
    }
  }));
}

TEST(Budget, StatesFollowWhatTheCheapestMessageCosts) {
  const Budget budget{100, 20};
  EXPECT_EQ(state_of(budget, 79, 5), BudgetState::kOpen);
  EXPECT_EQ(state_of(budget, 80, 5), BudgetState::kNearlySpent);
  EXPECT_EQ(state_of(budget, 95, 5), BudgetState::kNearlySpent);
  EXPECT_EQ(state_of(budget, 96, 5), BudgetState::kClosedToStrangers);
  EXPECT_EQ(state_of(budget, 115, 5), BudgetState::kClosedToStrangers);
  EXPECT_EQ(state_of(budget, 116, 5), BudgetState::kClosed);
  EXPECT_EQ(most_of(budget, false), 100);
  EXPECT_EQ(most_of(budget, true), 120);
}

TEST(Exchange, IsRoundedUpSoThatNothingIsForFree) {
  const Exchange exchange{"BRL", {{"USD", 5'400'001}}};
  EXPECT_EQ(exchanged({50'000, "BRL"}, exchange), 50'000);
  EXPECT_EQ(exchanged({50'000, "USD"}, exchange), 270'001);
  EXPECT_EQ(exchanged({1, "USD"}, exchange), 6);
  EXPECT_EQ(exchanged({1, "EUR"}, exchange), std::nullopt);
  const Exchange dear{"BRL", {{"USD", 1'000'000'000'000}}};
  EXPECT_EQ(exchanged({std::numeric_limits<std::int64_t>::max(), "USD"}, dear), kMostMoney);
}

TEST(Sums, AreLargerThanPrices) {
  EXPECT_EQ(parse_sum("123456789.5 BRL"), (Price{123'456'789'500'000, "BRL"}));
  EXPECT_FALSE(parse_sum("1234567890 BRL"));
  EXPECT_FALSE(parse_price("1234567 BRL"));
  EXPECT_EQ(parse_rate_of_exchange("5.4"), 5'400'000);
  EXPECT_FALSE(parse_rate_of_exchange("0"));
  EXPECT_FALSE(parse_rate_of_exchange("-1"));
  EXPECT_FALSE(parse_rate_of_exchange("5,4"));
}

}  // namespace
}  // namespace countersign::domain
