#include "usecase/risk/signals.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "support/fixture.h"
#include "tests/unit/usecase/spending/money.h"
#include "usecase/risk/affordable.h"
#include "usecase/risk/rule_book.h"
#include "usecase/spending/switch.h"
#include "usecase/test_mode/clock.h"

namespace countersign::usecase {
namespace {

using namespace countersign::testing;
using namespace std::chrono_literals;
using delivery::Findings;
using delivery::SignalFault;
using domain::standing::WhyNot;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kOther = "somebody-else";

HeardSignals swapped(WallTime earliest, WallTime latest, std::string_view phone = kPhone) {
  return {std::string(phone), {{"carrier", Findings{delivery::SimChange{earliest, latest}, "", {}}, false}}};
}
HeardSignals swapped(WallTime at) { return swapped(at, at); }

struct Signals : ::testing::Test {
  /// A person with that line since long ago, who has proved it.
  void SetUp() override {
    hold_and_prove();
    fixture.wait(30 * 24h);
  }
  void hold_and_prove() {
    fixture.hold();
    ASSERT_EQ(why(fixture.start()), kYes);
    ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  }
  /// Holds with what was heard.
  Answer<Held> hold(std::optional<HeardSignals> heard) {
    fixture.request().heard = std::move(heard);
    auto held = fixture.try_hold();
    fixture.request().heard.reset();
    return held;
  }
  delivery::SignalQuestion question() {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return signal_question({tx, fixture.context(), fixture.caller(), moment}, fixture.request());
    });
  }
  json::object fact_of_hold() {
    for (const auto& event : fixture.all_events()) {
      if (event.type == "transaction.held" && event.transaction == fixture.current())
        return parse_json(event.data)->as_object();
    }
    return {};
  }
  static SignalSettings carrier() { return {"carrier", {"*"}, true, true, false, false, {}}; }
  static SignalSettings lookup() { return {"lookup", {"*"}, true, true, true, false, {}}; }
  static SignalSettings model() { return {"model", {"*"}, false, false, false, true, {}}; }
  std::vector<std::string> asked_for(std::string_view type) {
    return signals_for(fixture.context(), fixture.account(), "", type);
  }
  /// The one rule in force.
  void rule(std::string_view when, risk::Points points, bool shadow = false) {
    auto& account = fixture.settings().accounts.at(fixture.account());
    account.risk.changes.clear();
    for (const auto& each : risk::built_in_rules()) account.risk.changes.push_back({each.name, true, {}, {}});
    account.risk.rules = {{"mine", points, *risk::Expression::parse(when), risk::Outcome::kAnotherKind, shadow, false}};
    rules = std::make_unique<RuleBook>(fixture.settings());
    fixture.judge_by(*rules);
  }
  domain::standing::Counts line(std::string_view identity = kIdentity) {
    return fixture.counts(Channel::kSms, kPhone, identity);
  }

  Fixture fixture;
  std::unique_ptr<RuleBook> rules;
};

TEST_F(Signals, ASwapMakesTheLineWaitAnewAndTheHoldStands) {
  ASSERT_TRUE(line().own());
  ASSERT_EQ(why(hold(swapped(fixture.now() - 5h))), kYes);
  EXPECT_EQ(line().why_not, WhyNot::kNotTold);
  EXPECT_EQ(fixture.status(), domain::TransactionStatus::kHeld);
  const auto facts = fact_of_hold();
  EXPECT_EQ(json_integer(facts, "sim_swap_hours"), 5);
  EXPECT_EQ(json_text(facts, "effects"), "contact_waits_anew");
  // What is not refused is asked of another kind.
  EXPECT_EQ(why(fixture.start()), Code::kSourceDoesNotCount);
}

TEST_F(Signals, AnotherKindThatCountsStillApproves) {
  ASSERT_EQ(why(fixture.enrol()), kYes);
  ASSERT_EQ(why(fixture.confirm()), kYes);
  fixture.tell_all();
  fixture.wait(80h);
  ASSERT_EQ(why(hold(swapped(fixture.now() - 1h))), kYes);
  EXPECT_FALSE(line().any());
  fixture.wait(1min);
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code())), kYes);
  EXPECT_EQ(fixture.status(), domain::TransactionStatus::kVerified);
}

