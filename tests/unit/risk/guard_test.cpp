#include "risk/guard.h"

#include <gtest/gtest.h>

namespace countersign::risk {
namespace {

constexpr WallTime kNow{std::chrono::hours(500'000)};

void judge_people(Guard& guard, std::uint64_t from, std::uint64_t count, const std::vector<std::string_view>& hard,
                  WallTime now = kNow) {
  for (std::uint64_t i = 0; i < count; ++i) guard.note((from + i) * 0x9E3779B97F4A7C15U, hard, now);
}

TEST(RiskGuard, ARuleThatHitsTooManyEstablishedPeopleFallsBack) {
  Guard guard;
  judge_people(guard, 0, 980, {});
  judge_people(guard, 2000, 20, {"wild"});
  EXPECT_FALSE(guard.fell_back("wild", kNow));  // 2 % of a thousand, not more.
  judge_people(guard, 3000, 1, {"wild", "another"});
  EXPECT_TRUE(guard.fell_back("wild", kNow));
  EXPECT_FALSE(guard.fell_back("another", kNow));
  EXPECT_EQ(guard.fallen(kNow), std::vector<std::string>{"wild"});
}

TEST(RiskGuard, FewPeopleSwitchNoRuleOffHoweverOftenTheyAreJudged) {
  Guard guard;
  for (int i = 0; i < 1000; ++i) judge_people(guard, 0, 19, {"r"});
  EXPECT_FALSE(guard.fell_back("r", kNow));
}

TEST(RiskGuard, WhoComesBackInTheOtherHalfOfTheWindowIsOnePerson) {
  Guard guard;
  judge_people(guard, 0, 12, {"r"});
  judge_people(guard, 0, 12, {"r"}, kNow + std::chrono::hours(13));
  EXPECT_FALSE(guard.fell_back("r", kNow + std::chrono::hours(13))) << "twelve, not twenty-four";
  judge_people(guard, 100, 8, {"r"}, kNow + std::chrono::hours(13));
  EXPECT_TRUE(guard.fell_back("r", kNow + std::chrono::hours(13)));
  // The first half is over, and what it had with it.
  judge_people(guard, 200, 1, {}, kNow + std::chrono::hours(26));
  EXPECT_TRUE(guard.fell_back("r", kNow + std::chrono::hours(26)));
}

TEST(RiskGuard, AHitIsForgottenWithItsHalfThoughThePersonComesBack) {
  Guard guard;
  judge_people(guard, 0, 30, {"r"});
  judge_people(guard, 0, 30, {}, kNow + std::chrono::hours(13));
  EXPECT_TRUE(guard.fell_back("r", kNow + std::chrono::hours(13)));
  judge_people(guard, 0, 30, {}, kNow + std::chrono::hours(26));
  EXPECT_FALSE(guard.fell_back("r", kNow + std::chrono::hours(26)));
}

TEST(RiskGuard, TheShareIsOfPeopleAndNotOfVisits) {
  Guard guard;
  // A thousand in both halves are a thousand: twenty-one of them are more than 2 %.
  judge_people(guard, 0, 1000, {});
  judge_people(guard, 0, 979, {}, kNow + std::chrono::hours(13));
  judge_people(guard, 979, 21, {"r"}, kNow + std::chrono::hours(13));
  EXPECT_TRUE(guard.fell_back("r", kNow + std::chrono::hours(13)));
}

TEST(RiskGuard, TheSampleKeepsTheShareWhenThereAreManyPeople) {
  Guard guard;
  for (std::uint64_t i = 1; i <= 100'000; ++i) {
    std::vector<std::string_view> hard;
    if (i % 10 == 0) hard.emplace_back("tenth");
    if (i % 200 == 0) hard.emplace_back("few");
    guard.note(i * 0x9E3779B97F4A7C15U, hard, kNow);
  }
  EXPECT_TRUE(guard.fell_back("tenth", kNow));
  EXPECT_FALSE(guard.fell_back("few", kNow));
}

TEST(RiskGuard, WhoCameFirstDoesNotFillTheSample) {
  Guard guard;
  judge_people(guard, 1, Guard::kPeopleMax, {});
  judge_people(guard, 1'000'000, 20 * Guard::kPeopleMax, {"late"});
  EXPECT_TRUE(guard.fell_back("late", kNow));
}

TEST(RiskGuard, ThereIsAnEndToTheRulesThatAreCounted) {
  Guard guard({.share = 0, .people_min = 1});
  for (int i = 0; i < 1000; ++i) {
    const std::string name = "rule-" + std::to_string(i);
    judge_people(guard, 0, 1, {name});
  }
  EXPECT_EQ(guard.fallen(kNow).size(), Guard::kRulesCountedMax);
}

TEST(RiskGuard, ItBitesAgainWhenTheWindowIsOverOrTheClockIsSetBack) {
  Guard guard;
  judge_people(guard, 0, 100, {"wild"});
  EXPECT_TRUE(guard.fell_back("wild", kNow + std::chrono::hours(23)));
  EXPECT_FALSE(guard.fell_back("wild", kNow + std::chrono::hours(25)));
  judge_people(guard, 0, 1, {}, kNow + std::chrono::hours(13));
  EXPECT_TRUE(guard.fell_back("wild", kNow + std::chrono::hours(13)));
  judge_people(guard, 0, 1, {}, kNow - std::chrono::hours(1));
  EXPECT_FALSE(guard.fell_back("wild", kNow - std::chrono::hours(1)));
}

TEST(RiskGuard, WhatWasCountedByAClockThatWasAheadSwitchesNothingOff) {
  Guard guard;
  judge_people(guard, 0, 100, {"wild"});
  judge_people(guard, 200, 1, {}, kNow - std::chrono::hours(1));
  EXPECT_FALSE(guard.fell_back("wild", kNow - std::chrono::hours(1)));
}

}  // namespace
}  // namespace countersign::risk
