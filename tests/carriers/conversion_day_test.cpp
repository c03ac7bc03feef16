#include <gtest/gtest.h>

#include "carriers/conversion.h"
#include "domain/conversion.h"

// What learned weights do for people in a country where one provider delivers poorly, late, or well.
namespace countersign::testing::carriers {
namespace {

DayFigures of(std::uint64_t seed, Weakness weakness, bool learned) {
  return simulate_day({.seed = seed, .weakness = weakness, .learned = learned});
}

TEST(LearnedWeights, TakeCodesAwayFromAProviderThatLosesOrDelaysThem) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    for (const auto weakness : {Weakness::kPoor, Weakness::kLate}) {
      const auto fixed = of(seed, weakness, false);
      const auto learned = of(seed, weakness, true);
      EXPECT_GE(learned.troubled, fixed.troubled + 15) << seed << " " << name_of(weakness);
      EXPECT_GE(learned.troubled, 90) << seed << " " << name_of(weakness);
      EXPECT_LE(learned.share_then, domain::conversion::kShareMax / 4) << seed;
      EXPECT_GE(learned.elsewhere, 97) << "elsewhere nothing changes";
    }
  }
}

TEST(LearnedWeights, ComeBackOnceTheProviderDelivers) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const auto learned = of(seed, Weakness::kPoor, true);
    EXPECT_GT(learned.share_after, learned.share_then) << seed;
    EXPECT_GE(learned.after, 97) << seed;
  }
}

TEST(LearnedWeights, StayWhereNothingIsWrong) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) EXPECT_EQ(of(seed, Weakness::kNone, true).moves, 0) << seed;
}

}  // namespace
}  // namespace countersign::testing::carriers