TEST_F(Signals, OneSwapBeginsOneWaitHoweverOftenItIsHeard) {
  const auto began = [&] { return fixture.history().bindings.front().waits_anew_since; };
  const WallTime swap = fixture.now() - 1h;
  ASSERT_EQ(why(hold(swapped(swap))), kYes);
  const auto first = began();
  ASSERT_TRUE(first);
  for (int i = 0; i < 5; ++i) {
    fixture.wait(10h);
    ASSERT_EQ(why(hold(swapped(swap))), kYes);
    EXPECT_EQ(began(), first);
    // A source that knows only the period says the same swap.
    ASSERT_EQ(why(hold(swapped(fixture.now() - 72h, fixture.now()))), kYes);
    EXPECT_EQ(began(), first);
  }
  // The next one does again.
  fixture.wait(30 * 24h);
  ASSERT_EQ(why(hold(swapped(fixture.now() - 1h))), kYes);
  EXPECT_GT(began(), first);
}

TEST_F(Signals, ALineGivenAfterTheSwapIsNotSuspected) {
  fixture.request().identity = "new-organizer";
  const WallTime swap = fixture.now() - 2h;
  ASSERT_EQ(why(hold(swapped(swap))), kYes);
  EXPECT_TRUE(fixture.counts(Channel::kSms, kPhone, "new-organizer").own());
  EXPECT_FALSE(line().any());  // For whoever had it before, it is.
  // A new subscription counts as a swap; within the period in which it can have been either, it is given the benefit.
  fixture.request().identity = "newer-organizer";
  ASSERT_EQ(why(hold(std::nullopt)), kYes);
  fixture.wait(10h);
  ASSERT_EQ(why(hold(swapped(fixture.now() - 72h, fixture.now()))), kYes);
  EXPECT_TRUE(fixture.counts(Channel::kSms, kPhone, "newer-organizer").own());
}

TEST_F(Signals, EverybodyWithTheLineIsMadeToWait) {
  fixture.request().identity = kOther;
  hold_and_prove();
  fixture.wait(1h);
  fixture.request().identity = kIdentity;
  ASSERT_EQ(why(hold(swapped(fixture.now() - 1min))), kYes);
  EXPECT_FALSE(line(kIdentity).any());
  EXPECT_FALSE(line(kOther).any());
}

TEST_F(Signals, AnOldSwapAndNoSwapDoNothing) {
  ASSERT_EQ(why(hold(swapped(fixture.now() - 73h))), kYes);
  EXPECT_TRUE(line().own());
  ASSERT_EQ(why(hold(HeardSignals{std::string(kPhone), {{"carrier", Findings{}, false}}})), kYes);
  EXPECT_TRUE(line().own());
  fixture.settings().sim_swap_acts = Duration::zero();
  ASSERT_EQ(why(hold(swapped(fixture.now() - 1h))), kYes);
  EXPECT_TRUE(line().own());
}

TEST_F(Signals, WhatIsUnknownDoesNothingAndIsSaid) {
  HeardSignals heard{
      std::string(kPhone),
      {{"carrier", fail(SignalFault::kTimeout), false}, {"model", fail(SignalFault::kUnreadable), false}}};
  ASSERT_EQ(why(hold(heard)), kYes);
  EXPECT_TRUE(line().own());
  const auto facts = fact_of_hold();
  EXPECT_EQ(json_text(facts, "signals_unknown"), "carrier:timeout model:unreadable");
  EXPECT_FALSE(facts.contains("sim_swap_hours"));
  EXPECT_FALSE(facts.contains("effects"));
}

TEST_F(Signals, ALineThatNobodyHasIsNoReasonToFail) {
  ASSERT_EQ(why(hold(swapped(fixture.now() - 1h, fixture.now() - 1h, "+5511911112222"))), kYes);
  EXPECT_TRUE(line().own());
}

// What the application, support or a decision said of the line after the swap outweighs the report of it.
TEST_F(Signals, WhatWasDecidedAfterTheSwapIsLeftAlone) {
  auto history = fixture.history();
  auto& binding = history.bindings.front();
  const Id source = binding.source;
  const WallTime swap = binding.bound_at + 100h;
  EXPECT_TRUE(is_news_of(history, source, swap));
  EXPECT_FALSE(is_news_of(history, source, binding.bound_at));
  const auto is_news_after = [&](auto change) {
    auto changed = history;
    change(changed.bindings.front());
    return is_news_of(changed, source, swap);
  };
  using domain::standing::Binding;
  EXPECT_FALSE(is_news_after([&](Binding& b) { b.waits_anew_since = swap; }));
  EXPECT_TRUE(is_news_after([&](Binding& b) { b.waits_anew_since = swap - 1s; }));
  EXPECT_FALSE(is_news_after([&](Binding& b) { b.kept_at = swap + 1h; }));
  EXPECT_TRUE(is_news_after([&](Binding& b) { b.kept_at = swap - 1h; }));
  EXPECT_FALSE(is_news_after([&](Binding& b) { b.vouched.emplace().since = swap + 1h; }));
  EXPECT_TRUE(is_news_after([&](Binding& b) { b.vouched.emplace().since = swap - 1h; }));
  EXPECT_FALSE(is_news_after([&](Binding& b) { b.gone.emplace().at = swap + 1h; }));
}

