#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <array>
#include <set>

#include "store/repository/retention.h"
#include "store/repository/risk_people.h"
#include "tests/unit/usecase/risk/watch.h"

// What makes a place usual: established people who typed a code there, each once a day, whatever nodes they come to.
namespace countersign::testing {
namespace {

constexpr auto kNumber = "+5511980000001";

class TypedOnce : public Watched {
 public:
  void TestBody() override {}

  SubjectId person() {
    return fixture.in([](store::Tx&, Moment& moment) { return SubjectId::make(moment); });
  }
  void type_at(usecase::RiskBook& node, const SubjectId& who) { type_at(node, who, fixture.now()); }
  void type_at(usecase::RiskBook& node, const SubjectId& who, WallTime at) {
    node.typed_by_established({fixture.account(), usecase::keys_of_number(kNumber)}, who, at);
  }
  /// Of today's hours; the days have as many, on a day that is the best.
  std::int32_t known_at(const usecase::RiskBook& node) {
    const auto figures = node.figures({fixture.account(), usecase::keys_of_number(kNumber)}, 0, fixture.now());
    EXPECT_EQ(figures.country->totals.day.established, figures.prefix->totals.day.established);
    EXPECT_EQ(figures.country->daily_max, figures.prefix->daily_max);
    return figures.country->totals.day.established;
  }
  std::int32_t best_day_at(const usecase::RiskBook& node) {
    return node.figures({fixture.account(), usecase::keys_of_number(kNumber)}, 0, fixture.now()).country->daily_max;
  }
  store::RiskNews read(const usecase::RiskBook& node) {
    return fixture.in([&](store::Tx& tx, Moment&) { return store::read_risk_news(tx, node.seen()); });
  }

  using Watched::fixture;
  using Watched::sync;
  usecase::RiskBook& a = new_book();
  usecase::RiskBook& b = new_book();
};

TEST_F(TypedOnce, OnTheSecondNodeAfterTheFirstHasWritten) {
  const auto who = person();
  type_at(a, who);
  EXPECT_EQ(known_at(a), 1) << "at once";
  sync(a);
  type_at(b, who);
  EXPECT_EQ(known_at(b), 1);
  for (auto* node : {&b, &a, &b}) sync(*node);
  EXPECT_EQ(known_at(a), 1);
  EXPECT_EQ(known_at(b), 1);
  EXPECT_EQ(best_day_at(a), 1);
  EXPECT_EQ(best_day_at(b), 1);
  type_at(b, person());
  for (auto* node : {&b, &a}) sync(*node);
  EXPECT_EQ(known_at(a), 2) << "another person";
  EXPECT_EQ(best_day_at(a), 2);
}

TEST_F(TypedOnce, OnBothBeforeEitherHasWritten) {
  const auto who = person();
  type_at(a, who);
  type_at(b, who);
  for (auto* node : {&a, &b, &a}) sync(*node);
  EXPECT_EQ(known_at(a), 1);
  EXPECT_EQ(known_at(b), 1);
}

TEST_F(TypedOnce, WhereANodeHearsOfTheOtherBeforeItWritesItsOwn) {
  const auto who = person();
  type_at(a, who);
  sync(a);
  type_at(b, who);
  b.learn(read(b), fixture.now());
  EXPECT_EQ(known_at(b), 1);
  for (auto* node : {&b, &a}) sync(*node);
  EXPECT_EQ(known_at(a), 1);
  EXPECT_EQ(known_at(b), 1);
}

TEST_F(TypedOnce, ANodeThatHasHeardOfHerCountsHerNoMore) {
  const auto who = person();
  type_at(a, who);
  for (auto* node : {&a, &b}) sync(*node);
  type_at(b, who);
  EXPECT_EQ(known_at(b), 1);
  EXPECT_TRUE(b.take_unwritten().typed.empty());
}

TEST_F(TypedOnce, AfterARestart) {
  const auto who = person();
  type_at(a, who);
  sync(a);
  usecase::RiskBook after;
  type_at(after, who);
  sync(after);
  EXPECT_EQ(known_at(after), 1);
}

TEST_F(TypedOnce, WhatCouldNotBeWrittenIsWrittenLater) {
  const auto who = person();
  type_at(a, who);
  a.put_back(a.take_unwritten());
  EXPECT_EQ(known_at(a), 1);
  for (auto* node : {&a, &b}) sync(*node);
  EXPECT_EQ(known_at(a), 1);
  EXPECT_EQ(known_at(b), 1);
}

TEST_F(TypedOnce, WhereTheAnswerOfACommitIsLost) {
  const auto who = person();
  type_at(a, who);
  auto unwritten = a.take_unwritten();
  static_cast<void>(fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::sync_risk(tx, fixture.context(), unwritten, a.seen(), moment);
  }));
  a.put_back(std::move(unwritten));
  for (auto* node : {&a, &b}) sync(*node);
  EXPECT_EQ(known_at(a), 1);
  EXPECT_EQ(known_at(b), 1);
}

