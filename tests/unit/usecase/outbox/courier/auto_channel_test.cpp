#include <fmt/format.h>

#include <algorithm>

#include "domain/routing.h"
#include "store/repository/transactions.h"
#include "usecase/outbox/carrier.h"
#include "usecase/outbox/courier/post_office.h"
#include "usecase/outbox/provider_board.h"
#include "usecase/outbox/tries.h"
#include "usecase/outbox/unreported.h"
#include "usecase/outbox/work_messages.h"
#include "usecase/transaction/show.h"

// Of one telephone line the product chooses the channel: one code, whose life does not grow, one proof. [ADR 46]
namespace countersign::testing {
namespace {

using delivery::Fault;
using Channels = std::vector<Channel>;

contact::Wanted automatic() { return contact::Wanted::automatic(); }

/// WhatsApp by "other", SMS by "double" and "second", calls by "other"; the person has given her number for all three.
class AutoChannel : public ::testing::Test {
 protected:
  AutoChannel() {
    fixture().know(board);
    office.restart(Duration{});  // With the board.
    service().automatic = {Channel::kWhatsapp, Channel::kSms, Channel::kCall};
    service().providers[Channel::kWhatsapp] = {"other", false};
    service().providers[Channel::kCall] = {"other", false};
    for (const auto channel : {Channel::kCall, Channel::kWhatsapp})
      fixture().request().contacts.push_back({channel, std::string(kPhone)});
  }
  Fixture& fixture() { return office.fixture; }
  usecase::ServiceSettings& service() { return fixture().settings().accounts.at(fixture().account()).services.front(); }
  /// Started by `auto`, and not sent yet.
  usecase::QueuedMessage make() {
    fixture().hold();
    EXPECT_EQ(why(fixture().start({fixture().current(), automatic(), {}})), kYes);
    return fixture().sent().back();
  }
  void deliver(const usecase::QueuedMessage& message) {
    office.courier().deliver(message);
    office.run_until([&] { return state_of(message.id).status != "queued"; }, minutes(2));
  }
  store::MessageState state_of(const MessageId& id) { return *fixture().message(id); }
  std::vector<std::string> said(const MessageId& id) {
    std::vector<std::string> all;
    for (const auto& one : usecase::parse_tries(state_of(id).tries)) all.push_back(one.provider + " " + one.outcome);
    return all;
  }
  using Said = std::vector<std::string>;
  std::int64_t messages() { return fixture().count("messages"); }
  domain::Proof only_proof() {
    const auto proofs = fixture().row().state.proofs;
    EXPECT_EQ(proofs.size(), 1U);
    return proofs.front();
  }