TEST_F(Signals, AsksAboutTheLineThatCounts) {
  EXPECT_EQ(question().phone, kPhone);
  // One that was given later does not count yet.
  fixture.request().contacts = {{Channel::kSms, "+5511911112222"}};
  EXPECT_EQ(question().phone, kPhone);
  fixture.request().identity = "nobody-yet";
  EXPECT_EQ(question().phone, "+5511911112222");
  fixture.request().contacts = {{Channel::kEmail, "a@example.com"}};
  EXPECT_EQ(question().phone, "");
}

TEST_F(Signals, AModelIsToldFeaturesAndNobodysName) {
  fixture.request().display.amount = domain::Amount{"1250.50", "BRL"};
  const auto asked = question();
  std::map<std::string, double> numbers(asked.numbers.begin(), asked.numbers.end());
  EXPECT_EQ(numbers["amount"], 1250.5);
  EXPECT_EQ(numbers["established"], 1);
  EXPECT_NEAR(numbers["established_days"], 30, 0.01);
  for (const auto& [name, value] : numbers) EXPECT_TRUE(risk::parse_feature(name)) << name;
  for (const auto& [name, word] : asked.words) {
    EXPECT_EQ(word.find("98765"), std::string::npos) << name;
    EXPECT_EQ(word.find(kIdentity), std::string::npos) << name;
  }
  fixture.request().display.amount = domain::Amount{"99999999999999999999999999", "BRL"};
  static_cast<void>(question());
}

TEST_F(Signals, WhomToAskIsAMatterOfTheTypeAndNeverOfTests) {
  auto& settings = fixture.settings();
  settings.signals = {{"carrier", {"payout.change"}, true}, {"model", {"*"}, false}, {"idle", {}, true}};
  EXPECT_THAT(asked_for("payout.change"), ElementsAre("carrier", "model"));
  EXPECT_THAT(asked_for("login"), ElementsAre("model"));
  EXPECT_THAT(signals_for(fixture.context(), test_twin_of(fixture.account()), "", "payout.change"), IsEmpty());
}

TEST_F(Signals, NobodyIsAskedWhatNoRuleInForceUses) {
  auto& settings = fixture.settings();
  settings.signals = {carrier(), lookup(), model()};
  settings.sim_swap_acts = Duration::zero();
  rule("amount > 5", {risk::Point::kHold});
  EXPECT_THAT(asked_for("login"), IsEmpty());
  rule("sim_swap_hours < 10", {risk::Point::kHold});
  EXPECT_THAT(asked_for("login"), ElementsAre("carrier", "lookup"));
  EXPECT_TRUE(question().wishes.sim_change);
  EXPECT_FALSE(question().wishes.line_type) << "of the lookup, only what is used";
  rule("line_type == 'voip'", {risk::Point::kClaim});
  EXPECT_THAT(asked_for("login"), ElementsAre("lookup"));
  EXPECT_FALSE(question().wishes.sim_change);
  rule("known(model_score) && amount > 5", {risk::Point::kApprove});
  EXPECT_THAT(asked_for("login"), ElementsAre("model"));
  rule("model_score > 0.5 || line_type == 'voip'", {risk::Point::kSend, risk::Point::kEnrol});
  EXPECT_THAT(asked_for("login"), IsEmpty()) << "nothing of it is known there";
  rule("model_score > 0.5", {risk::Point::kHold}, true);
  EXPECT_THAT(asked_for("login"), ElementsAre("model")) << "a rule in shadow says what it would have done";
  // A changed SIM makes the line wait, whatever the rules are.
  settings.sim_swap_acts = 72h;
  EXPECT_THAT(asked_for("login"), ElementsAre("carrier", "lookup", "model"));
}

TEST_F(Signals, TheBuiltInRuleAboutSwappedSimsAsksUntilItIsOff) {
  auto& settings = fixture.settings();
  settings.signals = {carrier()};
  settings.sim_swap_acts = Duration::zero();
  auto& account = settings.accounts.at(fixture.account());
  RuleBook built_in(settings);
  fixture.judge_by(built_in);
  EXPECT_THAT(asked_for("login"), ElementsAre("carrier"));
  account.risk.changes = {{"sim_swapped", true, {}, {}}};
  RuleBook off(settings);
  fixture.judge_by(off);
  EXPECT_THAT(asked_for("login"), IsEmpty());
}

