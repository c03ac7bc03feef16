// Long because messages that nobody reports are played with the providers of the failover.

#include <fmt/format.h>

#include "domain/routing.h"
#include "tests/unit/usecase/script.h"
#include "tests/unit/usecase/spending/money.h"
#include "usecase/outbox/carrier.h"
#include "usecase/outbox/courier/post_office.h"
#include "usecase/outbox/obstacles.h"
#include "usecase/outbox/provider_board.h"
#include "usecase/outbox/tries.h"
#include "usecase/outbox/unreported.h"
#include "usecase/outbox/work_messages.h"

// A message that a provider refuses, or cannot take, goes by the next of its list: once, with the same code. [ADR 45]
namespace countersign::testing {
namespace {

ServerReply refuse_with(int status) { return {status}; }

class Failover : public ::testing::Test {
 protected:
  Failover() {
    fixture().know(board);
    office.restart(Duration{});  // With the board.
    further({{"second", false}});
  }
  Fixture& fixture() { return office.fixture; }
  usecase::ServiceSettings& service() { return fixture().settings().accounts.at(fixture().account()).services.front(); }
  void further(std::vector<usecase::ChannelProvider> providers) {
    service().further[Channel::kSms] = {std::move(providers), {}};
  }
  void first_answers(int status) {
    office.hook.answer_with([status](const ServerRequest&) { return refuse_with(status); });
  }
  void second_answers(int status) {
    office.second.answer_with([status](const ServerRequest&) { return refuse_with(status); });
  }
  void run_until_all_end() {
    office.run_until([&] { return !office.statuses().contains("queued"); }, minutes(2));
  }
  struct Trail {
    std::string provider;
    std::string status;
    usecase::Tries tries;
  };
  Trail trail_of(const MessageId& id) {
    static const store::Sql kFind{"SELECT provider, status, tries FROM messages WHERE id = :id"};
    return fixture().in([&](store::Tx& tx, Moment&) {
      Trail trail;
      tx.one(kFind, {id}, [&](const store::Row& row) {
        trail = {row.string(0), row.string(1), usecase::parse_tries(row.optional_string(2))};
      });
      return trail;
    });
  }
  std::vector<std::string> said(const MessageId& id) {
    std::vector<std::string> all;
    for (const auto& one : trail_of(id).tries) all.push_back(one.provider + " " + one.outcome);
    return all;
  }
  using Said = std::vector<std::string>;

