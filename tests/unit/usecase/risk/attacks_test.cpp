#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/unit/usecase/risk/watch.h"

// The rules about sends as somebody meets them who wants to turn them against a person, or off. [ADR 51]
namespace countersign::testing {
namespace {

using ::testing::SizeIs;

constexpr std::optional<Code> kStopped = Code::kNotAvailableNow;

class Attacked : public Watched {};

TEST_F(Attacked, WhatWasLiftedIsOpenThoughAllCodesWereTyped) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(ask(cuban(i)), kYes);
    ASSERT_EQ(type(), kYes);
  }
  EXPECT_EQ(ask(cuban(20)), kStopped);
  sync();
  ASSERT_THAT(blocks(), SizeIs(1));
  EXPECT_EQ(why(lift(blocks().front().id)), kYes);
  sync();
  for (int i = 21; i < 41; ++i) EXPECT_EQ(ask(cuban(i)), kYes) << i;
  EXPECT_EQ(ask(cuban(41)), kStopped) << "twenty, and not more";
}

TEST_F(Attacked, NumbersOfNoCountryAreCountedToo) {
  for (const auto* const start : {"+8821612", "+8835100", "+97912345", "+8701234"}) {
    int sent = 0;
    for (int i = 0; i < 60; ++i) sent += decide(fmt::format("{}{:05}", start, i * 1111 % 99999), {}) == kYes ? 1 : 0;
    EXPECT_LE(sent, 20) << start;
  }
}

TEST_F(Attacked, MailboxesOfHisOwnMakeNoAddressLookGood) {
  expect("CU", 100'000);
  come_from("198.51.100.7");
  for (int i = 0; i < 100; ++i) {
    fixture.request().identity = fmt::format("mail-{}", i);
    fixture.request().contacts = {{Channel::kEmail, fmt::format("m{}@example.com", i)}};
    fixture.hold();
    ASSERT_EQ(why(fixture.start(Channel::kEmail)), kYes) << i;
    ASSERT_EQ(type(), kYes);
  }
  int sent = 0;
  for (int i = 0; i < 60; ++i) {
    sent += ask(cuban(i)) == kYes ? 1 : 0;
    fixture.wait(minutes(3));
  }
  EXPECT_LE(sent, 12);
  EXPECT_EQ(ask(cuban(90)), kStopped);
  fixture.request().contacts = {{Channel::kEmail, "another@example.com"}};
  fixture.hold();
  EXPECT_EQ(why(fixture.start(Channel::kEmail)), kYes) << "nobody is paid for a mailbox";
}

TEST_F(Attacked, TwoNodesCloseAPlaceOnceAndNoneClosesWhatWasLifted) {
  auto& other = new_book();
  const auto pump = [&](usecase::RiskBook& node, int from) {
    fixture.weigh(node);
    for (int i = from; i < from + 25; ++i) static_cast<void>(ask(cuban(i)));
  };
  for (int i = 0; i < 20; ++i) ASSERT_EQ(ask(cuban(i)), kYes);
  sync();
  sync(other);
  pump(book, 20);
  pump(other, 50);
  sync();
  sync(other);
  ASSERT_THAT(blocks(), SizeIs(1));
  EXPECT_EQ(std::ranges::count(account_events(), "risk.blocked"), 1);
  EXPECT_EQ(why(lift(blocks().front().id)), kYes);
  sync(other);
  sync();
  EXPECT_THAT(blocks(), ::testing::IsEmpty());
  fixture.weigh(other);
  EXPECT_EQ(ask(cuban(90)), kYes) << "on the other node too";
}

TEST_F(Attacked, ACodeIsTakenBackWhereItWasAskedForWhereverItIsTyped) {
  expect("CU", 100'000);
  come_from("198.51.100.7");
  for (int i = 0; i < 30; ++i) {
    come_from("198.51.100.7");
    ASSERT_EQ(ask(cuban(i)), kYes) << i;
    come_from("203.0.113.9");
    ASSERT_EQ(type(), kYes);
    fixture.wait(minutes(3));
  }
}

TEST_F(Attacked, AddressesThatChangeWithinANetworkAreOneAsker) {
  expect("CU", 100'000);
  int of_one_line = 0;
  for (int i = 0; i < 40; ++i) {
    come_from(fmt::format("2001:db8:1:2::{:x}", i + 1));
    of_one_line += ask(cuban(i)) == kYes ? 1 : 0;
    fixture.wait(minutes(3));
  }
  EXPECT_LE(of_one_line, 12) << "a /64 is one address; the last may be typed yet";
  int of_one_network = of_one_line;
  for (int i = 0; i < 60; ++i) {
    come_from(fmt::format("2001:db8:1:{:x}::1", 256 + i));
    of_one_network += ask(cuban(100 + i)) == kYes ? 1 : 0;
    fixture.wait(minutes(3));
  }
  EXPECT_LE(of_one_network, 32) << "a /48 is one network";
  come_from("2001:db8:2::1");
  EXPECT_EQ(ask(cuban(300)), kYes) << "a neighbour";
}

/// More prefixes than a node tells apart.
class Crowded : public Attacked {
 protected:
  Crowded() {
    fixture.weigh(few_);
    expect("CU", 100'000);
    for (int i = 0; i < 60; ++i) {
      static_cast<void>(ask(cuban(i)));
      static_cast<void>(type());
    }
  }
  usecase::RiskBook& few_ = new_book(50);
};

TEST_F(Crowded, WhoComesWithPrefixesThatHaveNoPlaceIsNotRefusedWhileMostAreTyped) {
  int refused = 0;
  for (int i = 60; i < 400; ++i) {
    refused += ask(cuban(i)) == kYes ? 0 : 1;
    if (i % 7 != 0) static_cast<void>(type());
    fixture.wait(seconds(20));
  }
  EXPECT_EQ(refused, 0);
}

TEST_F(Crowded, AFloodThatNobodyTypesClosesItself) {
  int sent = 0;
  for (int i = 60; i < 400; ++i) {
    sent += ask(cuban(i)) == kYes ? 1 : 0;
    fixture.wait(seconds(20));
  }
  EXPECT_LE(sent, 50);
  sync(few_);
  EXPECT_THAT(blocks(), ::testing::IsEmpty()) << "no row for each prefix that somebody thinks of";
}

TEST_F(Attacked, PrefixesWithoutAPlaceDoNotMakeEachOtherUsual) {
  auto& few = new_book(5);
  fixture.weigh(few);
  expect("CU", 100'000);
  for (int day = 0; day < 2; ++day) {
    for (int i = 0; i < 100; ++i) {
      ASSERT_EQ(ask_as(fmt::format("known-{}", i), cuban(i)), kYes) << i;
      ASSERT_EQ(type(), kYes);
      fixture.wait(minutes(3));
    }
    fixture.wait(hours(25));
  }
  int sent = 0;
  for (int i = 0; i < 200; ++i) {
    sent += ask(fmt::format("+535777{:04}", i)) == kYes ? 1 : 0;
    fixture.wait(seconds(20));
  }
  EXPECT_LE(sent, 40);
}

}  // namespace
}  // namespace countersign::testing
