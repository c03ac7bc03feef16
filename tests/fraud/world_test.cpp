#include "fraud/world.h"

#include <gtest/gtest.h>

namespace countersign::testing::fraud {
namespace {

/// A small platform, so that a test takes no time.
Figures with_product(Attack attack, int new_on_sale = 300) {
  const Terms terms{.seed = 5, .attack = attack, .days_before = 2, .new_on_sale = new_on_sale};
  Product product(expected_of(terms));
  return simulate(product, terms);
}

TEST(FraudWorld, WithoutRulesAllIsPaid) {
  Nothing nothing;
  const auto figures =
      simulate(nothing, {.seed = 5, .attack = Attack::kNewCountry, .days_before = 1, .new_on_sale = 100});
  EXPECT_EQ(figures.paid, figures.tried);
  EXPECT_GT(figures.paid_in_a_day, 2'500);
}

TEST(FraudWorld, ACountryWithoutAHistoryHasTwenty) {
  for (const auto attack : {Attack::kNewCountry, Attack::kSomeTyped, Attack::kOwnApp}) {
    const auto figures = with_product(attack);
    EXPECT_LE(figures.paid_in_a_day, 20) << name_of(attack);
    EXPECT_GT(figures.tried, 5'000) << name_of(attack);
  }
}

TEST(FraudWorld, OneSeedIsOneHistory) {
  const auto once = with_product(Attack::kNewPrefix);
  const auto again = with_product(Attack::kNewPrefix);
  EXPECT_EQ(once.paid, again.paid);
  EXPECT_EQ(once.newcomers, again.newcomers);
}

TEST(FraudWorld, ASaleIsNoAttack) {
  const auto figures = with_product(Attack::kNone, 3'000);
  EXPECT_LE(static_cast<double>(figures.asked_for_more), 0.001 * static_cast<double>(figures.newcomers));
  EXPECT_EQ(figures.proved_stopped, 0);
}

}  // namespace
}  // namespace countersign::testing::fraud
