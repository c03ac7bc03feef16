#include "usecase/risk/decide.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <algorithm>

#include "base/test_account.h"
#include "store/repository/retention.h"
#include "tests/unit/usecase/script.h"
#include "usecase/risk/decision_log.h"
#include "usecase/risk/decisions.h"

// Decisions of the fraud rules: recorded where they are made, and read by whoever wants to know why. [ADR 51]
namespace countersign::testing {
namespace {

using risk::AllowReason;
using risk::Feature;
using risk::Outcome;
using risk::Point;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using usecase::DecisionLog;

risk::Match match(std::string rule, Outcome outcome) {
  risk::Match made;
  made.rule = std::move(rule);
  made.outcome = outcome;
  made.figures = {{"country_unverified_day", 21, 20}};
  return made;
}

class RiskDecide : public ::testing::Test {
 protected:
  RiskDecide() { fixture.record_decisions(log); }

  usecase::Decided decide(usecase::Deciding deciding) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::decide({tx, fixture.context(), fixture.caller(), moment}, deciding);
    });
  }
  usecase::Decided decide(std::string rule, Outcome outcome, Point point = Point::kSend) {
    usecase::Deciding deciding;
    deciding.point = point;
    deciding.matches = {match(std::move(rule), outcome)};
    return decide(std::move(deciding));
  }
  void write_down() {
    auto decided = log.take();
    fixture.in([&](store::Tx& tx, Moment&) {
      usecase::write_decisions(tx, decided);
      return Done{};
    });
  }
  store::DecisionPage list(const store::DecisionFilter& filter = {}) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::list_decisions({tx, fixture.context(), fixture.caller(), moment}, filter);
    });
  }
  /// All pages after each other; the rules that matched first.
  std::vector<std::string> rules(store::DecisionFilter filter = {}) {
    std::vector<std::string> found;
    do {
      const auto page = list(filter);
      for (const auto& record : page.records) found.push_back(record.decision.matches.front().rule);
      filter.after = page.next;
    } while (filter.after);
    return found;
  }

  Fixture fixture;
  DecisionLog log;
};

TEST_F(RiskDecide, WhatWasComparedIsThere) {
  const auto transaction = fixture.hold();
  usecase::Deciding deciding;
  deciding.service = fixture.service();
  deciding.transaction = transaction;
  deciding.matches = {match("country_day", Outcome::kRefuse), match("night", Outcome::kNote)};
  deciding.matches.back().advisory = true;
  deciding.leniency.proved_contact = true;
  deciding.features.set(Feature::kCountryUnverifiedDay, 21);
  deciding.features.set(Feature::kModelScore, 0.25);
  deciding.features.words.channel = "sms";
  deciding.keys.country = "BR";
  deciding.keys.prefix = "+551198765";
  deciding.keys.address = std::string(16, '\x80');
  const auto decided = decide(deciding);
  EXPECT_EQ(decided.outcome(), Outcome::kAllow);
  write_down();

  const auto page = list();
  ASSERT_EQ(page.records.size(), 1U);
  const auto& record = page.records.front();
  EXPECT_EQ(record.id, decided.id);
  EXPECT_EQ(record.at, fixture.now());
  EXPECT_EQ(record.decision, decided.decision);
  EXPECT_EQ(record.decision.allow_reason, AllowReason::kProvedContact);
  EXPECT_EQ(record.transaction, transaction);
  EXPECT_EQ(record.features.get(Feature::kCountryUnverifiedDay), 21);
  EXPECT_EQ(record.features.get(Feature::kModelScore), 0.25);
  EXPECT_EQ(record.features.get(Feature::kAmount), std::nullopt);
  EXPECT_EQ(record.features.words.channel, "sms");
  EXPECT_EQ(record.features.words.service, "default");
  EXPECT_EQ(record.keys, deciding.keys);
}

TEST_F(RiskDecide, ARefusalIsRecordedThoughItsUnitIsUndone) {
  fixture.in([&](store::Tx& tx, Moment& moment) {
    usecase::Deciding deciding;
    deciding.matches = {match("refused", Outcome::kRefuse)};
    static_cast<void>(usecase::decide({tx, fixture.context(), fixture.caller(), moment}, deciding));
    tx.abandon();
    return Done{};
  });
  write_down();
  EXPECT_THAT(rules(), ElementsAre("refused"));
}

