#include "domain/routing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "domain/price.h"
#include "support/fake_time.h"

// Which provider carries a message, and which takes over.

namespace countersign::domain {
namespace {

using routing::Candidate;
using routing::Sharing;

using Tried = std::vector<std::string>;

TEST(Routing, InOrderIsTheOrder) {
  const std::vector<Candidate> list{{"a"}, {"b"}, {"c"}};
  EXPECT_EQ(routing::preference(list, Sharing::kInOrder, "+5511987654321"), (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(routing::first_of(list), 0U);
  EXPECT_EQ(routing::next_of(list, Tried{"a"}), 1U);
  EXPECT_EQ(routing::next_of(list, Tried{"a", "b"}), 2U);
  EXPECT_EQ(routing::next_of(list, Tried{"a", "b", "c"}), std::nullopt);
}

TEST(Routing, ByWeightEachHasItsShareAndAnAddressItsProvider) {
  std::vector<Candidate> list{{"a", 3}, {"b", 1}, {"none", 0}};
  std::map<std::size_t, int> firsts;
  std::map<std::string, std::size_t> before;
  for (int n = 0; n < 4000; ++n) {
    const std::string number = fmt::format("+551198{:07}", n);
    const auto order = routing::preference(list, Sharing::kByWeight, number);
    EXPECT_EQ(order, routing::preference(list, Sharing::kByWeight, number));
    EXPECT_EQ(order.back(), 2U) << "without weight, for want of the others";
    before[number] = order.front();
    ++firsts[order.front()];
  }
  EXPECT_NEAR(firsts[0], 3000, 120);
  EXPECT_NEAR(firsts[1], 1000, 120);
  list[1].weight = 2;
  for (const auto& [number, place] : before) {
    const auto now = routing::preference(list, Sharing::kByWeight, number).front();
    EXPECT_TRUE(now == place || now == 1U) << "a larger share takes from the others, and gives to none of them";
  }
}

TEST(Routing, WhatFailsOrIsDrainedIsPassedOverAndNobodyIsLeftWithoutAWay) {
  EXPECT_EQ(routing::first_of(std::vector<Candidate>{{.name = "a", .failing = true}, {.name = "b"}}), 1U);
  EXPECT_EQ(routing::first_of(std::vector<Candidate>{{.name = "a", .drained = true}, {.name = "b"}}), 1U);
  EXPECT_EQ(routing::first_of(std::vector<Candidate>{{.name = "a", .drained = true}, {.name = "b", .failing = true}}),
            1U)
      << "what fails will work again; what is drained is out of use";
  EXPECT_EQ(routing::first_of(std::vector<Candidate>{{.name = "a", .drained = true}}), 0U);
  EXPECT_EQ(routing::first_of(std::vector<Candidate>{}), std::nullopt);
  const std::vector<Candidate> list{{.name = "a"}, {.name = "b", .failing = true}, {.name = "c", .drained = true}};
  EXPECT_EQ(routing::next_of(list, Tried{"a"}), std::nullopt);
}

TEST(Routing, AProviderThatMakesCodesIsForAVerificationOfItsOwn) {
  const std::vector<Candidate> list{{.name = "ours"}, {.name = "verify", .makes_codes = true}, {.name = "other"}};
  EXPECT_EQ(routing::next_of(list, Tried{"ours"}), 2U);
  EXPECT_EQ(routing::first_of(list, true), 1U);
  EXPECT_EQ(routing::first_of(list, false), 0U);
  EXPECT_EQ(routing::first_of(std::vector<Candidate>{{.name = "ours"}}, true), std::nullopt);
}

TEST(Routing, ATriesAreBounded) {
  std::vector<Candidate> list;
  const std::vector<std::string> names{"a", "b", "c", "d", "e", "f"};
  for (const auto& name : names) list.push_back({name});
  Tried tried{"a"};
  while (const auto next = routing::next_of(list, tried)) tried.push_back(names[*next]);
  EXPECT_EQ(tried.size(), routing::kTriesMax);
}

TEST(Routing, OnlyACertainRefusalAboutTheProviderGoesOn) {
  EXPECT_TRUE(routing::goes_on({.about_provider = true}));
  EXPECT_FALSE(routing::goes_on({.doubtful = true, .about_provider = true})) << "it may have been sent";
  EXPECT_FALSE(routing::goes_on({.about_provider = false})) << "the number is wrong";
  EXPECT_FALSE(routing::goes_on({.accepted = true, .about_provider = true}));
}

TEST(Price, IsReadAndWrittenExactly) {
  for (const auto* const text : {"0.05 USD", "0.0079 USD", "12.00 BRL", "0.000001 EUR"})
    EXPECT_EQ(to_text(parse_price(text).value()), text);
  EXPECT_EQ(parse_price("3 CLP"), (Price{3'000'000, "CLP"}));
  for (const auto* const text : {"", "USD", "0.05", "0.05USD", "0.05 usd", "-1 USD", "1. USD", ".5 USD", "1e3 USD",
                                 "0.0000001 USD", "1234567 USD", "0,05 USD"})
    EXPECT_EQ(parse_price(text), std::nullopt) << text;
}

TEST(Price, SumsStayInTheirCurrency) {
  std::vector<Price> sums;
  EXPECT_EQ(to_text(sums), std::nullopt);
  add(sums, *parse_price("0.05 USD"));
  add(sums, *parse_price("0.20 BRL"));
  add(sums, *parse_price("0.0079 USD"));
  EXPECT_EQ(to_text(sums), "0.0579 USD + 0.20 BRL");
}

struct SilenceTest : ::testing::Test {
  Id line() { return Id::make(moment); }
  void make_silent() {
    while (!silence.silent()) static_cast<void>(unreported(line(), tenant));
  }
  bool unreported(const Id& address, const Id& account) { return silence.unreported(address, account, clock.now()); }
  testing::FakeClock clock;
  testing::SeededRandom random;
  Moment moment{clock.now(), random};
  routing::Silence silence;
  Id tenant = line();
};

TEST_F(SilenceTest, BeginsWithTenLinesThatNothingReaches) {
  for (std::size_t i = 1; i < routing::kSilentAfter; ++i) EXPECT_FALSE(unreported(line(), tenant)) << i;
  EXPECT_FALSE(silence.silent());
  EXPECT_TRUE(unreported(line(), tenant)) << "from now on";
  EXPECT_TRUE(silence.silent());
  EXPECT_FALSE(unreported(line(), tenant)) << "already";
}

TEST_F(SilenceTest, OneTelephoneThatIsOffSilencesNobody) {
  const Id off = line();
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(unreported(off, tenant));
}

TEST_F(SilenceTest, TelephonesOfOneTenantSilenceItForThatTenantAlone) {
  const Id other = line();
  const Id third = line();
  for (int i = 0; i < 100; ++i) static_cast<void>(unreported(line(), tenant));
  EXPECT_TRUE(silence.silent_to(tenant));
  EXPECT_FALSE(silence.silent_to(other));
  // With as many lines of another one it is the provider.
  for (std::size_t i = 1; i < routing::kSilentOfOne; ++i) EXPECT_FALSE(unreported(line(), other)) << i;
  EXPECT_FALSE(silence.silent_to(third));
  EXPECT_TRUE(unreported(line(), other));
  EXPECT_TRUE(silence.silent_to(third)) << "whoever it is";
}

TEST_F(SilenceTest, FiveTrialsInARowThatWereDeliveredEndIt) {
  make_silent();
  clock.advance(std::chrono::seconds(1));
  for (std::size_t i = 1; i < routing::kTrialsToTrust; ++i) {
    silence.delivered(clock.now());
    EXPECT_TRUE(silence.silent()) << i;
    EXPECT_TRUE(silence.take_trial()) << "the next is tried at once";
  }
  static_cast<void>(unreported(line(), tenant));  // The row is broken.
  for (std::size_t i = 1; i < routing::kTrialsToTrust; ++i) silence.delivered(clock.now());
  EXPECT_TRUE(silence.silent());
  silence.delivered(clock.now());
  EXPECT_FALSE(silence.silent());
  for (std::size_t i = 1; i < routing::kSilentAfter; ++i) EXPECT_FALSE(unreported(line(), tenant)) << "counted anew";
}

TEST_F(SilenceTest, WhatWasAcceptedBeforeItBeganIsNoTrial) {
  const auto before = clock.now();
  clock.advance(std::chrono::seconds(1));
  make_silent();
  for (int i = 0; i < 100; ++i) silence.delivered(before);
  EXPECT_TRUE(silence.silent());
}

TEST_F(SilenceTest, BeginsWhereMoreThanOneOfFiveIsLost) {
  const auto rounds_until_silent = [&](int delivered_for_each_lost) {
    silence = {};
    for (int round = 1; round <= 1000; ++round) {
      static_cast<void>(unreported(line(), tenant));
      if (silence.silent()) return round;
      for (int i = 0; i < delivered_for_each_lost; ++i) silence.delivered(clock.now());
    }
    return 0;
  };
  EXPECT_LE(rounds_until_silent(1), 15) << "half";
  EXPECT_LE(rounds_until_silent(2), 30) << "one of three";
  EXPECT_LE(rounds_until_silent(3), 40) << "one of four";
  EXPECT_EQ(rounds_until_silent(4), 0) << "one of five";
  EXPECT_EQ(rounds_until_silent(19), 0);
}

TEST_F(SilenceTest, DeliveriesBeforeAnythingIsLostAreNoCredit) {
  for (int i = 0; i < 1000; ++i) silence.delivered(clock.now());
  for (std::size_t i = 1; i < routing::kSilentAfter; ++i) EXPECT_FALSE(unreported(line(), tenant));
  EXPECT_TRUE(unreported(line(), tenant));
}

TEST_F(SilenceTest, OneMessageAMinuteTriesIt) {
  silence.look(clock.monotonic());
  EXPECT_FALSE(silence.take_trial()) << "it works";
  make_silent();
  for (int minute = 0; minute < 3; ++minute) {
    silence.look(clock.monotonic());
    EXPECT_FALSE(silence.take_trial());
    clock.advance(routing::kTrialEvery);
    silence.look(clock.monotonic());
    EXPECT_TRUE(silence.take_trial());
    EXPECT_FALSE(silence.take_trial()) << "one";
  }
}

}  // namespace
}  // namespace countersign::domain
