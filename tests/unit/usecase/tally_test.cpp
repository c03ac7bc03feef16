#include "usecase/tally.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "store/repository/queues.h"
#include "test_mode/twin.h"
#include "tests/unit/usecase/script.h"

namespace countersign::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

/// Writes down what it hears, a line each.
class Heard final : public usecase::Tally {
 public:
  std::vector<std::string> events, lines, carried, decisions;

  void on_event(const Place& place, std::string_view type) override { events.push_back(of(place) + std::string(type)); }
  void on_started(const Place& place, Channel channel, std::string_view country) override {
    add("started", place, {contact::to_text(channel), country});
  }
  void on_approved(const Place& place, std::string_view method, std::string_view country) override {
    add("approved", place, {method, country});
  }
  void on_claimed(const Place& place, std::string_view method) override { add("claimed", place, {method}); }
  void on_limit(std::string_view account, std::string_view limit, std::string_view country) override {
    add("limit", {std::string(account), ""}, {limit, country});
  }
  void on_lock(std::string_view account, std::string_view what) override {
    add("lock", {std::string(account), ""}, {what});
  }
  void on_decision(const Place& place, const risk::Decision& decision, std::string_view country) override {
    decisions.push_back(fmt::format("{}/{} {} {} {}", place.account, place.service, risk::to_text(decision.point),
                                    risk::to_text(decision.outcome), country));
  }
  void on_accepted(const Place& place, Channel channel, std::string_view country, Duration latency) override {
    add("accepted", place,
        {contact::to_text(channel), country,
         std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(latency).count())});
  }
  void on_message_failed(const Place& place, std::string_view provider, Channel channel, std::string_view country,
                         std::string_view fault) override {
    add("failed", place, {provider, contact::to_text(channel), country, fault});
  }
  void on_carried(std::string_view provider, Channel channel, std::string_view country) override {
    carried.push_back(fmt::format("carried {} {} {}", provider, contact::to_text(channel), country));
  }
  void on_converted(std::string_view provider, Channel channel, std::string_view country) override {
    carried.push_back(fmt::format("converted {} {} {}", provider, contact::to_text(channel), country));
  }
  void on_delivery_report(std::string_view provider, Channel channel, std::string_view stage, std::string_view reason,
                          std::string_view effect) override {
    add("report", {}, {provider, contact::to_text(channel), stage, reason, effect});
  }
  void on_webhook_failed(std::string_view endpoint) override { add("webhook failed", {}, {endpoint}); }

 private:
  static std::string of(const Place& place) { return place.account + "/" + place.service + " "; }
  void add(std::string_view what, const Place& place, std::initializer_list<std::string_view> more) {
    std::string line = std::string(what) + " " + of(place);
    for (const auto word : more) line.append(word).push_back(' ');
    line.pop_back();
    lines.push_back(line);
  }
};

class Tallied : public ::testing::Test {
 protected:
  Tallied() { fixture_.listen(heard_); }

  Heard heard_;  // Outlives the fixture.
  Fixture fixture_;
  const std::string account_ = fixture_.settings().accounts.at(fixture_.account()).name;
};

TEST_F(Tallied, StartedApprovedAndClaimedByServiceChannelAndCountry) {
  verify(fixture_);
  EXPECT_EQ(why(fixture_.claim()), kYes);
  EXPECT_EQ(why(fixture_.claim()), kYes);  // The same winner once more.
  const std::string place = account_ + "/default ";
  EXPECT_THAT(heard_.lines,
              ElementsAre("started " + place + "sms BR", "approved " + place + "sms BR", "claimed " + place + "sms"));
  EXPECT_THAT(heard_.events, ::testing::IsSupersetOf({place + "transaction.held", place + "verification.started",
                                                      place + "check.approved", place + "transaction.verified",
                                                      place + "transaction.claimed"}));
}

TEST_F(Tallied, AMailboxHasNoCountryAndASecondSendingIsNoSecondStart) {
  fixture_.request().contacts = {{Channel::kEmail, std::string(kEmail)}};
  fixture_.hold();
  ASSERT_EQ(why(fixture_.start(Channel::kEmail)), kYes);
  fixture_.wait(seconds(30));
  ASSERT_EQ(why(fixture_.start(Channel::kEmail)), kYes);
  EXPECT_THAT(heard_.lines, ElementsAre("started " + account_ + "/default email none"));
}

TEST_F(Tallied, WhatTheFraudRulesDecideByPointAndOutcome) {
  fixture_.hold();
  ASSERT_EQ(why(fixture_.start()), kYes);
  EXPECT_THAT(heard_.decisions, ElementsAre(account_ + "/default send allow BR"));
}

