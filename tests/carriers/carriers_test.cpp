#include "carriers/carriers.h"

#include <gtest/gtest.h>

// What people are promised while a provider is in trouble, for several seeds.
namespace countersign::testing::carriers {
namespace {

constexpr int kPeople = 2000;

Figures of(std::uint64_t seed, Trouble trouble, Way way) {
  return simulate({.seed = seed, .trouble = trouble, .way = way, .people = kPeople});
}

TEST(Carriers, AnOutageOfOneProviderLeavesNearlyNobodyWithoutACode) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    for (const auto trouble : {Trouble::kNone, Trouble::kRefuses, Trouble::kHangs}) {
      for (const auto way : {Way::kInOrder, Way::kReports})
        EXPECT_GE(of(seed, trouble, way).percent(), 98) << seed << " " << name_of(trouble) << " " << name_of(way);
    }
  }
}

TEST(Carriers, OneProviderAloneWouldLeaveThemWithout) {
  EXPECT_LT(of(1, Trouble::kRefuses, Way::kOneProvider).percent(), 20);
  EXPECT_LT(of(1, Trouble::kHangs, Way::kOneProvider).percent(), 20);
}

TEST(Carriers, AProviderThatSwallowsIsPassedOverSoon) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    EXPECT_EQ(of(seed, Trouble::kSwallows, Way::kInOrder).in_time, 0);
    EXPECT_GE(of(seed, Trouble::kSwallows, Way::kReports).percent(), 98);
    EXPECT_GE(of(seed, Trouble::kOneCountry, Way::kReports).percent(), 98);
  }
}

TEST(Carriers, AProviderThatLosesAPartIsPassedOverSoon) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    for (const auto trouble : {Trouble::kHalf, Trouble::kThird}) {
      const auto lost = of(seed, trouble, Way::kReports);
      EXPECT_GE(lost.percent(), 98) << seed << " " << name_of(trouble);
      EXPECT_LE(lost.messages, kPeople * 120 / 100) << "and few are paid twice";
    }
  }
}

TEST(Carriers, WhoKnowsTheTroubleAtOnceIsTheBound) {
  for (const auto trouble : {Trouble::kSwallows, Trouble::kHalf, Trouble::kThird}) {
    const auto known = of(1, trouble, Way::kKnown);
    EXPECT_GE(known.percent(), of(1, trouble, Way::kReports).percent()) << name_of(trouble);
    EXPECT_GE(known.percent(), 99.5);
  }
}

TEST(Carriers, NobodyIsSentMoreThanOneMessageMore) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const auto swallowed = of(seed, Trouble::kSwallows, Way::kReports);
    EXPECT_LE(swallowed.messages, kPeople * 115 / 100) << "and few are paid twice";
    const auto well = of(seed, Trouble::kNone, Way::kReports);
    EXPECT_LE(well.messages, kPeople * 110 / 100) << "what it costs when nothing is wrong";
  }
}

TEST(Carriers, ASeedIsOneHistory) {
  EXPECT_EQ(of(7, Trouble::kHangs, Way::kReports).micros, of(7, Trouble::kHangs, Way::kReports).micros);
}

}  // namespace
}  // namespace countersign::testing::carriers
