#include "usecase/risk/sending.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <algorithm>
#include <memory>

#include "base/test_account.h"
#include "store/repository/counters.h"
#include "store/repository/retention.h"
#include "tests/unit/usecase/risk/watch.h"
#include "usecase/risk/blocks.h"
#include "usecase/risk/rule_book.h"

// Codes that are asked for to be paid for: where the rules stop them, and whom they never stop. [THR-11]
namespace countersign::testing {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr std::optional<Code> kRefused = Code::kNotAvailableNow;

class Pumped : public Watched {};

/// Several nodes on one database, each with a book of its own.
class Nodes : public Watched {
 public:
  explicit Nodes(int count) {
    for (int i = 0; i < count; ++i) books_.push_back(&new_book());
  }
  void TestBody() override {}

  using Watched::ask;
  using Watched::fixture;
  using Watched::sync;
  [[nodiscard]] int count() const { return static_cast<int>(books_.size()); }
  usecase::RiskBook& at(std::size_t node) { return *books_[node]; }
  /// Without what it had not written down.
  void restart(std::size_t node) {
    fixture.weigh(book);
    books_[node] = &new_book();
    books_[node]->learn(fixture.in([](store::Tx& tx, Moment&) { return store::read_risk_news(tx, 0); }), fixture.now());
  }
  /// Asked for in a unit that is undone.
  void ask_in_vain(const std::string& number) {
    fixture.request().identity = "in vain";
    fixture.request().contacts = {{Channel::kSms, number}};
    fixture.hold();
    fixture.in([&](store::Tx& tx, Moment& moment) {
      static_cast<void>(usecase::start_verification({tx, fixture.context(), fixture.caller(), moment},
                                                    {fixture.current(), {Channel::kSms}, std::nullopt}));
      tx.abandon();
      return Done{};
    });
  }