TEST_F(Tallied, AnAppIsApprovedByTotp) {
  active_factor(fixture_);
  fixture_.hold();
  heard_.lines.clear();
  ASSERT_EQ(why(fixture_.check_totp(fixture_.totp_code())), kYes);
  EXPECT_THAT(heard_.lines, ElementsAre("approved " + account_ + "/default totp none"));
}

TEST_F(Tallied, ALimitIsNamedWithTheCountryOfTheMessage) {
  unlimited(fixture_).sends_per_country = {1, minutes(10)};
  fixture_.hold();
  ASSERT_EQ(why(fixture_.start()), kYes);
  heard_.lines.clear();
  fixture_.wait(minutes(1));
  fixture_.hold();
  ASSERT_EQ(why(fixture_.start()), Code::kRateLimited);
  EXPECT_THAT(heard_.lines, ElementsAre("limit " + account_ + "/ sends_per_country BR"));
}

TEST_F(Tallied, EachLockOnceAndNotEachWrongCode) {
  fixture_.hold();
  ASSERT_EQ(why(fixture_.start()), kYes);
  heard_.lines.clear();
  guess_wrong(fixture_, 4);
  EXPECT_THAT(heard_.lines, IsEmpty());
  guess_wrong(fixture_, 3);
  EXPECT_THAT(heard_.lines, ElementsAre("lock " + account_ + "/ line_strangers"));
}

TEST_F(Tallied, AnAppThatIsLocked) {
  active_factor(fixture_);
  fixture_.hold();
  heard_.lines.clear();
  const std::string wrong = fixture_.totp_code(50);
  for (int i = 0; i < 6; ++i) static_cast<void>(fixture_.check_totp(wrong));
  EXPECT_THAT(heard_.lines, ElementsAre("lock " + account_ + "/ app"));
}

TEST_F(Tallied, AMessageByItsEndAndNotByItsAttempts) {
  fixture_.hold();
  ASSERT_EQ(why(fixture_.start()), kYes);
  const auto message = fixture_.sent().back();
  heard_.lines.clear();
  fixture_.finish(message, fail(unavailable()));
  EXPECT_THAT(heard_.lines, IsEmpty()) << "it is tried again";
  fixture_.finish(
      message, fail(delivery::ProviderError{
                   delivery::Fault::kInvalidAddress, delivery::PersonNotice::kNumberNotSupported, "", "", {}, false}));
  EXPECT_THAT(heard_.lines, ElementsAre("failed " + account_ + "/default double sms BR invalid_address"));
}

TEST_F(Tallied, AReportThatItNeverArrivedAmongTheFailed) {
  fixture_.hold();
  ASSERT_EQ(why(fixture_.start()), kYes);
  const auto message = fixture_.sent().back();
  fixture_.finish(message, delivery::Accepted{"SM-1"});
  heard_.lines.clear();
  using contact::DeliveryStage;
  const auto report = [&](const domain::Delivery& said) {
    return fixture_.in([&](store::Tx& tx, Moment& moment) {
      return usecase::report_delivery(tx, fixture_.context(), {fixture_.account(), message.id, "SM-1", said, "30006"},
                                      moment);
    });
  };
  const domain::Delivery lost{DeliveryStage::kFailed, contact::DeliveryReason::kUnsupportedAddress};
  EXPECT_EQ(report(lost), domain::ReportEffect::kAdvanced);
  EXPECT_THAT(heard_.lines, ElementsAre("report / double sms failed unsupported_address advanced",
                                        "failed " + account_ + "/default double sms unknown unsupported_address"));
  heard_.lines.clear();
  EXPECT_EQ(report(lost), domain::ReportEffect::kNothing);
  EXPECT_EQ(report({DeliveryStage::kDelivered}), domain::ReportEffect::kAdvanced);
  fixture_.wait(minutes(10));
  EXPECT_EQ(report({DeliveryStage::kRead}), domain::ReportEffect::kLate);
  EXPECT_THAT(heard_.lines,
              ElementsAre("report / double sms failed unsupported_address nothing",
                          "report / double sms delivered none advanced", "report / double sms read none late"));
}

TEST_F(Tallied, TheTimeFromQueueingToAcceptanceAlsoOfOneThatWasReadBack) {
  fixture_.hold();
  ASSERT_EQ(why(fixture_.start()), kYes);
  heard_.lines.clear();
  usecase::count_accepted(fixture_.context(), fixture_.sent().back(), fixture_.now() + std::chrono::milliseconds(1500));
  fixture_.wait(seconds(60));
  const auto due = fixture_.due_messages();
  ASSERT_EQ(due.size(), 1U);
  usecase::count_accepted(fixture_.context(), due[0], fixture_.now());
  const std::string place = account_ + "/default sms BR ";
  EXPECT_THAT(heard_.lines, ElementsAre("accepted " + place + "1500", "accepted " + place + "60000"));
}