  usecase::ProviderBoard board;  // Outlives the courier.
  PostOffice office;
};

TEST_F(AutoChannel, TheServicesOrderChooses) {
  EXPECT_EQ(make().channel(), Channel::kWhatsapp);
  EXPECT_EQ(fixture().verification().state.channel, Channel::kWhatsapp);
  service().automatic = {Channel::kCall, Channel::kSms};
  EXPECT_EQ(make().channel(), Channel::kCall);
}

// [ADR 48]
TEST_F(AutoChannel, AChannelThatIsKnownNotToReachTheLineIsLeftOutWhereThereIsAnother) {
  make();
  const auto opt_out = [&](std::vector<Channel> channels) {
    fixture().in([&](store::Tx& tx, Moment& moment) {
      const auto known =
          store::find_known_address(tx, fixture().context().vault, fixture().account(), Channel::kSms, kPhone);
      domain::Obstacles obstacles;
      for (const auto channel : channels) obstacles.push_back({channel, domain::ObstacleKind::kOptedOut, moment.now});
      store::save_obstacles(tx, fixture().account(), known.value().id, obstacles);
      return Done{};
    });
  };
  opt_out({Channel::kWhatsapp});
  const auto message = make();
  EXPECT_EQ(message.channel(), Channel::kSms);
  for (const auto& one : std::get<delivery::OutgoingMessage>(message.content).channels)
    EXPECT_NE(one.channel, Channel::kWhatsapp);
  opt_out({Channel::kWhatsapp, Channel::kSms, Channel::kCall});
  fixture().hold();
  EXPECT_EQ(why(fixture().start({fixture().current(), automatic(), {}})), usecase::Code::kOptedOut);
}

TEST_F(AutoChannel, OnlyChannelsOfTheLineThatTheApplicationGaveAndThePolicyAccepts) {
  fixture().request().contacts = {{Channel::kSms, std::string(kPhone)}, {Channel::kWhatsapp, "+5511912345678"}};
  fixture().request().identity = "two lines";
  fixture().hold();
  // The newest line is the one that was given last.
  const auto started = fixture().start({fixture().current(), automatic(), {}});
  ASSERT_EQ(why(started), kYes);
  const auto& content = std::get<delivery::OutgoingMessage>(fixture().sent().back().content);
  EXPECT_TRUE(content.channels.empty()) << "each line has one channel: there is nothing to choose";
  const auto other = fixture().start({fixture().current(), automatic(), std::string(kPhone)});
  ASSERT_EQ(why(other), kYes);
  EXPECT_EQ(other->channel, Channel::kSms);

  fixture().request().contacts = {{Channel::kEmail, std::string(kEmail)}};
  fixture().request().identity = "mailbox";
  fixture().hold();
  EXPECT_EQ(why(fixture().start({fixture().current(), automatic(), {}})), Code::kNoContact) << "another source";
  EXPECT_EQ(why(fixture().start({fixture().current(), automatic(), std::string(kEmail)})), Code::kInvalidField);
}

TEST_F(AutoChannel, WithoutWhatsappTheNextChannelHasTheSameCode) {
  office.other.refuse_with(Fault::kUnsupportedAddress);
  const auto message = make();
  const auto before = fixture().verification();
  const auto code = fixture().code();
  deliver(message);
  EXPECT_EQ(said(message.id), (Said{"other unsupported_address", "double accepted"}));
  EXPECT_EQ(state_of(message.id).channel, Channel::kSms);
  const auto events = fixture().events();
  EXPECT_EQ(std::ranges::count(events, "verification.rerouted"), 1);
  EXPECT_EQ(messages(), 1) << "one message, one count";
  const auto arrival = office.hook.accepted().at(message.id.text()).front();
  EXPECT_EQ(arrival.code, code);
  EXPECT_EQ(arrival.expires_at, message.expires_at) << "its life does not grow";
  const auto after = fixture().verification();
  EXPECT_EQ(after.state.channel, Channel::kSms);
  EXPECT_EQ(after.state.expires_at, before.state.expires_at);
  EXPECT_EQ(after.state.sends, 1);
  EXPECT_EQ(after.channels(), Channels{Channel::kSms});
  EXPECT_EQ(domain::sent_instead_of(after.sendings), Channel::kWhatsapp);
  ASSERT_EQ(why(fixture().check(code)), kYes);
  const auto proof = only_proof();
  EXPECT_EQ(proof.method, domain::Method::kSms);
  EXPECT_EQ(proof.channels, Channels{Channel::kSms});
}

TEST_F(AutoChannel, TheTextIsThatOfItsChannel) {
  office.other.refuse_with(Fault::kUnsupportedAddress);
  service().automatic = {Channel::kWhatsapp, Channel::kCall};
  const auto message = make();
  office.courier().deliver(message);
  office.run_until([&] { return office.other.given().size() == 2; }, minutes(2));
  const auto given = office.other.given();
  EXPECT_EQ(given.at(0).channel, Channel::kWhatsapp);
  EXPECT_NE(given.at(0).body.find("12,480.00"), std::string::npos) << given.at(0).body;
  EXPECT_EQ(given.at(1).channel, Channel::kCall);
  EXPECT_FALSE(given.at(1).call.ask.empty()) << "a call asks for a key first";
}

TEST_F(AutoChannel, WhatIsAboutTheNumberOrMayHaveBeenSentGoesNowhere) {
  for (const auto& [fault, maybe] : {std::pair{Fault::kInvalidAddress, false}, std::pair{Fault::kRejected, false},
                                     std::pair{Fault::kUnsupportedAddress, true}}) {
    office.other.refuse_with(fault, maybe);
    const auto message = make();
    deliver(message);
    EXPECT_EQ(state_of(message.id).status, "failed");
    EXPECT_FALSE(office.hook.requests().contains(message.id.text()));
  }
}

TEST_F(AutoChannel, WhatWhatsappDeclinesGoesOnAndWhatSomebodyOptedOutOfDoesNot) {
  office.other.refuse_with(Fault::kBlocked);
  const auto declined = make();
  deliver(declined);
  EXPECT_EQ(state_of(declined.id).channel, Channel::kSms);
  service().automatic = {Channel::kSms, Channel::kCall};
  service().providers[Channel::kSms] = {"other", false};
  const auto opted_out = make();
  deliver(opted_out);
  EXPECT_EQ(state_of(opted_out.id).status, "failed") << "STOP holds for a call, too";
}

TEST_F(AutoChannel, AnotherProviderOfTheChannelComesFirstWhereTheProviderFails) {
  service().further[Channel::kSms] = {{{"second", false}}, {}};
  service().automatic = {Channel::kSms, Channel::kWhatsapp};
  office.hook.answer_with([](const ServerRequest&) { return ServerReply{503}; });
  office.second.answer_with([](const ServerRequest&) { return ServerReply{401}; });
  const auto message = make();
  deliver(message);
  EXPECT_EQ(said(message.id), (Said{"double unavailable", "second misconfigured", "other accepted"}));
  EXPECT_EQ(fixture().verification().state.channel, Channel::kWhatsapp);
}

TEST_F(AutoChannel, AChannelWithoutTheNumberIsNotAskedByItsOtherProviders) {
  service().further[Channel::kWhatsapp] = {{{"second", false}}, {}};
  office.other.refuse_with(Fault::kUnsupportedAddress);
  const auto message = make();
  deliver(message);
  EXPECT_EQ(said(message.id), (Said{"other unsupported_address", "double accepted"}));
  EXPECT_TRUE(office.second.requests().empty());
}

TEST_F(AutoChannel, AnExplicitChannelIsKept) {
  office.other.refuse_with(Fault::kUnsupportedAddress);
  fixture().hold();
  ASSERT_EQ(why(fixture().start(Channel::kWhatsapp)), kYes);
  const auto message = fixture().sent().back();
  deliver(message);
  EXPECT_EQ(state_of(message.id).status, "failed");
  EXPECT_TRUE(office.hook.requests().empty());
}

TEST_F(AutoChannel, WhatShowsTheCodeAloneIsNotChosenForATransaction) {
  service().providers[Channel::kWhatsapp].code_alone = {Channel::kWhatsapp};
  EXPECT_EQ(make().channel(), Channel::kSms);
  office.hook.answer_with([](const ServerRequest&) { return ServerReply{401}; });
  const auto message = make();
  deliver(message);
  EXPECT_EQ(state_of(message.id).channel, Channel::kCall) << "nor does it take over";
  service().automatic = {Channel::kWhatsapp};
  fixture().hold();
  EXPECT_EQ(why(fixture().start({fixture().current(), automatic(), {}})), Code::kChannelUnavailable);
}

TEST_F(AutoChannel, UnlessThePolicyAtTheHoldSaysThatItMay) {
  service().providers[Channel::kWhatsapp].code_alone = {Channel::kWhatsapp};
  fixture().policy("any").display_required = false;
  fixture().hold("any");
  fixture().policy("any").display_required = true;  // What was held keeps its policy.
  ASSERT_EQ(why(fixture().start({fixture().current(), automatic(), {}})), kYes);
  EXPECT_EQ(fixture().sent().back().channel(), Channel::kWhatsapp);
  EXPECT_EQ(make().channel(), Channel::kSms);

  fixture().policy("any").display_required = false;
  service().automatic = {Channel::kSms, Channel::kWhatsapp};
  office.hook.answer_with([](const ServerRequest&) { return ServerReply{401}; });
  const auto message = make();
  deliver(message);
  EXPECT_EQ(state_of(message.id).channel, Channel::kWhatsapp);
}

TEST_F(AutoChannel, AfterACrashTheMessageIsByTheChannelThatTookOver) {
  auto message = make();
  usecase::go_on_with(fixture().context(), message, {Channel::kSms, "double"}, false);
  ASSERT_TRUE(fixture().in(
      [&](store::Tx& tx, Moment& moment) { return usecase::move(tx, fixture().context(), message, moment); }));
  fixture().wait(fixture().settings().lease() + seconds(1));
  const auto due = fixture().due_messages();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due.front().channel(), Channel::kSms);
  const auto written = fixture().written(due.front());
  EXPECT_NE(written.body.find(fixture().code()), std::string::npos) << written.body;
}

TEST_F(AutoChannel, AChannelThatTheApplicationTookAwayIsNotUsed) {
  office.other.refuse_with(Fault::kUnsupportedAddress);
  const auto message = make();
  const auto subject = fixture().row().state.subject;
  const auto contacts =
      fixture().in([&](store::Tx& tx, Moment&) { return store::contacts_of(tx, fixture().account(), subject); });
  const auto sms = std::ranges::find(contacts, Channel::kSms, &store::ContactRow::channel);
  ASSERT_EQ(why(fixture().in([&](store::Tx& tx, Moment& moment) {
              return usecase::delete_contact({tx, fixture().context(), fixture().caller(), moment},
                                             {std::string(kIdentity)}, sms->id, domain::standing::GoneWhy::kRemoved);
            })),
            kYes);
  office.courier().deliver(message);
  office.run(seconds(10), 10);
  EXPECT_TRUE(office.hook.requests().empty());
}

TEST_F(AutoChannel, OneVerificationOfTheLineWhicheverChannelIsNamedLater) {
  deliver(make());
  const auto id = fixture().verification().state.id;
  const auto first = fixture().code();
  fixture().wait(minutes(1));
  ASSERT_EQ(why(fixture().start(Channel::kSms)), kYes);
  EXPECT_EQ(fixture().verification().state.id, id);
  EXPECT_EQ(fixture().verification().state.sends, 2);
  EXPECT_EQ(fixture().verification().channels(), (Channels{Channel::kWhatsapp, Channel::kSms}));
  EXPECT_EQ(domain::sent_before_by(fixture().verification().sendings), Channel::kWhatsapp);
  ASSERT_EQ(why(fixture().check(first)), kYes) << "a late first message still works";
  EXPECT_EQ(only_proof().channels, (Channels{Channel::kWhatsapp, Channel::kSms}));
}

TEST_F(AutoChannel, ItContinuesWhatWasStartedByName) {
  fixture().hold();
  ASSERT_EQ(why(fixture().start(Channel::kSms)), kYes);
  const auto first = fixture().code();
  const auto id = fixture().verification().state.id;
  const auto end = fixture().verification().state.expires_at;
  fixture().wait(minutes(1));
  ASSERT_EQ(why(fixture().start({fixture().current(), automatic(), {}})), kYes);
  EXPECT_EQ(fixture().verification().state.id, id);
  EXPECT_EQ(fixture().verification().state.expires_at, end);
  EXPECT_EQ(fixture().verification().channels(), (Channels{Channel::kSms, Channel::kWhatsapp}));
  EXPECT_EQ(why(fixture().check(first)), kYes);
}

TEST_F(AutoChannel, SendsAndWaitsAreThoseOfTheLine) {
  make();
  EXPECT_EQ(why(fixture().start({fixture().current(), automatic(), {}})), Code::kResendTooSoon);
  EXPECT_EQ(why(fixture().start(Channel::kSms)), Code::kResendTooSoon);
  fixture().limits().resend_waits = {};
  fixture().limits().sends_per_contact = fixture().limits().sends_per_subject = {};
  for (int sends = 2; sends <= 5; ++sends) {
    fixture().wait(seconds(1));
    const auto again = sends % 2 == 0 ? fixture().start({fixture().current(), automatic(), {}}) : fixture().start();
    ASSERT_EQ(why(again), kYes) << sends;
    EXPECT_EQ(again->sends, sends);
  }
  EXPECT_EQ(why(fixture().start({fixture().current(), automatic(), {}})), Code::kSendsExhausted);
  EXPECT_EQ(why(fixture().start(Channel::kCall)), Code::kSendsExhausted) << "another channel is no new budget";
}

TEST_F(AutoChannel, AttemptsAreThoseOfTheVerification) {
  office.other.refuse_with(Fault::kUnsupportedAddress);
  const auto message = make();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(why(fixture().check(fixture().wrong_code())), Code::kWrongCode);
  deliver(message);
  EXPECT_EQ(fixture().verification().state.attempts, 3) << "another channel forgets none";
  fixture().wait(minutes(1));
  const auto again = fixture().start({fixture().current(), automatic(), {}});
  ASSERT_EQ(why(again), kYes);
  EXPECT_EQ(again->channel, Channel::kSms) << "not first to where it could not go";
  EXPECT_EQ(fixture().verification().state.attempts, 3);
}

TEST_F(AutoChannel, TwoChannelsOfALineAreOneProofAndOneKind) {
  fixture().hold("strict");
  ASSERT_EQ(why(fixture().start(Channel::kSms)), kYes);
  ASSERT_EQ(why(fixture().check(fixture().code())), kYes);
  fixture().wait(minutes(1));
  const auto again = fixture().start({fixture().current(), automatic(), {}});
  if (again) static_cast<void>(fixture().check(fixture().code()));
  EXPECT_EQ(fixture().status(), domain::TransactionStatus::kHeld) << "a second kind is asked for";
  EXPECT_EQ(fixture().row().state.proofs.size(), 1U);
}

TEST_F(AutoChannel, ALineStandsTheSameWhicheverChannelProvedIt) {
  // Added later, by her own hand or a thief's: it waits, whatever channel is chosen.
  fixture().hold();
  ASSERT_EQ(why(fixture().start(Channel::kSms)), kYes);
  ASSERT_EQ(why(fixture().check(fixture().code())), kYes);
  fixture().wait(hours(30));
  const std::string thief = "+5511912345678";
  for (const auto channel : {Channel::kWhatsapp, Channel::kSms, Channel::kCall})
    ASSERT_EQ(why(fixture().add_contact(channel, thief)), kYes);
  fixture().request().contacts.clear();
  fixture().hold();
  EXPECT_EQ(why(fixture().start({fixture().current(), automatic(), thief})), Code::kSourceDoesNotCount);
  const auto own = fixture().start({fixture().current(), automatic(), {}});
  ASSERT_EQ(why(own), kYes);
  EXPECT_EQ(own->masked.substr(own->masked.size() - 4), kPhone.substr(kPhone.size() - 4)) << "what counts";
}

/// WhatsApp reports, and the person has proved her line.
class AutoReported : public AutoChannel {
 protected:
  AutoReported() {
    service().providers[Channel::kWhatsapp].reports = contact::Reports::kUsable;
    service().providers[Channel::kSms].reports = contact::Reports::kUsable;
    fixture().limits().sends_per_contact = fixture().limits().sends_per_subject = {};
  }
  usecase::QueuedMessage to_somebody_known() {
    deliver(make());
    EXPECT_EQ(why(fixture().check(fixture().code())), kYes);
    return make();
  }
  void report_failed(const MessageId& id, contact::DeliveryReason reason) {
    const auto ref = state_of(id).provider_ref.value_or("");
    fixture().in([&](store::Tx& tx, Moment& moment) {
      const domain::Delivery said{contact::DeliveryStage::kFailed, reason};
      return usecase::report_delivery(tx, fixture().context(), {fixture().account(), id, ref, said}, moment);
    });
  }
  std::size_t by_sms() { return office.hook.requests().size(); }
};

TEST_F(AutoReported, NoReportBringsOneMessageMoreByTheNextChannelAndNeverAThird) {
  const auto message = to_somebody_known();
  const auto code = fixture().code();
  deliver(message);
  office.run_until([&] { return by_sms() == 1; }, minutes(2), 50);
  office.run(minutes(4), 200);
  EXPECT_EQ(by_sms(), 1U);
  EXPECT_EQ(office.other.given().size(), 2U) << "the first proof's, and this one: none goes back to WhatsApp";
  EXPECT_EQ(messages(), 3) << "the first proof's, and these two";
  EXPECT_EQ(office.hook.accepted().begin()->second.front().code, code);
  EXPECT_EQ(office.hook.accepted().begin()->second.front().expires_at, message.expires_at);
  EXPECT_EQ(fixture().verification().state.sends, 1) << "her own are not touched";
  EXPECT_EQ(fixture().verification().channels(), (Channels{Channel::kWhatsapp, Channel::kSms}));
  ASSERT_EQ(why(fixture().check(code)), kYes);
  EXPECT_EQ(only_proof().channels, (Channels{Channel::kWhatsapp, Channel::kSms}));
}

TEST_F(AutoReported, AReportThatTheNumberHasNoWhatsappBringsItAtOnce) {
  const auto message = to_somebody_known();
  deliver(message);
  report_failed(message.id, contact::DeliveryReason::kUnsupportedAddress);
  EXPECT_TRUE(fixture().verification().send_fault);
  office.run_until([&] { return by_sms() == 1; }, seconds(10), 5);
  EXPECT_EQ(by_sms(), 1U);
  EXPECT_FALSE(fixture().verification().send_fault) << "the page no longer says that it failed";
}

TEST_F(AutoReported, AnyOtherFailureIsToldAndSendsNothing) {
  for (const auto reason : {contact::DeliveryReason::kInvalidAddress, contact::DeliveryReason::kUnavailable,
                            contact::DeliveryReason::kRejected, contact::DeliveryReason::kUnknown}) {
    const auto message = to_somebody_known();
    deliver(message);
    report_failed(message.id, reason);
    office.run(minutes(3), 200);
    EXPECT_EQ(by_sms(), 0U);
    EXPECT_TRUE(fixture().verification().send_fault);
  }
}

TEST_F(AutoReported, NothingMoreIsSentToALineThatNobodyHasProved) {
  const auto message = make();
  deliver(message);
  report_failed(message.id, contact::DeliveryReason::kUnsupportedAddress);
  office.run(minutes(3), 200);
  EXPECT_EQ(by_sms(), 0U);
}

TEST_F(AutoReported, NothingMoreIsSentBeyondALimit) {
  fixture().limits().sends_per_contact = {2, hours(24)};
  const auto message = to_somebody_known();
  deliver(message);
  report_failed(message.id, contact::DeliveryReason::kUnsupportedAddress);
  office.run(minutes(3), 200);
  EXPECT_EQ(by_sms(), 0U);
  EXPECT_TRUE(fixture().verification().send_fault) << "then she is told";
}

}  // namespace
}  // namespace countersign::testing