 private:
  std::vector<usecase::RiskBook*> books_;
};

TEST_F(Pumped, ACountryWithoutAHistoryClosesAfterTwenty) {
  int sent = 0;
  for (int i = 0; i < 60; ++i) sent += ask(cuban(i)) == kYes ? 1 : 0;
  EXPECT_EQ(sent, 20);
  EXPECT_EQ(ask(brazilian(1)), kYes) << "only that country";
  fixture.wait(hours(25));
  EXPECT_EQ(ask(cuban(70)), kYes) << "opens by itself";
}

TEST_F(Pumped, WhoTypesHisOwnCodesGetsNoMore) {
  int sent = 0;
  for (int i = 0; i < 60; ++i) {
    if (ask(cuban(i)) != kYes) continue;
    ++sent;
    EXPECT_EQ(type(), kYes);
  }
  EXPECT_EQ(sent, 20);
}

TEST_F(Pumped, APrefixOfAUsedCountryClosesAndItsCountryStaysOpen) {
  expect("CU", 10'000);
  int sent = 0;
  for (int i = 0; i < 100; ++i) sent += ask(fmt::format("+535123{:04}", i)) == kYes ? 1 : 0;
  EXPECT_LE(sent, 20);
  EXPECT_GE(sent, 5);
  EXPECT_EQ(ask("+5351990001"), kYes) << "a neighbour";
}

TEST_F(Pumped, APersonWhoProvedTheContactIsNeverRefusedByARule) {
  EXPECT_EQ(ask(cuban(0)), kYes);
  const auto person = fixture.request().identity;
  EXPECT_EQ(type(), kYes);
  for (int i = 1; i < 40; ++i) ask(cuban(i));
  EXPECT_EQ(ask(cuban(50)), kRefused);
  for (int day = 0; day < 3; ++day) {
    EXPECT_EQ(ask_as(person, cuban(0)), kYes);
    EXPECT_EQ(last().decision.allow_reason, risk::AllowReason::kProvedContact);
    fixture.wait(hours(1));
  }
}

TEST_F(Pumped, ARefusalSpendsNothingAndSaysNothing) {
  for (int i = 0; i < 20; ++i) ask(cuban(i));
  const auto messages = fixture.count("messages");
  const auto refused = ask_whole(cuban(21));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Code::kNotAvailableNow);
  EXPECT_EQ(refused.error().retry_after, std::nullopt);
  for (const auto* word : {"country", "prefix", "limit", "CU", "risk", "fraud"})
    EXPECT_THAT(refused.error().detail, Not(::testing::HasSubstr(word)));
  EXPECT_EQ(fixture.count("messages"), messages);
  EXPECT_THAT(rules_of(last()), Contains("country_day"));
}

TEST_F(Pumped, InShadowNothingIsRefusedAndAllIsSaid) {
  pumping().mode = risk::PumpingSettings::Mode::kShadow;
  for (int i = 0; i < 30; ++i) EXPECT_EQ(ask(cuban(i)), kYes);
  EXPECT_EQ(last().decision.allow_reason, risk::AllowReason::kShadow);
  EXPECT_THAT(rules_of(last()), Contains("country_day"));
  EXPECT_THAT(blocks(), IsEmpty());
}

TEST_F(Pumped, SwitchedOffNothingIsCounted) {
  pumping().mode = risk::PumpingSettings::Mode::kOff;
  for (int i = 0; i < 30; ++i) EXPECT_EQ(ask(cuban(i)), kYes);
  EXPECT_EQ(book.size(), 0U);
}

TEST_F(Pumped, TestAccountsCountNothing) {
  fixture.settings().accounts.emplace(test_twin_of(fixture.account()), [&] {
    auto twin = fixture.settings().accounts.at(fixture.account());
    twin.id = test_twin_of(fixture.account());
    return twin;
  }());
  fixture.caller().account = test_twin_of(fixture.account());
  for (int i = 0; i < 30; ++i) EXPECT_EQ(decide(cuban(i), {}), kYes);
  EXPECT_EQ(book.size(), 0U);
}

TEST_F(Pumped, ACodeThatALimitRefusesIsNotCounted) {
  unlimited(fixture).sends_per_account = {1, hours(24)};
  EXPECT_EQ(ask(cuban(0)), kYes);
  const auto sent = unverified("CU");
  EXPECT_EQ(ask(cuban(1)), Code::kRateLimited);
  EXPECT_EQ(unverified("CU"), sent);
  const auto window = fixture.in([&](store::Tx& tx, Moment&) {
    return store::find_counter(tx, fixture.account(), usecase::new_country_counter("CU"));
  });
  EXPECT_EQ(window.count, 1);
}

TEST_F(Pumped, AUnitThatIsUndoneCountsNothing) {
  fixture.request().identity = "undone";
  fixture.request().contacts = {{Channel::kSms, cuban(0)}};
  fixture.hold();
  fixture.in([&](store::Tx& tx, Moment& moment) {
    const auto started = usecase::start_verification({tx, fixture.context(), fixture.caller(), moment},
                                                     {fixture.current(), {Channel::kSms}, std::nullopt});
    EXPECT_TRUE(started.has_value());
    EXPECT_EQ(unverified("CU"), 1) << "its neighbours in the commit see it";
    tx.abandon();
    return Done{};
  });
  EXPECT_EQ(unverified("CU"), 0);
  EXPECT_TRUE(book.take_unwritten().counted.empty());
}

TEST_F(Pumped, AnAddressThatAsksAndNeverTypesIsAskedForMore) {
  expect("CU", 100'000);
  come_from("198.51.100.7");
  int sent = 0;
  for (int i = 0; i < 40; ++i) {
    sent += ask(cuban(i)) == kYes ? 1 : 0;
    fixture.wait(minutes(3));
  }
  EXPECT_LE(sent, 12);
  come_from("203.0.113.9");
  EXPECT_EQ(ask(cuban(50)), kYes);
}

TEST_F(Pumped, ACarriersAddressWithManyWhoTypeIsLeftAlone) {
  expect("CU", 100'000);
  come_from("198.51.100.7");
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(ask(cuban(i)), kYes) << i;
    if (i % 6 != 0) {
      EXPECT_EQ(type(), kYes);
    }
    fixture.wait(seconds(30));
  }
}

TEST_F(Pumped, TheSafeListAndRiskCheckSkipAdvisoryRulesAlone) {
  expect("CU", 100'000);
  come_from("198.51.100.7");
  for (int i = 0; i < 40; ++i) {
    ask(cuban(i));
    fixture.wait(minutes(3));
  }
  EXPECT_EQ(decide(cuban(60), {}), kRefused);
  EXPECT_EQ(decide(cuban(60), {.safe_listed = true}), kYes);
  EXPECT_EQ(decide(cuban(60), {.risk_check_disabled = true}), kYes);
  fixture.caller().end_user.reset();
  for (int i = 0; i < 30; ++i) ask(fmt::format("+2420612{:05}", i));
  EXPECT_EQ(decide("+242061200099", {.safe_listed = true}), kRefused) << "what closes a country is not advisory";
  EXPECT_EQ(decide("+242061200099", {.risk_check_disabled = true}), kRefused);
}

TEST_F(Pumped, AClosedPlaceIsTheOperatorsToOpen) {
  for (int i = 0; i < 30; ++i) ask(cuban(i));
  sync();
  const auto closed = blocks();
  ASSERT_THAT(closed, SizeIs(1));
  EXPECT_EQ(closed.front().key, "CU");
  EXPECT_EQ(closed.front().block.step, 1);
  EXPECT_THAT(account_events(), Contains("risk.blocked"));
  EXPECT_EQ(ask(cuban(40)), kRefused);
  EXPECT_EQ(why(lift(closed.front().id)), kYes);
  sync();
  EXPECT_THAT(blocks(), IsEmpty());
  EXPECT_THAT(account_events(), Contains("risk.block_lifted"));
  EXPECT_EQ(ask(cuban(41)), kYes);
  EXPECT_EQ(why(lift(closed.front().id)), Code::kNotFound);
}

TEST_F(Pumped, AClosedPlaceIsToldOfOnceWhereTheAnswerOfACommitIsLost) {
  for (int i = 0; i < 30; ++i) ask(cuban(i));
  auto unwritten = book.take_unwritten();
  ASSERT_THAT(unwritten.blocks, SizeIs(1));
  static_cast<void>(fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::sync_risk(tx, fixture.context(), unwritten, book.seen(), moment);
  }));
  book.put_back(std::move(unwritten));
  sync();
  EXPECT_THAT(blocks(), SizeIs(1));
  EXPECT_EQ(std::ranges::count(account_events(), "risk.blocked"), 1);
}

TEST_F(Pumped, WhatAnOperatorLiftedIsNotClosedByANodeThatHadClosedItBefore) {
  auto& other = new_book();
  for (int i = 0; i < 30; ++i) ask(cuban(i));
  sync();
  fixture.weigh(other);
  fixture.wait(seconds(30));
  EXPECT_EQ(ask(cuban(30)), kRefused);
  const auto closed = blocks();
  ASSERT_THAT(closed, SizeIs(1));
  fixture.wait(seconds(5));
  EXPECT_EQ(why(lift(closed.front().id)), kYes);
  auto unwritten = other.take_unwritten();
  ASSERT_THAT(unwritten.blocks, SizeIs(1));
  other.put_back(std::move(unwritten));
  fixture.wait(seconds(5));
  sync(other);
  EXPECT_THAT(blocks(), IsEmpty());
}

TEST_F(Pumped, WhoKnocksAtAClosedPlaceMakesNothingLonger) {
  for (int i = 0; i < 25; ++i) ask(cuban(i));
  for (int hour = 0; hour < 20; ++hour) {
    fixture.wait(hours(1));
    EXPECT_EQ(ask(cuban(100 + hour)), kRefused);
  }
  sync();
  fixture.wait(hours(5));
  EXPECT_EQ(ask(cuban(200)), kYes);
}

TEST_F(Pumped, APlaceThatIsPumpedEachDayStaysClosedEverLonger) {
  int sent = 0;
  for (int day = 0; day < 11; ++day) {
    for (int i = 0; i < 21; ++i) sent += ask(cuban(day * 30 + i)) == kYes ? 1 : 0;
    sync();
    fixture.wait(hours(25));
  }
  EXPECT_LE(sent, 20 * 5) << "on five days, and then for a week not at all";
}

TEST_F(Pumped, ARestartKnowsWhatWasCounted) {
  for (int i = 0; i < 12; ++i) ask(cuban(i));
  sync();
  auto& after = new_book();
  after.learn(fixture.in([](store::Tx& tx, Moment&) { return store::read_risk_news(tx, 0); }), fixture.now());
  fixture.weigh(after);
  fixture.wait(hours(2));  // Which of them were asked for a moment ago it does not know.
  int sent = 0;
  for (int i = 12; i < 60; ++i) sent += ask(cuban(i)) == kYes ? 1 : 0;
  EXPECT_EQ(sent, 8);
}

TEST_F(Pumped, APersonWhoComesBackMakesHerCountryKnownOnceADay) {
  EXPECT_EQ(ask(cuban(0)), kYes);
  const auto person = fixture.request().identity;
  EXPECT_EQ(type(), kYes);
  fixture.wait(hours(25));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ask_as(person, cuban(0)), kYes);
    EXPECT_EQ(type(), kYes);
    fixture.wait(minutes(11));
  }
  const auto figures = book.figures({fixture.account(), usecase::keys_of_number(cuban(0))}, 0, fixture.now());
  EXPECT_EQ(figures.country->totals.day.established, 1);
}