TEST_F(RiskDecide, AUnitThatFailsOrRunsAgainLeavesNothingTwice) {
  int runs = 0;
  InPlace home;
  std::vector<std::function<void()>> waiting;
  const auto once = fixture.store().transact_now([&](store::Tx& tx) {
    ++runs;
    Moment moment{fixture.now(), fixture.random()};
    static_cast<void>(usecase::decide({tx, fixture.context(), fixture.caller(), moment}, {}));
    if (runs < 0) tx.abandon();
    throw store::StoreFailure({store::StoreError::Code::kFailed, "a bug"});
    return Done{};
  });
  EXPECT_FALSE(once.has_value());
  EXPECT_THAT(log.take(), IsEmpty());
}

TEST_F(RiskDecide, FiltersNarrowTheList) {
  decide("a", Outcome::kRefuse);
  fixture.wait(hours(1));
  const WallTime middle = fixture.now();
  decide("b", Outcome::kNote, Point::kClaim);
  usecase::Deciding abroad;
  abroad.matches = {match("c", Outcome::kRefuse)};
  abroad.keys.country = "PT";
  decide(abroad);
  write_down();
  EXPECT_EQ(rules().size(), 3U);
  EXPECT_EQ(rules().back(), "a");
  EXPECT_THAT(rules({.outcome = Outcome::kNote}), ElementsAre("b"));
  EXPECT_THAT(rules({.point = Point::kClaim}), ElementsAre("b"));
  EXPECT_THAT(rules({.country = "PT"}), ElementsAre("c"));
  EXPECT_THAT(rules({.rule = "a"}), ElementsAre("a"));
  EXPECT_THAT(rules({.made = {.since = std::nullopt, .until = middle}}), ElementsAre("a"));
  EXPECT_EQ(rules({.made = {.since = middle, .until = std::nullopt}}).size(), 2U);
  EXPECT_THAT(rules({.transaction = fixture.hold()}), IsEmpty());
}

TEST_F(RiskDecide, OfAnotherAccountNothingIsSeen) {
  decide("a", Outcome::kRefuse);
  write_down();
  fixture.caller().account = test_twin_of(fixture.account());
  EXPECT_THAT(rules(), IsEmpty());
}

TEST_F(RiskDecide, TheyGoAfterAMonth) {
  decide("a", Outcome::kRefuse);
  write_down();
  const auto purge = [&] {
    fixture.in([&](store::Tx& tx, Moment& moment) {
      return store::purge(tx, fixture.account(), store::Retention{}, moment.now, 10);
    });
  };
  fixture.wait(std::chrono::days(30));
  purge();
  EXPECT_EQ(rules().size(), 1U);
  fixture.wait(seconds(1));
  purge();
  EXPECT_THAT(rules(), IsEmpty());
}

TEST_F(RiskDecide, AFloodIsDroppedAndCounted) {
  for (std::size_t i = 0; i < DecisionLog::kWaitingMax + 7; ++i) log.add(fixture.account(), {});
  EXPECT_EQ(log.dropped(), 7U);
  EXPECT_EQ(log.take().at(fixture.account()).size(), DecisionLog::kWaitingMax);
}

/// Rows of several nodes overlap in time: whatever they hold, each decision is on one page, the newest first.
TEST_F(RiskDecide, PagesHaveEachOnceInOrder) {
  Fixture world;
  const bool held = rc::check([&] {
    Moment made{world.now(), world.random()};
    const auto account = AccountId::make(made);
    const auto count = *rc::gen::inRange(1, 60);
    const auto nodes = *rc::gen::inRange(1, 4);
    std::vector<std::vector<risk::Record>> by_node(static_cast<std::size_t>(nodes));
    std::vector<DecisionId> all;
    for (int i = 0; i < count; ++i) {
      world.wait(std::chrono::milliseconds(*rc::gen::inRange(0, 900)));
      risk::Record record;
      Moment moment{world.now(), world.random()};
      record.id = DecisionId::make(moment);
      record.at = moment.now;
      all.push_back(record.id);
      by_node.at(static_cast<std::size_t>(*rc::gen::inRange(0, nodes))).push_back(std::move(record));
    }
    for (const auto& records : by_node) {
      world.in([&](store::Tx& tx, Moment&) {
        store::add_decisions(tx, account, records);
        return Done{};
      });
    }
    std::vector<DecisionId> seen;
    store::DecisionFilter filter;
    filter.limit = *rc::gen::inRange(1, 10);
    do {
      const auto page = world.in([&](store::Tx& tx, Moment&) { return store::list_decisions(tx, account, filter); });
      for (const auto& record : page.records) seen.push_back(record.id);
      filter.after = page.next;
    } while (filter.after);
    std::ranges::sort(all, std::ranges::greater{});
    RC_ASSERT(seen == all);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace countersign::testing
