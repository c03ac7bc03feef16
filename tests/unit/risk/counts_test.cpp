#include "risk/counts.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <vector>

namespace countersign::risk {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Counted kOne{1, 0, 0};
const WallTime kBegan = from_micros(1'800'000'000'000'000);

AccountId account(std::uint8_t number = 1) {
  AccountId id;
  id.id.raw.fill(number);
  return id;
}
CountKey prefix(std::string_view text) { return CountKey::of(account(), Kind::kPrefix, text); }

TEST(RiskCounts, AnHourAndADayPass) {
  Counts counts(100);
  counts.add(prefix("+551199"), kOne, kBegan);
  EXPECT_EQ(counts.totals(prefix("+551199"), kBegan).day.sent, 1);
  EXPECT_EQ(counts.totals(prefix("+551199"), kBegan).hour.sent, 1);
  EXPECT_EQ(counts.totals(prefix("+551199"), kBegan + hours(2)).hour.sent, 0);
  EXPECT_EQ(counts.totals(prefix("+551199"), kBegan + hours(23)).day.sent, 1);
  EXPECT_EQ(counts.totals(prefix("+551199"), kBegan + hours(25)).day.sent, 0);
  EXPECT_EQ(counts.totals(prefix("+551198"), kBegan).day.sent, 0);
  EXPECT_EQ(counts.totals(CountKey::of(account(2), Kind::kPrefix, "+551199"), kBegan).day.sent, 0);
}

TEST(RiskCounts, AClockThatGoesBackForgetsNothing) {
  Counts counts(100);
  counts.add(prefix("+551199"), kOne, kBegan);
  EXPECT_EQ(counts.totals(prefix("+551199"), kBegan - hours(30)).day.sent, 1);
  EXPECT_EQ(counts.totals(prefix("+551199"), kBegan - hours(30)).hour.sent, 1);
}

TEST(RiskCounts, WhatIsUsualIsTheMostOfTodayAndFourteenDaysBefore) {
  Counts counts(100);
  const auto key = CountKey::of(account(), Kind::kCountryDays, "BR");
  counts.add(key, {0, 0, 70}, kBegan);
  counts.add(key, {0, 0, 5}, kBegan + hours(24));
  EXPECT_EQ(counts.daily_max(key, kBegan), 70) << "today counts";
  EXPECT_EQ(counts.daily_max(key, kBegan + hours(48)), 70);
  EXPECT_EQ(counts.daily_max(key, kBegan + hours(24 * 14)), 70);
  EXPECT_EQ(counts.daily_max(key, kBegan + hours(24 * 15)), 5);
}

TEST(RiskCounts, WhatAClockAheadHasCountedMakesNothingUsual) {
  Counts counts(100);
  const auto key = CountKey::of(account(), Kind::kCountryDays, "BR");
  counts.add(key, {0, 0, 500}, kBegan + hours(48));
  EXPECT_EQ(counts.daily_max(key, kBegan), 0);
}

TEST(RiskCounts, WhoeverTypesLateOwesNobodyACode) {
  Counts counts(100);
  counts.add(prefix("+551199"), kOne, kBegan);
  counts.note_young(prefix("+551199"), -1, kBegan);
  EXPECT_EQ(counts.totals(prefix("+551199"), kBegan).young, 0);
}

TEST(RiskCounts, WhatIsYoungIsHeldAgainstNobodyForAMoment) {
  Counts counts(100);
  counts.add(prefix("+551199"), kOne, kBegan);
  counts.note_young(prefix("+551199"), 1, kBegan);
  EXPECT_EQ(counts.totals(prefix("+551199"), kBegan).young, 1);
  EXPECT_EQ(counts.totals(prefix("+551199"), kBegan + 2 * kYoung).young, 0);
  counts.note_young(prefix("+551199"), -1, kBegan);
  EXPECT_EQ(counts.totals(prefix("+551199"), kBegan).young, 0);
}

TEST(RiskCounts, AKeyOfAnotherNodeWithoutAPlaceHereIsNotTakenForAllOthers) {
  Counts counts(2);
  for (int i = 0; i < 10; ++i) counts.add(prefix(fmt::format("+2{:08}", i)), kOne, kBegan);
  const auto more = counts.set({prefix("+299999999"), hour_of(kBegan)}, {100, 0, 0});
  EXPECT_TRUE(more.empty());
  EXPECT_EQ(counts.totals(prefix("+288888888"), kBegan).day.sent, 8);
}

TEST(RiskCounts, WhatOthersAreUsedForMakesNothingUsual) {
  Counts counts(3);
  const auto by_day = [](std::string_view text) { return CountKey::of(account(), Kind::kPrefixDays, text); };
  for (int i = 0; i < 50; ++i) counts.add(by_day(fmt::format("+2{:08}", i)), {0, 0, 1}, kBegan);
  EXPECT_EQ(counts.daily_max(by_day("+200000000"), kBegan), 1);
  EXPECT_EQ(counts.daily_max(by_day("+200000040"), kBegan), 0);
  EXPECT_TRUE(counts.totals(by_day("+200000040"), kBegan).together);
  EXPECT_FALSE(counts.totals(by_day("+200000000"), kBegan).together);
}

TEST(RiskCounts, AFloodOfKeysIsCountedTogetherAndForgetsNobody) {
  Counts counts(1'000);
  counts.add(prefix("+551199"), {7, 0, 0}, kBegan);
  for (int i = 0; i < 10'000; ++i) counts.add(prefix(fmt::format("+2{:08}", i)), kOne, kBegan);
  EXPECT_LE(counts.size(), 1'001U);
  EXPECT_EQ(counts.totals(prefix("+551199"), kBegan).day.sent, 7);
  EXPECT_EQ(counts.totals(prefix("+999999999"), kBegan).day.sent, 10'001 - 1'000) << "one of the others";
  const auto other_tenant = CountKey::of(account(2), Kind::kPrefix, "+1");
  counts.add(other_tenant, kOne, kBegan);
  EXPECT_EQ(counts.totals(other_tenant, kBegan).day.sent, 1) << "another account has its own table";
  counts.prune(kBegan + hours(26));
  EXPECT_EQ(counts.size(), 0U);
  EXPECT_EQ(counts.size_of(account(), Kind::kPrefix), 0U);
}

/// Whatever is counted and taken back, what is left is what a plain sum has.
TEST(RiskCounts, WhatIsTakenBackWasNeverThere) {
  const bool held = rc::check([] {
    Counts counts(50);
    std::map<std::string, std::int32_t> expected;
    struct Open {
      Cell cell;
      std::string key;
    };
    std::vector<Open> open;
    WallTime now = kBegan;
    const auto steps = *rc::gen::inRange(1, 200);
    for (int i = 0; i < steps; ++i) {
      now += minutes(*rc::gen::inRange(-10, 11));
      if (!open.empty() && *rc::gen::inRange(0, 3) == 0) {
        const auto which = static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, open.size()));
        counts.take_back(open[static_cast<std::size_t>(which)].cell, kOne);
        --expected[open[static_cast<std::size_t>(which)].key];
        open.erase(open.begin() + which);
        continue;
      }
      const std::string key = fmt::format("+{}", *rc::gen::inRange(0, 20));
      open.push_back({counts.add(prefix(key), kOne, now), key});
      ++expected[key];
    }
    for (const auto& [key, sent] : expected) {
      // The walk stays within the day unless it went far.
      if (std::chrono::abs(now - kBegan) < hours(12)) RC_ASSERT(counts.totals(prefix(key), now).day.sent == sent);
    }
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace countersign::risk
