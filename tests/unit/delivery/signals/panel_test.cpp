#include "delivery/signals/panel.h"

#include <gmock/gmock.h>

#include <deque>

#include "delivery/breaker.h"
#include "support/fake_time.h"
#include "unit/delivery/http_fixture.h"

namespace countersign::delivery {
namespace {

using namespace testing;
using countersign::testing::FakeClock;
using countersign::testing::SeededRandom;
using ::testing::ElementsAre;

/// Keeps every question until the test answers it.
class HeldSource final : public SignalSource {
 public:
  explicit HeldSource(bool about_line = true) : about_line_(about_line) {}

  void ask(const SignalQuestion&, std::chrono::milliseconds within, SignalDone done) override {
    withins.push_back(within);
    open.push_back(std::move(done));
  }
  [[nodiscard]] bool is_about_line() const override { return about_line_; }

  void answer(SignalResult result) {
    auto done = std::move(open.front());
    open.pop_front();
    done(std::move(result));
  }

  std::deque<SignalDone> open;
  std::vector<std::chrono::milliseconds> withins;

 private:
  bool about_line_;
};

struct SignalPanelTest : ::testing::Test {
  HeldSource& add(SignalTerms terms, bool about_line = true) {
    auto source = std::make_unique<HeldSource>(about_line);
    HeldSource& added = *source;
    panel.add(std::move(terms), std::move(source));
    return added;
  }
  /// What came, once it came.
  std::shared_ptr<std::vector<Heard>> ask(std::vector<std::string> names, std::string phone = "+447772000001") {
    auto got = std::make_shared<std::vector<Heard>>();
    panel.ask(names, {"TX1", std::move(phone), {}, {}}, [got](std::vector<Heard> heard) { *got = std::move(heard); });
    return got;
  }
  static Findings of_type(std::string type) { return {{}, std::move(type), {}}; }