  usecase::ProviderBoard board;  // Outlives the courier.
  PostOffice office;
};

TEST_F(Failover, WhatAProviderRefusesGoesByTheNextAtOnceWithTheSameCode) {
  first_answers(503);
  const auto message = office.make_code();
  const auto code = fixture().code();
  office.courier().deliver(message);
  office.run_until([&] { return trail_of(message.id).status == "sent"; }, minutes(2));
  EXPECT_EQ(office.hook.requests().at(message.id.text()), 1);
  const auto arrivals = office.second.accepted().at(message.id.text());
  ASSERT_EQ(arrivals.size(), 1U);
  EXPECT_EQ(arrivals.front().code, code);
  EXPECT_EQ(arrivals.front().expires_at, message.expires_at) << "its life does not grow";
  EXPECT_EQ(trail_of(message.id).provider, "second");
  EXPECT_EQ(said(message.id), (Said{"double unavailable", "second accepted"}));
  EXPECT_EQ(why(fixture().check(code)), kYes);
}

TEST_F(Failover, WhateverIsCertainlyTheProvidersOwnGoesOn) {
  for (const int status : {401, 403, 404, 429, 501, 503}) {
    first_answers(status);
    const auto id = office.send_code();
    office.run_until([&] { return trail_of(id).status == "sent"; }, minutes(2));
    EXPECT_EQ(trail_of(id).provider, "second") << status;
    EXPECT_EQ(office.hook.requests().at(id.text()), 1) << status;
  }
}

TEST_F(Failover, WhatIsWrongWithTheNumberIsToldAndNotTriedElsewhere) {
  first_answers(400);
  const auto id = office.send_code();
  run_until_all_end();
  EXPECT_EQ(trail_of(id).status, "failed");
  EXPECT_TRUE(office.second.requests().empty());
  EXPECT_EQ(said(id), Said{"double rejected"});
}

TEST_F(Failover, WhatMayHaveBeenSentIsNotSentByAnother) {
  first_answers(500);
  const auto id = office.send_code();
  office.run_until([&] { return office.hook.requests()[id.text()] == 2; }, minutes(2), 10);
  run_until_all_end();
  EXPECT_EQ(trail_of(id).status, "failed");
  EXPECT_TRUE(office.second.requests().empty());
  const auto tries = trail_of(id).tries;
  ASSERT_EQ(tries.size(), 2U);
  EXPECT_TRUE(tries.at(0).doubtful);
}

TEST_F(Failover, WhatOneMayHaveSentIsNotSentByAnotherOnceItRefuses) {
  first_answers(500);
  const auto id = office.send_code();
  office.run_until([&] { return trail_of(id).tries.size() == 1; }, minutes(2));
  first_answers(503);
  office.run_until([&] { return office.hook.requests()[id.text()] == 2; }, minutes(2), 10);
  office.run(minutes(1), 10);
  EXPECT_TRUE(office.second.requests().empty());
}

TEST_F(Failover, WhatOneMayHaveSentIsNotSentByAnotherOnceItIsDrained) {
  first_answers(500);
  const auto id = office.send_code();
  office.run_until([&] { return trail_of(id).tries.size() == 1; }, minutes(2));
  board.set_drained({"double"});
  office.run_until([&] { return office.hook.requests()[id.text()] == 2; }, minutes(2), 10);
  run_until_all_end();
  EXPECT_TRUE(office.second.requests().empty());
}

TEST_F(Failover, AFailingProviderIsPassedOverAndComesBack) {
  first_answers(503);
  for (int i = 0; i < delivery::Breaker::kFailures; ++i) office.send_code();
  run_until_all_end();
  ASSERT_TRUE(board.failing("double"));
  const auto asked = office.hook.requests().size();
  std::vector<MessageId> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(office.send_code());
  run_until_all_end();
  EXPECT_LE(office.hook.requests().size(), asked + 2) << "a trial now and then";
  for (const auto& id : ids) EXPECT_EQ(office.second.accepted().at(id.text()).size(), 1U);
  first_answers(200);
  office.run_until(
      [&] {
        office.send_code();
        return !office.hook.accepted().empty();
      },
      minutes(2), 10);
  run_until_all_end();
}

TEST_F(Failover, AfterACrashItsProviderReportsToItsOwnAddressAllTheSame) {
  usecase::ChannelProvider gateway{"second", false};
  gateway.gateway = true;
  further({gateway});
  auto message = office.make_code();
  usecase::go_on_with(fixture().context(), message, {Channel::kSms, "second"}, false);
  ASSERT_TRUE(fixture().in(
      [&](store::Tx& tx, Moment& moment) { return usecase::move(tx, fixture().context(), message, moment); }));
  fixture().wait(fixture().settings().lease() + seconds(1));
  const auto due = fixture().in(
      [&](store::Tx& tx, Moment& moment) { return usecase::lease_due_messages(tx, fixture().context(), 10, moment); });
  ASSERT_EQ(due.jobs.size(), 1U);
  const auto& url = std::get<delivery::OutgoingMessage>(due.jobs.front().content).status_callback_url;
  EXPECT_NE(url.find("/callbacks/gateway/second/"), std::string::npos) << url;
}

TEST_F(Failover, ATemplateThatShowsTheCodeAloneNeverTakesOver) {
  usecase::ChannelProvider alone{"second", false};
  alone.code_alone = {Channel::kSms};
  further({alone});
  first_answers(503);
  const auto id = office.send_code();
  office.run_until([&] { return office.hook.requests()[id.text()] >= 2; }, minutes(2), 10);
  EXPECT_TRUE(office.second.requests().empty());
}

TEST_F(Failover, WhereNoneTakesItTheMessageWaitsAndGoesOutOnce) {
  first_answers(503);
  second_answers(401);
  const auto id = office.send_code();
  office.run_until([&] { return trail_of(id).tries.size() >= 2; }, minutes(2));
  EXPECT_EQ(trail_of(id).status, "queued") << "the first will work again";
  first_answers(200);
  office.run_until([&] { return trail_of(id).status == "sent"; }, minutes(4), 10);
  EXPECT_EQ(office.hook.accepted().at(id.text()).size(), 1U);
  EXPECT_FALSE(office.second.accepted().contains(id.text()));
}

TEST_F(Failover, WhereAllAreSetUpWronglyItFails) {
  first_answers(401);
  second_answers(401);
  const auto id = office.send_code();
  run_until_all_end();
  EXPECT_EQ(trail_of(id).status, "failed");
  EXPECT_EQ(said(id), (Said{"double misconfigured", "second misconfigured"}));
}

TEST_F(Failover, AProviderThatMakesCodesNeverTakesOver) {
  further({{"verifier", true}});
  first_answers(401);
  const auto id = office.send_code();
  run_until_all_end();
  EXPECT_EQ(trail_of(id).status, "failed");
  EXPECT_EQ(said(id), Said{"double misconfigured"});
}

TEST_F(Failover, AStartPassesOverAnOpenCircuit) {
  const MonotonicTime now{};
  for (int i = 0; i < delivery::Breaker::kFailures; ++i) {
    const bool tried = board.started("double");
    fixture().in([&](store::Tx&, Moment& moment) {
      board.ended("double", tried, true, now, moment.random);
      return Done{};
    });
  }
  EXPECT_EQ(office.make_code().provider, "second");
}

TEST_F(Failover, ATrialIsForAMessageThatWouldHaveGoneThere) {
  const auto another_line = [&] { return fixture().in([&](store::Tx&, Moment& moment) { return Id::make(moment); }); };
  for (std::size_t i = 0; i < domain::routing::kSilentAfter; ++i)
    static_cast<void>(board.note_unreported("second", "BR", another_line(), fixture().account(), fixture().now()));
  board.look(MonotonicTime{});
  board.look(MonotonicTime{} + domain::routing::kTrialEvery);
  EXPECT_EQ(office.make_code().provider, "double");
  EXPECT_FALSE(board.passed_over("second", "BR", fixture().account(), true)) << "the trial is still to be had";
}

TEST_F(Failover, AStartPassesOverWhatIsDrained) {
  board.set_drained({"double"});
  const auto id = office.send_code();
  run_until_all_end();
  EXPECT_EQ(trail_of(id).provider, "second");
  EXPECT_TRUE(office.hook.requests().empty());
  board.set_drained({"double", "second"});
  const auto only = office.send_code();
  run_until_all_end();
  EXPECT_EQ(trail_of(only).provider, "double") << "nobody is left without a way";
}

TEST_F(Failover, WhatWaitsForADrainedProviderGoesByTheNext) {
  const auto message = office.make_code();
  ASSERT_EQ(message.provider, "double");
  board.set_drained({"double"});
  office.courier().deliver(message);
  run_until_all_end();
  EXPECT_EQ(trail_of(message.id).provider, "second");
  EXPECT_TRUE(office.hook.requests().empty());
}

TEST_F(Failover, ARepeatKeepsToThoseThatSendOurText) {
  service().providers[Channel::kSms] = {"verifier", true};
  further({{"double", false}, {"second", false}});
  board.set_drained({"verifier"});
  const auto first = office.make_code();
  EXPECT_EQ(first.provider, "double");
  board.set_drained({});
  fixture().wait(minutes(2));
  ASSERT_EQ(why(fixture().start()), kYes);
  EXPECT_EQ(fixture().sent().back().provider, "double") << "not the provider that makes codes, though it is first";
  EXPECT_TRUE(std::holds_alternative<delivery::OutgoingMessage>(fixture().sent().back().content));
}

TEST_F(Failover, WhatEachMessageMayHaveCostStandsWithIt) {
  const domain::Price cheap{8'000, "USD"};
  service().providers[Channel::kSms].prices = {{"BR", {50'000, "USD"}}, {"", cheap}};
  usecase::ChannelProvider second{"second", false};
  second.prices = {{"", cheap}};
  further({second});
  const auto own = office.send_code();
  run_until_all_end();
  EXPECT_EQ(domain::to_text(usecase::cost_of(trail_of(own).tries)), "0.05 USD");
  first_answers(503);
  const auto other = office.send_code();
  run_until_all_end();
  EXPECT_EQ(domain::to_text(usecase::cost_of(trail_of(other).tries)), "0.008 USD") << "a refusal costs nothing";
  first_answers(500);
  const auto doubted = office.send_code();
  office.run_until([&] { return office.hook.requests()[doubted.text()] == 2; }, minutes(2), 10);
  run_until_all_end();
  EXPECT_EQ(domain::to_text(usecase::cost_of(trail_of(doubted).tries)), "0.10 USD") << "both may have been sent";
}

TEST_F(Failover, ManyThatAreRefusedAtATimeAllGoOn) {
  first_answers(429);
  std::vector<MessageId> ids;
  for (int i = 0; i < 60; ++i) ids.push_back(office.send_code());
  run_until_all_end();
  for (const auto& id : ids) {
    EXPECT_EQ(office.second.accepted().at(id.text()).size(), 1U);
    EXPECT_EQ(trail_of(id).provider, "second");
  }
}

/// A provider that reports what it delivers, and a person who has proved her line.
class Unreported : public Failover {
 protected:
  Unreported() { service().providers[Channel::kSms].reports = contact::Reports::kUsable; }
  usecase::QueuedMessage to_somebody_known() {
    office.make_code();
    EXPECT_EQ(why(fixture().check(fixture().code())), kYes);
    fixture().hold();
    EXPECT_EQ(why(fixture().start()), kYes);
    return fixture().sent().back();
  }
  void deliver(const usecase::QueuedMessage& message) {
    office.courier().deliver(message);
    office.run_until([&] { return trail_of(message.id).status == "sent"; }, minutes(2));
  }
  /// The report of a provider about what it has accepted.
  bool report(const MessageId& id, contact::DeliveryStage stage) { return report(fixture().context(), id, stage); }
  bool report(const usecase::Context& context, const MessageId& id, contact::DeliveryStage stage) {
    static const store::Sql kRef{"SELECT provider_ref FROM messages WHERE id = :id"};
    return fixture().in([&](store::Tx& tx, Moment& moment) {
      std::string ref;
      tx.one(kRef, {id}, [&](const store::Row& row) { ref = row.optional_string(0).value_or(""); });
      const domain::Delivery said{stage};
      return usecase::report_delivery(tx, context, {fixture().account(), id, ref, said}, moment);
    }) == domain::ReportEffect::kAdvanced;
  }
  /// What the first provider accepts now is delivered so long after it.
  void delivered_after(Duration took) { board.note_delay("double", "BR", fixture().now(), fixture().now() + took); }
  void wait_long() { office.run(minutes(3), 100); }
  std::size_t by_second() { return office.second.requests().size(); }
};

TEST_F(Unreported, IsSentOnceMoreByTheNextWithTheSameCode) {
  const auto message = to_somebody_known();
  const auto code = fixture().code();
  deliver(message);
  office.run(seconds(25), 50);
  EXPECT_EQ(by_second(), 0U) << "a report may come";
  office.run_until([&] { return by_second() == 1; }, minutes(2), 50);
  wait_long();
  const auto accepted = office.second.accepted();
  ASSERT_EQ(accepted.size(), 1U) << "one more, whatever becomes of it";
  const auto& [id, arrivals] = *accepted.begin();
  EXPECT_NE(id, message.id.text()) << "a message of its own";
  ASSERT_EQ(arrivals.size(), 1U);
  EXPECT_EQ(arrivals.front().code, code);
  EXPECT_EQ(arrivals.front().expires_at, message.expires_at);
  EXPECT_EQ(said(message.id), Said{"double unreported"});
  EXPECT_EQ(why(fixture().check(code)), kYes);
}

TEST_F(Unreported, OnceAlthoughNobodyReportsThatMessageEither) {
  usecase::ChannelProvider second{"second", false};
  second.reports = contact::Reports::kUsable;
  further({second});
  deliver(to_somebody_known());
  office.run(minutes(5), 100);
  EXPECT_EQ(by_second(), 1U);
  const auto events = fixture().all_events();
  EXPECT_EQ(std::ranges::count(events, "message.sent_again", &store::EventRow::type), 1) << "nor by the first again";
}

TEST_F(Unreported, AProviderThatDeliversNothingToACountryIsPassedOverThere) {
  const auto another_line = [&] { return fixture().in([&](store::Tx&, Moment& moment) { return Id::make(moment); }); };
  for (std::size_t i = 1; i < domain::routing::kSilentAfter; ++i)
    EXPECT_FALSE(board.note_unreported("double", "BR", another_line(), fixture().account(), fixture().now()));
  deliver(to_somebody_known());
  office.run_until([&] { return by_second() == 1; }, minutes(2), 50);
  EXPECT_TRUE(board.passed_over("double", "BR", fixture().account(), false));
  EXPECT_FALSE(board.passed_over("double", "PT", fixture().account(), false));
  EXPECT_FALSE(board.passed_over("second", "BR", fixture().account(), false));
  EXPECT_EQ(office.make_code().provider, "second");
  for (std::size_t i = 1; i <= domain::routing::kTrialsToTrust; ++i) {
    EXPECT_TRUE(board.passed_over("double", "BR", fixture().account(), false)) << i;
    delivered_after(seconds(3));
  }
  EXPECT_EQ(office.make_code().provider, "double");
}

TEST_F(Unreported, WhoHasTypedTheCodeSilencesNobody) {
  for (std::size_t i = 0; i <= domain::routing::kSilentAfter; ++i) {
    deliver(to_somebody_known());
    EXPECT_EQ(why(fixture().check(fixture().code())), kYes);
  }
  wait_long();
  EXPECT_TRUE(board.silent().empty());
}

TEST_F(Unreported, AReportInTimeEndsIt) {
  for (const auto status : {contact::DeliveryStage::kDelivered, contact::DeliveryStage::kFailed}) {
    const auto message = to_somebody_known();
    deliver(message);
    EXPECT_TRUE(report(message.id, status));
    wait_long();
    EXPECT_EQ(by_second(), 0U);
  }
}

TEST_F(Unreported, AReportThatAnotherNodeTookEndsItToo) {
  const auto message = to_somebody_known();
  deliver(message);
  usecase::ProviderBoard of_another_node;
  auto context = fixture().context();
  context.board = &of_another_node;
  EXPECT_TRUE(report(context, message.id, contact::DeliveryStage::kDelivered));
  wait_long();
  EXPECT_EQ(by_second(), 0U);
}

TEST_F(Unreported, DeliveriesThatAnotherNodeHeardOfCountHere) {
  const auto another_line = [&] { return fixture().in([&](store::Tx&, Moment& moment) { return Id::make(moment); }); };
  for (std::size_t i = 1; i < domain::routing::kSilentAfter; ++i)
    EXPECT_FALSE(board.note_unreported("double", "BR", another_line(), fixture().account(), fixture().now()));
  usecase::ProviderBoard of_another_node;
  for (std::size_t i = 0; i < domain::routing::kDeliveriesForALine; ++i) {
    const auto message = to_somebody_known();
    deliver(message);
    auto context = fixture().context();
    context.board = &of_another_node;
    EXPECT_TRUE(report(context, message.id, contact::DeliveryStage::kDelivered));
  }
  wait_long();
  EXPECT_FALSE(board.note_unreported("double", "BR", another_line(), fixture().account(), fixture().now()))
      << "one of those before is taken back";
}

TEST_F(Unreported, NothingMoreIsSentToWhoHasAskedAgainHerself) {
  unlimited(fixture());
  deliver(to_somebody_known());
  EXPECT_EQ(why(fixture().start()), kYes);
  deliver(fixture().sent().back());
  wait_long();
  EXPECT_EQ(by_second(), 0U);
}

TEST_F(Unreported, NothingMoreIsSentAfterAStop) {
  const auto message = to_somebody_known();
  deliver(message);
  const auto& number = std::get<delivery::OutgoingMessage>(message.content).to;
  fixture().in([&](store::Tx& tx, Moment& moment) {
    usecase::take_wish(tx, fixture().context(), "double", {Channel::kSms, number, domain::OptWord::kStop, moment.now},
                       moment);
    return Done{};
  });
  wait_long();
  EXPECT_EQ(by_second(), 0U);
}

TEST_F(Unreported, NothingMoreIsSentToALineThatNobodyHasProved) {
  deliver(office.make_code());
  wait_long();
  EXPECT_EQ(by_second(), 0U);
}

TEST_F(Unreported, NothingMoreIsSentBeyondALimit) {
  fixture().limits().sends_per_contact = {2, hours(24)};
  deliver(to_somebody_known());
  wait_long();
  EXPECT_EQ(by_second(), 0U);
}

TEST_F(Unreported, ItCountsForTheLimits) {
  fixture().limits().sends_per_contact = {3, hours(24)};
  deliver(to_somebody_known());
  office.run_until([&] { return by_second() == 1; }, minutes(3), 50);
  EXPECT_EQ(why(fixture().start()), usecase::Code::kRateLimited);
}

TEST_F(Unreported, NothingMoreIsSentOnceSheHasAskedAgainOrAnswered) {
  deliver(to_somebody_known());
  EXPECT_EQ(why(fixture().check(fixture().code())), kYes);
  wait_long();
  EXPECT_EQ(by_second(), 0U);
  const auto message = to_somebody_known();
  fixture().wait(minutes(1));
  ASSERT_EQ(why(fixture().start()), kYes);
  EXPECT_EQ(office.fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::send_unreported(tx, fixture().context(), message, moment).again.has_value();
  }),
            false);
}

TEST_F(Unreported, AProviderWithoutUsableReportsIsNotWaitedFor) {
  service().providers[Channel::kSms].reports = contact::Reports::kNone;
  deliver(to_somebody_known());
  wait_long();
  EXPECT_EQ(by_second(), 0U);
}

TEST_F(Unreported, HowLongIsLearnedBetweenAFloorAndACeiling) {
  EXPECT_EQ(board.report_wait("double", "BR"), domain::routing::kWaitUnlearned);
  for (int i = 0; i < 40; ++i) delivered_after(seconds(3));
  EXPECT_EQ(board.report_wait("double", "BR"), domain::routing::kWaitFloor);
  for (int i = 0; i < 200; ++i) delivered_after(seconds(30));
  EXPECT_EQ(board.report_wait("double", "BR"), seconds(45));
  for (int i = 0; i < 200; ++i) delivered_after(hours(2));
  EXPECT_EQ(board.report_wait("double", "BR"), domain::routing::kWaitCeiling) << "a carrier's lie costs no more";
  EXPECT_EQ(board.report_wait("double", "PT"), domain::routing::kWaitUnlearned) << "each country by itself";
}

TEST_F(Failover, EachTryIsPaidForBeforeItLeaves) {
  constexpr std::int64_t kFirst = 50'000;
  constexpr std::int64_t kSecond = 80'000;
  price_messages(fixture(), kFirst);
  usecase::ChannelProvider second{"second", false};
  second.prices = {{"", {kSecond, "BRL"}}};
  further({second});
  office.send_code();
  run_until_all_end();
  EXPECT_EQ(spent(fixture()), kFirst);
  first_answers(503);
  office.send_code();
  run_until_all_end();
  EXPECT_EQ(spent(fixture()), kFirst + kFirst + kSecond);
}

TEST_F(Failover, ABudgetWithoutRoomForTheNextTryEndsTheMessage) {
  price_messages(fixture());
  budgets(fixture()).account = domain::Budget{50'000, 50'000};
  first_answers(503);
  const auto id = office.send_code();
  run_until_all_end();
  EXPECT_EQ(trail_of(id).status, "failed");
  EXPECT_TRUE(office.second.requests().empty());
  EXPECT_EQ(spent(fixture()), 50'000);
}

TEST_F(Failover, NothingThatWaitsIsHandedOverWhileSpendingIsStopped) {
  const auto message = office.make_code();
  board.set_drained({std::string(usecase::kAllSpending)});
  office.courier().deliver(message);
  office.run(seconds(20), 20);
  EXPECT_TRUE(office.hook.requests().empty());
  EXPECT_TRUE(office.second.requests().empty());
  EXPECT_EQ(trail_of(message.id).status, "queued");
  board.set_drained({});
  run_until_all_end();
  EXPECT_EQ(trail_of(message.id).status, "sent");
}

}  // namespace
}  // namespace countersign::testing
