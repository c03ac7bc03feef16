#include "usecase/spending/budgets.h"

#include <algorithm>

#include "store/repository/provider_marks.h"
#include "tests/unit/usecase/spending/money.h"
#include "usecase/outbox/provider_board.h"
#include "usecase/spending/switch.h"

namespace countersign::testing {
namespace {

constexpr std::int64_t kEach = 10'000;

class BudgetNews : public ::testing::Test {
 protected:
  BudgetNews() {
    unlimited(fixture_);
    price_messages(fixture_, kEach);
    budgets(fixture_).account = domain::Budget{10 * kEach, 2 * kEach};
  }
  void spend(int messages) {
    for (int i = 0; i < messages; ++i)
      ASSERT_EQ(why(pay_for_code(fixture_, "person-" + std::to_string(++people_))), kYes);
  }
  /// States that are told now.
  std::vector<std::string> told() {
    return fixture_.in([&](store::Tx& tx, Moment& moment) {
      std::vector<std::string> states;
      for (const auto& one : usecase::tell_of_budgets(tx, fixture_.context(), fixture_.account(), moment))
        states.emplace_back(to_text(one.state));
      return states;
    });
  }
  long events(std::string_view type) {
    const auto all = fixture_.all_events();
    return std::ranges::count(all, type, &store::EventRow::type);
  }
  usecase::BudgetsView view() {
    return fixture_.in([&](store::Tx& tx, Moment& moment) {
      return usecase::show_budgets(tx, fixture_.context(), fixture_.account(), moment.now);
    });
  }

  Fixture fixture_;
  int people_ = 0;
};

TEST_F(BudgetNews, EachStateIsToldOnceADay) {
  ASSERT_EQ(why(fixture_.add_endpoint()), kYes);
  spend(7);
  EXPECT_TRUE(told().empty());
  spend(1);
  EXPECT_EQ(told(), std::vector<std::string>{"nearly_spent"});
  EXPECT_TRUE(told().empty());
  spend(2);
  EXPECT_EQ(told(), std::vector<std::string>{"closed_to_strangers"});
  EXPECT_TRUE(told().empty());
  EXPECT_EQ(events("budget.warned"), 1);
  EXPECT_EQ(events("budget.closed"), 1);
  const auto deliveries = fixture_.due_deliveries();
  ASSERT_EQ(deliveries.size(), 2U);
  EXPECT_EQ(deliveries[0].row.event_type, "budget.warned");
  EXPECT_NE(deliveries[0].row.body.find(R"("spent":"0.08 BRL")"), std::string::npos) << deliveries[0].row.body;
  fixture_.wait(hours(24));
  EXPECT_TRUE(told().empty());
  spend(8);
  EXPECT_EQ(told(), std::vector<std::string>{"nearly_spent"});
}

TEST_F(BudgetNews, WhatIsShownIsWhatIsSpentByServiceAndCountry) {
  budgets(fixture_).countries = {{"PT", {kEach, 0}}, {"", {3 * kEach, 0}}};
  spend(3);
  const auto shown = view();
  EXPECT_EQ(shown.currency, "BRL");
  EXPECT_EQ(shown.day, domain::day_begin(fixture_.now()));
  std::vector<std::string> lines;
  for (const auto& one : shown.budgets)
    lines.push_back(std::string(one.of) + " " + one.service_name + one.country + " " +
                    std::to_string(one.spent / kEach) + " " + std::string(to_text(one.state)));
  EXPECT_EQ(lines, (std::vector<std::string>{"account  3 open", "service default 3 open", "service upstream 0 open",
                                             "country BR 3 closed", "country PT 0 open"}));
}

TEST_F(BudgetNews, NothingIsShownWithoutACurrency) {
  fixture_.settings().money = {};
  spend(2);
  EXPECT_TRUE(view().budgets.empty());
  EXPECT_TRUE(told().empty());
}

class SpendingSwitch : public BudgetNews {
 protected:
  SpendingSwitch() {
    fixture_.know(board_);
    fixture_.caller().may_administer = true;
  }
  std::optional<Code> turn(bool stopped) {
    return fixture_.in([&](store::Tx& tx, Moment& moment) {
      return why(usecase::switch_spending({tx, fixture_.context(), fixture_.caller(), moment}, stopped));
    });
  }
  /// As every node does within a second.
  void learn() {
    const auto marks = fixture_.in([](store::Tx& tx, Moment&) { return store::drained_providers(tx); });
    std::set<std::string, std::less<>> names;
    for (const auto& [name, since] : marks) names.insert(name);
    board_.set_drained(std::move(names));
  }