  FakeClock clock;
  SeededRandom random;
  std::vector<std::string> outcomes;
  SignalPanel panel{clock, random, {.on_heard = [this](std::string_view name, std::string_view outcome, Duration) {
                      outcomes.push_back(std::string(name) + ' ' + std::string(outcome));
                    }}};
};

TEST_F(SignalPanelTest, AsksAllAtOnceAndAnswersInTheirOrder) {
  auto& first = add({.name = "first", .within = 700ms});
  auto& second = add({.name = "second"}, false);
  const auto got = ask({"second", "first", "nobody"});
  ASSERT_EQ(first.open.size(), 1u);
  ASSERT_EQ(second.open.size(), 1u);
  EXPECT_EQ(first.withins.at(0), 700ms);
  first.answer(of_type("mobile"));
  EXPECT_TRUE(got->empty());
  second.answer(fail(SignalFault::kTimeout));
  ASSERT_EQ(got->size(), 2u);
  EXPECT_EQ(got->at(0).name, "second");
  EXPECT_EQ(got->at(0).result.error(), SignalFault::kTimeout);
  EXPECT_EQ(got->at(1).result->line_type, "mobile");
  EXPECT_THAT(outcomes, ElementsAre("first answered", "second timeout"));
}

TEST_F(SignalPanelTest, NobodyToAskAnswersAtOnce) {
  bool done = false;
  panel.ask({"nobody"}, {}, [&](const std::vector<Heard>& heard) { done = heard.empty(); });
  EXPECT_TRUE(done);
}

TEST_F(SignalPanelTest, WithoutALineThoseAboutLinesAreNotAsked) {
  auto& source = add({.name = "line"});
  const auto got = ask({"line"}, "");
  EXPECT_EQ(got->at(0).result.error(), SignalFault::kNoLine);
  EXPECT_TRUE(source.open.empty());
}

TEST_F(SignalPanelTest, RemembersALineForItsTimeAndNoLonger) {
  auto& source = add({.name = "line", .remember = 5min});
  ask({"line"});
  source.answer(of_type("mobile"));
  clock.advance(4min + 59s);
  const auto again = ask({"line"});
  EXPECT_TRUE(again->at(0).remembered);
  EXPECT_EQ(again->at(0).result->line_type, "mobile");
  EXPECT_TRUE(source.open.empty());
  ask({"line"}, "+447772000002");
  EXPECT_EQ(source.open.size(), 1u);
  source.answer(of_type("voip"));
  clock.advance(1s);
  const auto later = ask({"line"});
  EXPECT_EQ(source.open.size(), 1u);
  source.answer(of_type("landline"));
  EXPECT_EQ(later->at(0).result->line_type, "landline");
}

TEST_F(SignalPanelTest, RemembersNoFailureAndNoModelsScore) {
  auto& line = add({.name = "line"});
  auto& model = add({.name = "model"}, false);
  ask({"line", "model"});
  line.answer(fail(SignalFault::kNotServed));
  model.answer(Findings{{}, "", 0.5});
  ask({"line", "model"});
  EXPECT_EQ(line.open.size(), 1u);
  EXPECT_EQ(model.open.size(), 1u);
  EXPECT_EQ(panel.remembered(), 0u);
}

TEST_F(SignalPanelTest, QuestionsAboutOneLineThatComeTogetherCostOnce) {
  auto& source = add({.name = "line"});
  const auto first = ask({"line"});
  const auto second = ask({"line"});
  ASSERT_EQ(source.open.size(), 1u);
  source.answer(of_type("mobile"));
  EXPECT_EQ(first->at(0).result->line_type, "mobile");
  EXPECT_EQ(second->at(0).result->line_type, "mobile");
}

TEST_F(SignalPanelTest, AFloodOfLinesForgetsTheOldest) {
  auto& source = add({.name = "line", .remember = 1h, .per_hour = 1'000'000});
  for (std::size_t i = 0; i < SignalPanel::kRememberedMax + 100; ++i) {
    ask({"line"}, "+4477" + std::to_string(1'000'000 + i));
    source.answer(of_type("mobile"));
  }
  EXPECT_EQ(panel.remembered(), SignalPanel::kRememberedMax);
  // What is over goes with the next answer.
  clock.advance(1h);
  ask({"line"});
  source.answer(of_type("mobile"));
  EXPECT_EQ(panel.remembered(), 1u);
}

TEST_F(SignalPanelTest, AFailingSourceIsLeftAloneForAWhile) {
  auto& source = add({.name = "line"});
  for (int i = 0; i < Breaker::kFailures; ++i) {
    ask({"line"});
    source.answer(fail(SignalFault::kTimeout));
  }
  EXPECT_EQ(ask({"line"})->at(0).result.error(), SignalFault::kPaused);
  EXPECT_TRUE(source.open.empty());
  clock.advance(Breaker::kFirstPause);
  const auto trial = ask({"line"});
  ASSERT_EQ(source.open.size(), 1u);
  // The trial is the only one.
  EXPECT_EQ(ask({"line"}, "+447772000002")->at(0).result.error(), SignalFault::kPaused);
  source.answer(of_type("mobile"));
  ask({"line"}, "+447772000003");
  EXPECT_EQ(source.open.size(), 1u);
}

TEST_F(SignalPanelTest, LinesThatItDoesNotKnowPauseNobody) {
  auto& source = add({.name = "line"});
  for (int i = 0; i < 20; ++i) {
    for (const auto fault : {SignalFault::kNotServed, SignalFault::kMisconfigured, SignalFault::kImplausible}) {
      ask({"line"});
      source.answer(fail(fault));
    }
  }
  ask({"line"});
  EXPECT_EQ(source.open.size(), 1u);
}

TEST_F(SignalPanelTest, SpendsNoMoreThanItsCeilingAnHour) {
  auto& source = add({.name = "line", .per_hour = 2});
  const auto asked = [&](int number) {
    ask({"line"}, "+44777200000" + std::to_string(number));
    const bool went = !source.open.empty();
    if (went) source.answer(of_type("mobile"));
    return went;
  };
  EXPECT_TRUE(asked(1));
  clock.advance(30min);
  EXPECT_TRUE(asked(2));
  EXPECT_FALSE(asked(3));
  EXPECT_EQ(outcomes.back(), "line ceiling");
  clock.advance(25min);
  EXPECT_FALSE(asked(4));
  clock.advance(10min);
  EXPECT_TRUE(asked(5));
  EXPECT_FALSE(asked(6));
}

TEST_F(SignalPanelTest, WhatNobodyPaysForIsNotAskedAndWhatIsRememberedCostsNothing) {
  auto& source = add({.name = "line", .per_hour = 1});
  SignalQuestion question{"TX1", "+447772000001", {}, {}};
  const auto hear = [&] {
    auto got = std::make_shared<std::vector<Heard>>();
    panel.ask({"line"}, question, [got](std::vector<Heard> heard) { *got = std::move(heard); });
    return got;
  };
  EXPECT_TRUE(panel.would_ask("line", question));
  question.unpaid = {"line"};
  EXPECT_EQ(hear()->at(0).result.error(), SignalFault::kCeiling);
  EXPECT_TRUE(source.open.empty());
  question.unpaid = {"another"};
  const auto paid = hear();
  ASSERT_EQ(source.open.size(), 1u) << "what nobody paid for has taken nothing of the hour";
  EXPECT_FALSE(panel.would_ask("line", question)) << "it is being asked";
  question.unpaid = {"line"};
  const auto beside = hear();
  source.answer(of_type("mobile"));
  EXPECT_EQ(paid->at(0).result->line_type, "mobile");
  EXPECT_EQ(beside->at(0).result->line_type, "mobile");
  EXPECT_FALSE(panel.would_ask("line", question)) << "it is remembered";
  EXPECT_TRUE(hear()->at(0).remembered);
  question.phone.clear();
  EXPECT_FALSE(panel.would_ask("line", question)) << "there is no line";
  EXPECT_FALSE(panel.would_ask("nobody", question));
}

TEST_F(SignalPanelTest, AnAnswerToLessIsNoneToMore) {
  auto& source = add({.name = "line"});
  const auto hear = [&](SignalWishes wishes) {
    auto got = std::make_shared<std::vector<Heard>>();
    SignalQuestion question{"TX1", "+447772000001", {}, {}};
    question.wishes = wishes;
    panel.ask({"line"}, question, [got](std::vector<Heard> heard) { *got = std::move(heard); });
    return got;
  };
  hear({.sim_change = true, .line_type = false});
  source.answer(Findings{});
  EXPECT_TRUE(hear({.sim_change = true, .line_type = false})->at(0).remembered);
  hear({.sim_change = true, .line_type = true});
  ASSERT_EQ(source.open.size(), 1u);
  source.answer(of_type("voip"));
}

}  // namespace
}  // namespace countersign::delivery