TEST_F(TypedOnce, EachDayAnew) {
  const auto who = person();
  for (int day = 0; day < 3; ++day) {
    type_at(a, who);
    type_at(b, who);
    for (auto* node : {&a, &b}) sync(*node);
    EXPECT_EQ(known_at(b), 1);
    fixture.wait(hours(25));
    for (auto* node : {&a, &b}) node->prune(fixture.now());
  }
}

TEST_F(TypedOnce, AClockThatIsFarAheadKeepsNobodyFromBeingCounted) {
  const auto who = person();
  type_at(a, who, fixture.now() + hours(24 * 400));
  for (auto* node : {&a, &b}) sync(*node);
  type_at(b, who);
  sync(b);
  EXPECT_EQ(best_day_at(b), 1);
}

TEST_F(TypedOnce, AClockThatJumpsToADayAndBackStopsNoWriting) {
  const auto who = person();
  const WallTime far = fixture.now() + hours(24 * 400);
  for (int time = 0; time < 2; ++time) {
    type_at(a, who, far);
    sync(a);
    a.prune(fixture.now());
  }
  EXPECT_EQ(fixture.count("risk_typed"), 1);
}

TEST_F(TypedOnce, AroundMidnightByClocksThatDiffer) {
  const auto who = person();
  const WallTime midnight = std::chrono::ceil<std::chrono::days>(fixture.now());
  fixture.wait(midnight - fixture.now() - seconds(1));
  type_at(a, who, midnight + seconds(1));
  for (auto* node : {&a, &b}) sync(*node);
  fixture.wait(seconds(2));
  type_at(b, who);
  sync(b);
  EXPECT_EQ(known_at(b), 1);
}

TEST_F(TypedOnce, MarksGoWithThePersonAndAfterTwoDays) {
  const auto who = person();
  type_at(a, who);
  type_at(a, person());
  sync(a);
  ASSERT_EQ(fixture.count("risk_typed"), 2);
  fixture.in([&](store::Tx& tx, Moment&) {
    store::delete_profile(tx, fixture.account(), who);
    return Done{};
  });
  EXPECT_EQ(fixture.count("risk_typed"), 1);
  const auto purge = [&] {
    fixture.in([&](store::Tx& tx, Moment& moment) {
      return store::purge(tx, fixture.account(), store::Retention{}, moment.now, 100);
    });
  };
  fixture.wait(hours(24));
  purge();
  EXPECT_EQ(fixture.count("risk_typed"), 1);
  fixture.wait(hours(24));
  purge();
  EXPECT_EQ(fixture.count("risk_typed"), 0);
}

/// Three nodes that type, write, hear, fail to write, and lose the answer, in any order.
TEST(TypedOnceOnNodes, InAnyOrder) {
  const bool held = rc::check([] {
    TypedOnce it;
    std::array<usecase::RiskBook, 3> nodes;
    std::array<SubjectId, 4> people;
    for (auto& one : people) one = it.person();
    std::set<std::size_t> typed;
    const auto steps = *rc::gen::inRange(5, 40);
    for (int i = 0; i < steps; ++i) {
      auto& node = nodes.at(*rc::gen::inRange<std::size_t>(0, nodes.size()));
      switch (*rc::gen::inRange(0, 6)) {
        case 0:
          it.sync(node);
          break;
        case 1:
          node.put_back(node.take_unwritten());
          break;
        case 2: {
          auto unwritten = node.take_unwritten();
          if (unwritten.empty()) {
            node.learn(it.read(node), it.fixture.now());
            break;
          }
          static_cast<void>(it.fixture.in([&](store::Tx& tx, Moment& moment) {
            return usecase::sync_risk(tx, it.fixture.context(), unwritten, node.seen(), moment);
          }));
          node.put_back(std::move(unwritten));
          break;
        }
        default: {
          const auto who = *rc::gen::inRange<std::size_t>(0, people.size());
          it.type_at(node, people.at(who));
          typed.insert(who);
        }
      }
    }
    for (int round = 0; round < 2; ++round) {
      for (auto& node : nodes) it.sync(node);
    }
    for (const auto& node : nodes) RC_ASSERT(it.known_at(node) == static_cast<std::int32_t>(typed.size()));
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace countersign::testing