TEST_F(Signals, WhatAQuestionCostsIsPaidFromTheBudgetsAndNotFromTheirReserve) {
  price_messages(fixture);
  auto& settings = fixture.settings();
  settings.signals = {carrier(), lookup(), model()};
  settings.signals[0].cost = {{10'000, "BRL"}};
  settings.signals[1].cost = {{4'000, "USD"}};  // At 5: twice as much.
  budgets(fixture).account = domain::Budget{70'000, 100'000};
  const std::vector<std::string> all{"carrier", "lookup", "model"};
  EXPECT_TRUE(cost_money(settings, all));
  EXPECT_FALSE(cost_money(settings, {"model"}));
  const auto pay = [&](const std::vector<std::string>& names, std::string_view phone, bool would_ask = true) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return pay_for_signals({tx, fixture.context(), fixture.caller(), moment}, "", phone, names,
                             [&](std::string_view) { return would_ask; });
    });
  };
  const auto before = spent(fixture);
  EXPECT_THAT(pay(all, kPhone), IsEmpty());
  EXPECT_EQ(spent(fixture) - before, 30'000);
  EXPECT_EQ(spent(fixture, spent_by_service(fixture.service())), 30'000);
  EXPECT_EQ(spent(fixture, spent_on_country("BR")), 30'000);
  EXPECT_THAT(pay(all, kPhone, false), IsEmpty());
  EXPECT_EQ(spent(fixture) - before, 30'000) << "what is remembered costs nothing";
  EXPECT_THAT(pay(all, ""), IsEmpty());
  EXPECT_EQ(spent(fixture, spent_on_country("BR")), 30'000) << "of no line, of no country";
  // 60 of 70 are spent: there is room for the one, and then for none, whoever the line belongs to.
  EXPECT_THAT(pay({"carrier", "lookup"}, kPhone), ElementsAre("lookup"));
  EXPECT_THAT(pay({"carrier", "lookup"}, kPhone), ElementsAre("carrier", "lookup"));
  EXPECT_EQ(spent(fixture) - before, 70'000);
  fixture.wait(24h);
  EXPECT_THAT(pay(all, kPhone), IsEmpty()) << "another day";
  settings.money = {};
  EXPECT_FALSE(cost_money(settings, all)) << "without a currency nothing is counted";
}

TEST_F(Signals, NothingThatCostsIsAskedOnceSpendingIsStopped) {
  fixture.settings().signals = {{"carrier", {"*"}, true}, {"model", {"*"}, false}};
  const auto affordable = [&] {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return affordable_signals({tx, fixture.context(), fixture.caller(), moment}, {"carrier", "model"});
    });
  };
  EXPECT_THAT(affordable(), ElementsAre("carrier", "model"));
  fixture.in([&](store::Tx& tx, Moment& moment) {
    set_spending(tx, fixture.account(), moment.now);
    return Done{};
  });
  EXPECT_THAT(affordable(), ElementsAre("model"));
  fixture.in([&](store::Tx& tx, Moment& moment) {
    set_spending(tx, fixture.account(), std::nullopt);
    set_all_spending(tx, moment.now);
    return Done{};
  });
  EXPECT_THAT(affordable(), ElementsAre("model"));
}

TEST_F(Signals, FeaturesAreWhatIsKnownAndNothingElse) {
  risk::Features features;
  add_signals(features, {std::string(kPhone), {{"carrier", fail(SignalFault::kTimeout), false}}}, fixture.now());
  EXPECT_FALSE(features.knows(risk::Feature::kSimSwapHours));
  EXPECT_FALSE(features.knows(risk::Feature::kModelScore));
  EXPECT_EQ(features.words.line_type, "");
  HeardSignals heard = swapped(fixture.now() - 90min);
  heard.all.push_back({"lookup", Findings{{}, "voip", {}}, true});
  heard.all.push_back(
      {"old", Findings{delivery::SimChange{fixture.now() - 500h, fixture.now() - 500h}, "mobile", {}}, true});
  heard.all.push_back({"model", Findings{{}, "", 0.25}, false});
  heard.all.push_back({"worse", Findings{{}, "", 0.75}, false});
  add_signals(features, heard, fixture.now());
  EXPECT_DOUBLE_EQ(*features.get(risk::Feature::kSimSwapHours), 1.5);
  EXPECT_EQ(features.get(risk::Feature::kModelScore), 0.75);
  EXPECT_EQ(features.words.line_type, "voip");
  // A clock that was set back makes no negative hours.
  add_signals(features, heard, fixture.now() - 10h);
  EXPECT_EQ(features.get(risk::Feature::kSimSwapHours), 0);
}

}  // namespace
}  // namespace countersign::usecase
