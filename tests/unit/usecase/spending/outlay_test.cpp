#include "usecase/spending/outlay.h"

#include "tests/unit/usecase/spending/money.h"
#include "usecase/outbox/provider_board.h"

namespace countersign::testing {
namespace {

constexpr std::int64_t kCent = 10'000;
constexpr std::int64_t kPrice = 5 * kCent;

class Money : public ::testing::Test {
 protected:
  Money() {
    unlimited(fixture_);
    price_messages(fixture_);
  }
  /// Another person each time, so that nobody has proved anything.
  std::optional<Code> stranger(const std::string& phone = std::string(kPhone)) {
    return why(pay_for_code(fixture_, "stranger-" + std::to_string(++people_), phone));
  }

  Fixture fixture_;
  int people_ = 0;
};

TEST_F(Money, IsCountedBeforeAnythingLeavesByAccountServiceAndCountry) {
  ASSERT_EQ(stranger(), kYes);
  ASSERT_EQ(stranger("+12125551234"), kYes);
  EXPECT_EQ(spent(fixture_), 2 * kPrice);
  EXPECT_EQ(spent(fixture_, usecase::spent_by_service(fixture_.service())), 2 * kPrice);
  EXPECT_EQ(spent(fixture_, usecase::spent_on_country("BR")), kPrice);
  EXPECT_EQ(spent(fixture_, usecase::spent_on_country("US")), kPrice);
}

TEST_F(Money, NothingIsCountedWithoutACurrency) {
  fixture_.settings().money = {};
  budgets(fixture_).account = domain::Budget{0, 0};
  EXPECT_EQ(stranger(), kYes);
  EXPECT_EQ(spent(fixture_), 0);
}

TEST_F(Money, ASpentBudgetClosesForStrangersThenForAllUntilTheUtcDayEnds) {
  const std::string known = "known";
  ASSERT_EQ(why(pay_for_code(fixture_, known)), kYes);
  ASSERT_EQ(why(fixture_.check(fixture_.code())), kYes);
  budgets(fixture_).account = domain::Budget{3 * kPrice, 2 * kPrice};
  EXPECT_EQ(stranger(), kYes);
  EXPECT_EQ(stranger(), kYes);
  const auto refused = pay_for_code(fixture_, "late");
  ASSERT_EQ(why(refused), Code::kBudgetSpent);
  EXPECT_EQ(fixture_.now() + *refused.error().retry_after, domain::day_begin(fixture_.now()) + hours(24));
  EXPECT_EQ(why(pay_for_code(fixture_, known)), kYes);
  EXPECT_EQ(why(pay_for_code(fixture_, known)), kYes);
  EXPECT_EQ(why(pay_for_code(fixture_, known)), Code::kBudgetSpent);
  EXPECT_EQ(spent(fixture_), 5 * kPrice);
  fixture_.wait(*refused.error().retry_after - kTick);
  EXPECT_EQ(stranger(), Code::kBudgetSpent);
  fixture_.wait(kTick);
  EXPECT_EQ(stranger(), kYes);
}

TEST_F(Money, ACountryOrAServiceClosesAlone) {
  budgets(fixture_).countries = {{"BR", {kPrice, 0}}, {"", {2 * kPrice, 0}}};
  EXPECT_EQ(stranger(), kYes);
  EXPECT_EQ(stranger(), Code::kBudgetSpent);
  EXPECT_EQ(stranger("+12125551234"), kYes);
  EXPECT_EQ(stranger("+12125551234"), kYes);
  EXPECT_EQ(stranger("+12125551234"), Code::kBudgetSpent);
  EXPECT_EQ(stranger("+351912345678"), kYes);
  budgets(fixture_) = {};
  budgets(fixture_).services[fixture_.service()] = {4 * kPrice, 0};
  EXPECT_EQ(stranger(), Code::kBudgetSpent);
}

// Whoever is refused for another reason has not spent anything.
TEST_F(Money, ARefusalForAnotherReasonTakesItBack) {
  fixture_.limits().sends_per_address = {1, hours(1)};
  ASSERT_EQ(stranger(), kYes);
  EXPECT_EQ(stranger(), Code::kRateLimited);
  EXPECT_EQ(spent(fixture_), kPrice);
  EXPECT_EQ(spent(fixture_, usecase::spent_on_country("BR")), kPrice);
}

TEST_F(Money, ASpentBudgetCountsInNoOtherLimit) {
  budgets(fixture_).account = domain::Budget{kPrice, 0};
  fixture_.limits().sends_per_account = {2, hours(24)};
  ASSERT_EQ(stranger(), kYes);
  EXPECT_EQ(stranger(), Code::kBudgetSpent);
  EXPECT_EQ(stranger(), Code::kBudgetSpent);
  budgets(fixture_).account.reset();
  EXPECT_EQ(stranger(), kYes);
}

TEST_F(Money, AResendCostsAgain) {
  ASSERT_EQ(stranger(), kYes);
  ASSERT_EQ(why(fixture_.start()), kYes);
  EXPECT_EQ(spent(fixture_), 2 * kPrice);
}

TEST_F(Money, AFurtherTryCostsAgainAndWhatWasNotHandedOverDoesNot) {
  ASSERT_EQ(stranger(), kYes);
  fixture_.give_back(fixture_.sent().back());
  auto due = fixture_.due_messages();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(spent(fixture_), kPrice);
  fixture_.finish(due[0], fail(unavailable()));
  fixture_.wait(minutes(1));
  due = fixture_.due_messages();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(spent(fixture_), 2 * kPrice);
}

// The node may have handed it over before it died.
TEST_F(Money, WhatADeadNodeLeftCostsAgain) {
  ASSERT_EQ(stranger(), kYes);
  fixture_.wait(seconds(60));
  ASSERT_EQ(fixture_.due_messages().size(), 1U);
  EXPECT_EQ(spent(fixture_), 2 * kPrice);
}

TEST_F(Money, AFurtherTryThatNoBudgetHasRoomForEndsTheMessage) {
  budgets(fixture_).account = domain::Budget{kPrice, kPrice};
  ASSERT_EQ(stranger(), kYes);
  const auto message = fixture_.sent().back();
  fixture_.finish(message, fail(unavailable()));
  fixture_.wait(minutes(1));
  EXPECT_TRUE(fixture_.due_messages().empty());
  EXPECT_EQ(fixture_.message(message.id)->status, "failed");
  EXPECT_EQ(fixture_.verification().send_fault, "rate_limited");
  EXPECT_EQ(spent(fixture_), kPrice);
}

TEST_F(Money, AMoveToAnotherProviderCostsWhatItLacks) {
  usecase::QueuedMessage message;
  ASSERT_EQ(stranger(), kYes);
  message = fixture_.sent().back();
  EXPECT_EQ(message.paid.ahead, kPrice);
  auto& sms = fixture_.settings().accounts.at(fixture_.account()).services.front().providers.at(Channel::kSms);
  sms.prices = {{"", {3 * kPrice, "BRL"}}};
  usecase::note_move(fixture_.context(), message, false);  // Nobody was asked: the difference.
  EXPECT_EQ(message.paid.due, 2 * kPrice);
  usecase::note_move(fixture_.context(), message, true);  // Somebody was: all of it.
  EXPECT_EQ(message.paid.due, 3 * kPrice);
  ASSERT_TRUE(fixture_.in(
      [&](store::Tx& tx, Moment& moment) { return usecase::move(tx, fixture_.context(), message, moment); }));
  EXPECT_EQ(spent(fixture_), 4 * kPrice);
  budgets(fixture_).account = domain::Budget{5 * kPrice, 0};
  EXPECT_FALSE(fixture_.in(
      [&](store::Tx& tx, Moment& moment) { return usecase::move(tx, fixture_.context(), message, moment); }));
  EXPECT_EQ(fixture_.message(message.id)->status, "failed");
  EXPECT_EQ(spent(fixture_), 4 * kPrice);
}

TEST_F(Money, AnUnknownPriceIsTheDearestAndAnotherCurrencyHasARate) {
  auto& service = fixture_.settings().accounts.at(fixture_.account()).services.front();
  const auto price = [&](contact::Channel channel, std::string_view to) {
    return usecase::price_of(fixture_.context(), fixture_.account(), {service.id, channel, "double"}, to);
  };
  fixture_.settings().money.dearest = 77;
  service.providers.at(Channel::kSms).prices = {{"US", {20'000, "USD"}}, {"PT", {1, "EUR"}}};
  EXPECT_EQ(price(Channel::kSms, "+12125551234"), 100'000);
  EXPECT_EQ(price(Channel::kSms, kPhone), 77);
  EXPECT_EQ(price(Channel::kSms, "+351912345678"), 77);  // A currency without a rate.
  EXPECT_EQ(price(Channel::kEmail, kEmail), 0);
  service.providers.at(Channel::kEmail).prices = {{"", {100, "BRL"}}};
  EXPECT_EQ(price(Channel::kEmail, kEmail), 100);
}

}  // namespace
}  // namespace countersign::testing