TEST_F(Pumped, WhoProvedHerContactADayAgoIsEstablished) {
  EXPECT_EQ(ask(cuban(0)), kYes);
  const auto person = fixture.request().identity;
  EXPECT_EQ(type(), kYes);
  const auto established = [&] {
    EXPECT_EQ(ask_as(person, cuban(0)), kYes);
    EXPECT_EQ(type(), kYes);
    return book.figures({fixture.account(), usecase::keys_of_number(cuban(0))}, 0, fixture.now())
        .country->totals.day.established;
  };
  fixture.wait(hours(23));
  EXPECT_EQ(established(), 0);
  fixture.wait(hours(2));
  EXPECT_EQ(established(), 1);
}

/// Nodes that learn of each other late or never, units that are undone, restarts, a clock that goes back: a country
/// without a history has its twenty, and no more.
TEST(PumpedOnNodes, TogetherNoMoreThanTwenty) {
  const bool held = rc::check([] {
    Nodes nodes(*rc::gen::inRange(1, 4));
    const WallTime began = nodes.fixture.now();
    int sent = 0;
    const auto steps = *rc::gen::inRange(20, 60);
    for (int i = 0; i < steps; ++i) {
      const auto node = static_cast<std::size_t>(*rc::gen::inRange(0, nodes.count()));
      nodes.fixture.weigh(nodes.at(node));
      switch (*rc::gen::inRange(0, 8)) {
        case 0:
          nodes.sync(nodes.at(node));
          break;
        case 1:
          nodes.restart(node);
          break;
        case 2:
          nodes.fixture.wait(minutes(*rc::gen::inRange(-30, 31)));
          break;
        case 3:
          nodes.ask_in_vain(Watched::cuban(i));
          break;
        default:
          sent += nodes.ask(Watched::cuban(i)) == kYes ? 1 : 0;
      }
      if (nodes.fixture.now() - began > hours(23)) break;
    }
    RC_ASSERT(sent <= 20);
  });
  EXPECT_TRUE(held);
}