TEST_F(Tallied, AWebhookThatIsGivenUp) {
  const auto endpoint = fixture_.add_endpoint();
  ASSERT_EQ(why(endpoint), kYes);
  verify(fixture_);
  const auto due = fixture_.due_deliveries();
  ASSERT_EQ(due.size(), 1U);
  heard_.lines.clear();
  fixture_.finish(due[0], delivery::WebhookVerdict::kRetry, 500);
  EXPECT_THAT(heard_.lines, IsEmpty()) << "it is tried again";
  fixture_.finish(due[0], delivery::WebhookVerdict::kEndpointGone, 410);
  EXPECT_THAT(heard_.lines, ElementsAre("webhook failed / " + endpoint->endpoint.id.text()));
}

// Alerts and conversions are about people.
TEST(TalliedOfTests, IsNothing) {
  Heard heard;
  Twin twin;
  twin.fixture.listen(heard);
  auto& limits = twin.fixture.settings().accounts.at(twin.id()).limits;
  limits.sends_per_address = {1, hours(24)};
  const auto held = twin.hold("ana", Channel::kSms, "+12025550110");
  ASSERT_EQ(why(twin.start(held, Channel::kSms)), kYes);
  const auto again = twin.hold("ana", Channel::kSms, "+12025550110");
  ASSERT_EQ(why(twin.start(again, Channel::kSms)), Code::kRateLimited);
  ASSERT_EQ(twin.check(held, "000000"), kYes);
  ASSERT_EQ(twin.claim(held), kYes);
  EXPECT_THAT(heard.lines, IsEmpty());
  EXPECT_THAT(heard.events, IsEmpty());
  verify(twin.fixture);
  EXPECT_FALSE(heard.events.empty()) << "its live twin is heard";
}

TEST(TalliedOfTests, IsNoMessageThatFails) {
  Heard heard;
  Twin twin;
  twin.fixture.listen(heard);
  const auto held = twin.hold("ana", Channel::kSms, "+12025550114");
  ASSERT_EQ(why(twin.start(held, Channel::kSms)), kYes);
  ASSERT_FALSE(twin.show(held)->verifications.empty());
  ASSERT_NE(twin.show(held)->verifications[0].send_fault, std::nullopt);
  EXPECT_THAT(heard.lines, IsEmpty());
}

TEST(Countries, AreOfTheNumberingPlan) {
  EXPECT_EQ(usecase::country_of("+5511987654321"), "BR");
  EXPECT_EQ(usecase::country_of("+12025550123"), "US");
  EXPECT_EQ(usecase::country_of("+14165550123"), "CA");
  EXPECT_EQ(usecase::country_of("+870773111632"), "+870");
  EXPECT_EQ(usecase::country_of("ana.lima@example.com"), "none");
  EXPECT_EQ(usecase::country_of(""), "unknown");
}

TEST(Queues, SayWhatWaitsAndNotWhatIsBeingWorkedOnOrComesLater) {
  Fixture fixture;
  const auto oldest = [&](std::string_view queue) {
    const auto at = std::ranges::find(store::kQueues, queue) - store::kQueues.begin();
    return fixture.in([&](store::Tx& tx, const Moment& moment) { return store::oldest_due(tx, moment.now); })
        .at(static_cast<std::size_t>(at));
  };
  ASSERT_EQ(why(fixture.add_endpoint()), kYes);
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  EXPECT_EQ(oldest("messages"), std::nullopt) << "leased to whoever sends it";
  EXPECT_EQ(oldest("transactions"), std::nullopt);
  const WallTime lease_ends = fixture.now() + fixture.settings().lease();
  fixture.wait(minutes(5));
  EXPECT_EQ(oldest("messages"), lease_ends);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  EXPECT_EQ(oldest("webhooks"), fixture.now());
  ASSERT_FALSE(fixture.due_deliveries().empty());
  EXPECT_EQ(oldest("webhooks"), std::nullopt);
  fixture.wait(hours(1));
  EXPECT_NE(oldest("transactions"), std::nullopt) << "nobody expires it";
}

TEST(Queues, SayNothingOfTests) {
  Twin twin;
  static_cast<void>(twin.hold("ana", Channel::kSms, "+12025550110"));
  twin.fixture.wait(hours(48));
  const auto oldest =
      twin.fixture.in([](store::Tx& tx, const Moment& moment) { return store::oldest_due(tx, moment.now); });
  EXPECT_THAT(oldest, ::testing::Each(std::nullopt));
}

}  // namespace
}  // namespace countersign::testing
