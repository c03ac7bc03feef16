#include "risk/pumping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

// Each rule once where it bites, and once where it spares.
namespace countersign::risk {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;

const WallTime kJudgedAt = from_micros(1'800'000'000'000'000);

std::vector<std::string> rules(const SendFigures& figures) {
  std::vector<std::string> names;
  for (const auto& match : pumping_matches(figures)) names.push_back(match.rule);
  return names;
}

SendFigures::Place place(Counted day, std::int32_t daily_max = 0, Counted hour = {}, std::int32_t young = 0) {
  return {{day, hour, young}, daily_max};
}
SendFigures in_country(SendFigures::Place country, std::int64_t expected = 0) {
  SendFigures figures;
  figures.country = country;
  figures.expected = expected;
  return figures;
}

TEST(Pumping, ACountryWithoutAHistoryHasTwentyADay) {
  EXPECT_THAT(rules(in_country(place({19, 0, 0}))), IsEmpty());
  EXPECT_THAT(rules(in_country(place({20, 0, 0}))), Contains("country_day"));
  EXPECT_THAT(rules(in_country(place({20, 20, 0}))), Contains("country_day"))
      << "codes that the attacker types himself make no country look good";
}

TEST(Pumping, ACountryWithAHistoryHasAThirdOfItsUsual) {
  EXPECT_THAT(rules(in_country(place({299, 0, 0}, 1'000))), IsEmpty());
  EXPECT_THAT(rules(in_country(place({300, 0, 0}, 1'000))), Contains("country_day"));
  EXPECT_THAT(rules(in_country(place({1'000, 800, 0}, 1'000))), IsEmpty()) << "new people who type theirs";
  EXPECT_THAT(rules(in_country(place({1'300, 1'300, 0}, 1'000))), Contains("country_day"))
      << "not more of them than is usual";
}

TEST(Pumping, TheFirstDayIsAsTheOperatorExpectsIt) {
  EXPECT_THAT(rules(in_country(place({20'000, 17'000, 0}, 0, {20'000, 17'000, 0}), 20'000)), IsEmpty());
  EXPECT_THAT(rules(in_country(place({6'000, 0, 0}, 0), 20'000)), Contains("country_day"));
  EXPECT_THAT(rules(in_country(place({60, 0, 0}, 0), 0)), Contains("country_day"));
}

TEST(Pumping, AnHourIsThreeWhereNobodyTypes) {
  EXPECT_THAT(rules(in_country(place({3, 0, 0}, 0, {3, 0, 0}))), Contains("country_hour"));
  EXPECT_THAT(rules(in_country(place({3, 2, 0}, 0, {3, 2, 0}))), IsEmpty());
  EXPECT_THAT(rules(in_country(place({3, 0, 0}, 0, {3, 0, 0}, 3))), IsEmpty()) << "they may be typed yet";
}

TEST(Pumping, APrefixClosesBeforeItsCountry) {
  auto figures = in_country(place({5, 0, 0}));
  figures.prefix = place({5, 0, 0});
  EXPECT_THAT(rules(figures), Contains("prefix_day"));
  EXPECT_THAT(rules(figures), Not(Contains("country_day")));
  figures.prefix = place({4, 0, 0});
  EXPECT_THAT(rules(figures), Not(Contains("prefix_day")));
  figures.prefix = place({20, 0, 0}, 100);
  EXPECT_THAT(rules(figures), Not(Contains("prefix_day"))) << "thirty, of a hundred usual";
  figures.prefix = place({30, 0, 0}, 100);
  EXPECT_THAT(rules(figures), Contains("prefix_day"));
}

TEST(Pumping, APrefixOfAUsedCountryHasTwentyAtMost) {
  auto figures = in_country(place({21, 0, 0}, 100'000));
  figures.prefix = place({19, 0, 0});
  EXPECT_THAT(rules(figures), IsEmpty());
  figures.prefix = place({20, 0, 0});
  EXPECT_THAT(rules(figures), Contains("prefix_day"));
}

TEST(Pumping, APrefixThatIsNeverTypedClosesWithinTheHour) {
  auto figures = in_country(place({4, 0, 0}, 1'000));
  figures.prefix = place({4, 0, 0}, 0, {4, 0, 0});
  EXPECT_THAT(rules(figures), Contains("prefix_hour"));
  figures.prefix = place({4, 3, 0}, 0, {4, 3, 0});
  EXPECT_THAT(rules(figures), IsEmpty());
}

TEST(Pumping, ARangeClosesWhoSpreadsOverItsPrefixes) {
  auto figures = in_country(place({75, 0, 0}, 1'000));
  figures.range = place({74, 0, 0});
  EXPECT_THAT(rules(figures), IsEmpty());
  figures.range = place({75, 0, 0});
  EXPECT_THAT(rules(figures), Contains("range_day"));
}

TEST(Pumping, AnAddressThatTypesNothingIsAskedForMore) {
  SendFigures figures;
  figures.address = Totals{{10, 0, 0}, {}, 0};
  const auto matches = pumping_matches(figures);
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches.front().rule, "address_day");
  EXPECT_EQ(matches.front().outcome, Outcome::kAnotherKind);
  EXPECT_TRUE(matches.front().advisory);
  figures.address = Totals{{60, 48, 0}, {60, 48, 0}, 0};
  EXPECT_THAT(rules(figures), IsEmpty()) << "a carrier's address, with many behind it";
  figures.address = Totals{{5, 0, 0}, {5, 0, 0}, 0};
  EXPECT_THAT(rules(figures), Contains("address_hour"));
  figures.address = Totals{{5, 0, 0}, {5, 0, 0}, 4};
  EXPECT_THAT(rules(figures), IsEmpty());
}

TEST(Pumping, ANetworkLikewise) {
  SendFigures figures;
  figures.network = Totals{{30, 0, 0}, {}, 0};
  EXPECT_THAT(rules(figures), Contains("network_day"));
  figures.network = Totals{{200, 160, 0}, {}, 0};
  EXPECT_THAT(rules(figures), IsEmpty());
}

TEST(Pumping, AnAddressThatAsksForManyCountriesIsAskedForMore) {
  SendFigures figures;
  figures.address_countries = 3;
  EXPECT_THAT(rules(figures), Contains("address_countries"));
  figures.address_countries = 2;
  EXPECT_THAT(rules(figures), IsEmpty());
}

TEST(Pumping, WhatIsNotKnownIsHeldAgainstNobody) { EXPECT_THAT(rules({}), IsEmpty()); }

TEST(Pumping, TheCeilingIsForCountriesWithoutAHistory) {
  EXPECT_EQ(exact_ceiling(in_country(place({}))), 20);
  EXPECT_EQ(exact_ceiling(in_country(place({}, 1'000))), std::nullopt);
  EXPECT_EQ(exact_ceiling(in_country(place({}), 1'000)), std::nullopt);
  EXPECT_EQ(exact_ceiling(in_country(place({20, 20, 0}))), 20) << "typed by strangers alone";
  EXPECT_EQ(exact_ceiling({}), std::nullopt) << "a mailbox";
}

TEST(Pumping, OnlyPlacesAreClosed) {
  EXPECT_EQ(closes("country_day"), Kind::kCountry);
  EXPECT_EQ(closes("prefix_hour"), Kind::kPrefix);
  EXPECT_EQ(closes("range_day"), Kind::kRange);
  EXPECT_EQ(closes("address_day"), std::nullopt);
  EXPECT_EQ(closes("country_hour"), std::nullopt);
}

TEST(Pumping, BlocksGrowFromMinutesToPermanent) {
  std::optional<Block> block;
  std::vector<Duration> lengths;
  WallTime now = kJudgedAt;
  for (int i = 0; i < 7; ++i) {
    block = next_block(block, false, false, now);
    lengths.push_back(block->until - block->started_at);
    now = block->until + hours(1);
  }
  EXPECT_EQ(lengths.front(), minutes(10));
  EXPECT_TRUE(std::ranges::is_sorted(lengths));
  EXPECT_EQ(lengths.at(5), kPermanently);
  EXPECT_EQ(lengths.at(6), kPermanently);
}

TEST(Pumping, BlocksAreForgottenAndLifted) {
  const auto first = next_block({}, false, false, kJudgedAt);
  const auto second = next_block(first, false, false, first.until + hours(1));
  EXPECT_EQ(second.step, 2);
  EXPECT_EQ(next_block(first, false, false, first.until + kBlockForgotten).step, 1);
  auto lifted = second;
  lifted.lifted_at = second.started_at;
  EXPECT_FALSE(lifted.is_closed(second.started_at));
  EXPECT_EQ(next_block(lifted, false, false, second.until).step, 1);
  EXPECT_TRUE(first.is_closed(first.until - Duration(1)));
  EXPECT_FALSE(first.is_closed(first.until));
}

TEST(Pumping, WhereSomebodyIsKnownNothingIsClosedForLong) {
  Block block{5, kJudgedAt - hours(200), kJudgedAt - hours(30), {}};
  EXPECT_EQ(next_block(block, true, false, kJudgedAt).until, kJudgedAt + kBlockWithHistory);
  EXPECT_EQ(next_block(block, false, true, kJudgedAt).until, kJudgedAt + hours(24)) << "where codes are typed, a day";
  EXPECT_EQ(next_block(block, false, false, kJudgedAt).until, kJudgedAt + kPermanently);
}

TEST(Pumping, EveryKindHasAName) {
  for (std::size_t i = 0; i < kKinds; ++i) {
    const auto kind = static_cast<Kind>(i);
    EXPECT_EQ(parse_kind(to_text(kind)), kind);
  }
  EXPECT_EQ(parse_kind("x"), std::nullopt);
}

}  // namespace
}  // namespace countersign::risk