TEST_F(Pumped, WhatIsOverIsDeleted) {
  for (int i = 0; i < 3; ++i) ask(cuban(i));
  sync();
  EXPECT_GT(fixture.count("risk_counts"), 0);
  fixture.wait(hours(28));
  fixture.in([&](store::Tx& tx, Moment& moment) {
    return store::purge(tx, fixture.account(), store::Retention{}, moment.now, 100);
  });
  EXPECT_EQ(fixture.count("risk_counts"), 0);
  book.prune(fixture.now());
  EXPECT_EQ(book.size(), 0U);
}

TEST_F(Pumped, NothingStoredNamesAPersonOrAnAddress) {
  come_from("198.51.100.7");
  for (int i = 0; i < 3; ++i) ask("+5351234567");
  sync();
  const auto cells = fixture.in([](store::Tx& tx, Moment&) { return store::read_risk_news(tx, 0); }).counted;
  EXPECT_FALSE(cells.empty());
  for (const auto& [cell, counted] : cells) {
    EXPECT_THAT(std::string(cell.key.text()), Not(::testing::HasSubstr("4567")));
    EXPECT_THAT(std::string(cell.key.text()), Not(::testing::HasSubstr("198.51")));
  }
}

TEST_F(Pumped, RulesKnowTheTypeTheHourAndTheAgeOfTheContact) {
  std::vector<std::unique_ptr<usecase::RuleBook>> books;
  const auto judge_by = [&](std::string_view when) {
    fixture.settings().accounts.at(fixture.account()).risk.rules = {
        {"mine", {risk::Point::kSend}, *risk::Expression::parse(when), risk::Outcome::kRefuse, false, false}};
    books.push_back(std::make_unique<usecase::RuleBook>(fixture.settings()));
    fixture.judge_by(*books.back());
  };
  fixture.request().expires_in = hours(10);
  fixture.request().type = "payout_account.change";
  judge_by("type == 'payout_account.change' && contact_age_hours < 1");
  EXPECT_EQ(ask(brazilian(1)), kRefused);
  fixture.wait(hours(2));
  EXPECT_EQ(why(fixture.start()), kYes) << "she has had the number for two hours";
  fixture.request().type = "login";
  EXPECT_EQ(ask(brazilian(2)), kYes);
  judge_by("local_hour >= 0");
  EXPECT_EQ(ask(brazilian(3)), kRefused);
  judge_by("local_hour > 23");
  EXPECT_EQ(ask(brazilian(4)), kYes);
}

}  // namespace
}  // namespace countersign::testing