  usecase::ProviderBoard board_;
};

TEST_F(SpendingSwitch, StopsWhatIsAskedForAndWhatWaits) {
  fixture_.hold();
  ASSERT_EQ(why(fixture_.start()), kYes);
  fixture_.give_back(fixture_.sent().back());
  ASSERT_EQ(turn(true), kYes);
  learn();
  EXPECT_EQ(why(fixture_.start()), Code::kSpendingStopped);
  EXPECT_TRUE(fixture_.due_messages().empty());
  fixture_.wait(minutes(1));
  EXPECT_TRUE(fixture_.due_messages().empty());
  EXPECT_EQ(fixture_.message(fixture_.sent().back().id)->status, "queued");
  ASSERT_EQ(turn(false), kYes);
  learn();
  fixture_.wait(minutes(1));
  EXPECT_EQ(fixture_.due_messages().size(), 1U);
  EXPECT_EQ(why(fixture_.start()), kYes);
  EXPECT_EQ(events("spending.stopped"), 1);
  EXPECT_EQ(events("spending.started"), 1);
}

TEST_F(SpendingSwitch, AMessageThatWaitsEndsWithItsCode) {
  fixture_.hold();
  ASSERT_EQ(why(fixture_.start()), kYes);
  const auto id = fixture_.sent().back().id;
  fixture_.give_back(fixture_.sent().back());
  ASSERT_EQ(turn(true), kYes);
  learn();
  fixture_.wait(minutes(11));
  EXPECT_TRUE(fixture_.due_messages().empty());
  EXPECT_EQ(fixture_.message(id)->status, "failed");
}

TEST_F(SpendingSwitch, WhatCostsNothingGoesOn) {
  ASSERT_EQ(turn(true), kYes);
  learn();
  fixture_.request().contacts = {{Channel::kEmail, std::string(kEmail)}};
  fixture_.hold();
  EXPECT_EQ(why(fixture_.start(Channel::kEmail)), kYes);
  auto& mail = fixture_.settings().accounts.at(fixture_.account()).services.front().providers.at(Channel::kEmail);
  mail.prices = {{"", {1, "BRL"}}};
  fixture_.hold();
  EXPECT_EQ(why(fixture_.start(Channel::kEmail)), Code::kSpendingStopped);
}

TEST_F(SpendingSwitch, TakesTheScopeAndIsRecordedOnce) {
  EXPECT_EQ(turn(true), kYes);
  EXPECT_EQ(turn(true), kYes);
  EXPECT_EQ(events("spending.stopped"), 1);
  fixture_.caller().may_administer = false;
  EXPECT_EQ(turn(false), Code::kMayNotAdminister);
  EXPECT_TRUE(view().stopped_at);
}

// An account that starts its own spending does not start what the operator has stopped for all.
TEST_F(SpendingSwitch, OfAnAccountDoesNotStartWhatIsStoppedForAll) {
  fixture_.in([&](store::Tx& tx, Moment& moment) {
    usecase::set_all_spending(tx, moment.now);
    return Done{};
  });
  ASSERT_EQ(turn(false), kYes);
  learn();
  fixture_.hold();
  EXPECT_EQ(why(fixture_.start()), Code::kSpendingStopped);
  EXPECT_EQ(view().stopped_at, fixture_.now());
}

}  // namespace
}  // namespace countersign::testing
