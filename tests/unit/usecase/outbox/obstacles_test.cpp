#include "usecase/outbox/obstacles.h"

#include "crypto/twilio_signature.h"
#include "tests/unit/usecase/counting.h"
#include "usecase/outbox/gateway_report.h"
#include "usecase/subject/person_page.h"

// Who wants no messages, or cannot get them, is known before the next one costs anything.
namespace countersign::testing {
namespace {

using contact::DeliveryReason;
using contact::DeliveryStage;
using delivery::Fault;
using domain::ObstacleKind;

constexpr std::string_view kInboundToken = "a token of the provider";
constexpr std::string_view kInboundUrl = "https://verify.example.com/callbacks/inbound/twilio/double";

delivery::ProviderError refusal(Fault fault, const char* code) {
  return {fault, delivery::PersonNotice::kTryAnotherWay, code, "refused", {}, false};
}

class Obstacles : public ::testing::Test {
 protected:
  Obstacles() {
    unlimited(fixture_);
    tokens_.emplace("double", SecretString(std::string(kInboundToken)));
  }

  /// Sends one to the person of the fixture, which ends like that.
  MessageId send(Result<delivery::Accepted, delivery::ProviderError> outcome, Channel channel = Channel::kSms) {
    fixture_.hold();
    EXPECT_EQ(why(fixture_.start(channel)), kYes);
    fixture_.finish(fixture_.sent().back(), std::move(outcome));
    return fixture_.sent().back().id;
  }
  std::optional<Code> next(Channel channel = Channel::kSms) {
    fixture_.hold();
    return why(fixture_.start(channel));
  }
  void report(const MessageId& id, DeliveryStage stage, std::optional<DeliveryReason> reason, bool sure = true) {
    fixture_.in([&](store::Tx& tx, Moment& moment) {
      return usecase::report_delivery(tx, fixture_.context(), {fixture_.account(), id, "", {stage, reason}, "", sure},
                                      moment);
    });
  }
  usecase::TwilioInbound inbound(std::string_view from, std::string_view body, std::string_view token = kInboundToken) {
    usecase::TwilioInbound message{"double", std::string(kInboundUrl), "", {}};
    message.form = {{"From", std::string(from)}, {"Body", std::string(body)}, {"MessageSid", "SM9"}};
    message.signature = crypto::twilio_signature(token, message.url, message.form);
    return message;
  }
  /// Whether it was believed.
  bool take(const usecase::TwilioInbound& message) {
    const auto read = usecase::read_inbound(tokens_, message);
    if (read && read->wish) {
      fixture_.in([&](store::Tx& tx, Moment& moment) {
        usecase::take_wish(tx, fixture_.context(), message.provider, *read->wish, moment);
        return Done{};
      });
    }
    return read.has_value();
  }
  usecase::PersonView view() {
    return fixture_.in([&](store::Tx& tx, Moment& moment) {
      const auto row = store::find_transaction(tx, fixture_.account(), fixture_.current());
      return usecase::view_for_person(tx, fixture_.context(), *row, moment.now);
    });
  }

  Fixture fixture_;
  usecase::CallbackTokens tokens_;
};

TEST_F(Obstacles, WhoHasOptedOutGetsNoFurtherMessage) {
  send(fail(refusal(Fault::kOptedOut, "21610")));
  EXPECT_EQ(fixture_.events().back(), "contact.unreachable");
  EXPECT_EQ(next(), Code::kOptedOut);
  EXPECT_EQ(next(Channel::kCall), Code::kNoContact);  // By another channel it is another question.
  fixture_.wait(hours(24 * 400));
  EXPECT_EQ(next(), Code::kOptedOut);
  // Nobody's number counts for less, or more, by it.
  EXPECT_TRUE(fixture_.counts(Channel::kSms, kPhone).any());
}

TEST_F(Obstacles, WhoeverProvedTheNumberCanOptOutToo) {
  verify(fixture_);
  send(fail(refusal(Fault::kOptedOut, "21610")));
  EXPECT_EQ(next(), Code::kOptedOut);
}

TEST_F(Obstacles, AnOptOutIsTheNumbersAndNotThePersons) {
  send(fail(refusal(Fault::kOptedOut, "21610")));
  fixture_.request().identity = "another";
  EXPECT_EQ(next(), Code::kOptedOut);
  fixture_.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  fixture_.request().identity = "a third";
  EXPECT_EQ(next(), kYes);
}

TEST_F(Obstacles, AHoldThatSendsIsToldToo) {
  send(fail(refusal(Fault::kOptedOut, "21610")));
  fixture_.request().send = Channel::kSms;
  EXPECT_EQ(why(fixture_.try_hold()), Code::kOptedOut);
}

TEST_F(Obstacles, AReportOptsOutOnlyWhereTheProviderItselfSaysIt) {
  const auto id = send(delivery::Accepted{"SM1"});
  report(id, DeliveryStage::kFailed, DeliveryReason::kOptedOut, false);
  EXPECT_EQ(next(), kYes);
  const auto other = send(delivery::Accepted{"SM2"});
  report(other, DeliveryStage::kFailed, DeliveryReason::kOptedOut);
  EXPECT_EQ(next(), Code::kOptedOut);
}

TEST_F(Obstacles, ALandlineIsRememberedForADay) {
  const auto id = send(delivery::Accepted{"SM1"});
  report(id, DeliveryStage::kFailed, DeliveryReason::kLandline);
  EXPECT_EQ(next(), Code::kAddressRefused);
  fixture_.wait(hours(24));
  EXPECT_EQ(next(), kYes);
}

TEST_F(Obstacles, ALateReportOfALandlineCounts) {
  const auto id = send(delivery::Accepted{"SM1"});
  fixture_.wait(minutes(15));
  report(id, DeliveryStage::kFailed, DeliveryReason::kLandline);
  EXPECT_EQ(next(), Code::kAddressRefused);
}

TEST_F(Obstacles, WhatSomebodyHasProvedByTextIsNoLandlineToHer) {
  verify(fixture_);
  const auto id = send(delivery::Accepted{"SM1"});
  report(id, DeliveryStage::kFailed, DeliveryReason::kLandline);
  EXPECT_EQ(next(), kYes);
  fixture_.request().identity = "another";  // Who has not.
  EXPECT_EQ(next(), Code::kAddressRefused);
}

TEST_F(Obstacles, ATypedCodeShowsThatItIsNone) {
  const auto id = send(delivery::Accepted{"SM1"});
  const auto code = fixture_.code();
  const auto waiting = fixture_.current();
  report(id, DeliveryStage::kFailed, DeliveryReason::kLandline);
  EXPECT_EQ(next(), Code::kAddressRefused);
  EXPECT_EQ(why(fixture_.check(waiting, code)), kYes);
  fixture_.request().identity = "another";
  EXPECT_EQ(next(), kYes);
}

TEST_F(Obstacles, ThePersonSeesAnotherWayThanALandlinesText) {
  fixture_.request().contacts = {{Channel::kSms, std::string(kPhone)}, {Channel::kCall, std::string(kPhone)}};
  const auto id = send(delivery::Accepted{"SM1"});
  report(id, DeliveryStage::kFailed, DeliveryReason::kLandline);
  fixture_.hold();
  const auto seen = view();
  ASSERT_EQ(seen.ways.size(), 2U);
  EXPECT_EQ(seen.ways[0].method, domain::Method::kCall);
  EXPECT_FALSE(seen.ways[0].unreachable);
  EXPECT_EQ(seen.ways[1].unreachable, ObstacleKind::kLandline);
  EXPECT_TRUE(seen.ways[1].gets_none());
  EXPECT_TRUE(seen.ways[1].counts);
  EXPECT_EQ(why(fixture_.start(Channel::kCall)), kYes);
}

TEST_F(Obstacles, StopAndStartAreTakenFromTheNumberThatWroteThem) {
  send(delivery::Accepted{"SM1"});
  EXPECT_TRUE(take(inbound(kOtherPhone, "STOP")));
  EXPECT_EQ(next(), kYes);
  EXPECT_TRUE(take(inbound(kPhone, " Stop\n")));
  EXPECT_EQ(next(), Code::kOptedOut);
  EXPECT_TRUE(take(inbound(kPhone, "please start")));  // Only the word alone.
  EXPECT_EQ(next(), Code::kOptedOut);
  EXPECT_TRUE(take(inbound("whatsapp:" + std::string(kPhone), "START")));
  EXPECT_EQ(next(), Code::kOptedOut);
  EXPECT_TRUE(take(inbound(kPhone, "unstop")));
  EXPECT_EQ(next(), kYes);
}

TEST_F(Obstacles, TwiliosOwnReadingGoesBeforeTheWords) {
  send(delivery::Accepted{"SM1"});
  auto message = inbound(kPhone, "PARAR");
  message.form.emplace_back("OptOutType", "STOP");
  EXPECT_FALSE(take(message));  // Added after the signature.
  message.signature = crypto::twilio_signature(kInboundToken, message.url, message.form);
  EXPECT_TRUE(take(message));
  EXPECT_EQ(next(), Code::kOptedOut);
  message.form = {{"From", std::string(kPhone)}, {"Body", "START"}, {"OptOutType", "HELP"}};
  message.signature = crypto::twilio_signature(kInboundToken, message.url, message.form);
  EXPECT_TRUE(take(message));
  EXPECT_EQ(next(), Code::kOptedOut);
}

TEST_F(Obstacles, NobodyOptsOutSomebodyElseWithoutTheSignature) {
  send(delivery::Accepted{"SM1"});
  EXPECT_FALSE(take(inbound(kPhone, "STOP", "a token of another")));
  auto message = inbound(kOtherPhone, "STOP");
  message.form[0].second = kPhone;
  EXPECT_FALSE(take(message));
  message = inbound(kPhone, "STOP");
  message.url += "?x=1";
  EXPECT_FALSE(take(message));
  message = inbound(kPhone, "STOP");
  message.provider = "unheard of";
  EXPECT_FALSE(take(message));
  EXPECT_EQ(next(), kYes);
}

TEST_F(Obstacles, AStopOfAProviderThatTheAccountDoesNotUseIsNotIts) {
  send(delivery::Accepted{"SM1"});
  tokens_.emplace("of another account", SecretString(std::string(kInboundToken)));
  auto message = inbound(kPhone, "STOP");
  message.provider = "of another account";
  EXPECT_TRUE(take(message));
  EXPECT_EQ(next(), kYes);
}

/// A gateway that signs what it passes on.
class GatewayWishes : public Obstacles {
 protected:
  GatewayWishes() {
    delivery::GatewayInbound form;
    form.json = true;
    form.items = delivery::Pointer::parse("/results/*");
    form.from = *delivery::Pointer::parse("/from");
    form.text = *delivery::Pointer::parse("/text");
    form.time = delivery::Pointer::parse("/at");
    form.auth.kind = delivery::ReportAuth::Kind::kHeader;
    form.auth.header = "x-secret";
    form.auth.secret = SecretString(std::string(kInboundToken));
    forms_["double"] = forms_["of nobody"] = form;
    form.auth.kind = delivery::ReportAuth::Kind::kToken;
    forms_["by token"] = form;
    send(delivery::Accepted{"SM1"});
  }
  /// Whether it was believed. `items`: of the list, in JSON.
  bool pass_on(std::string_view items, std::string_view provider = "double", std::string_view secret = kInboundToken) {
    delivery::ReceivedReport received;
    received.body = R"({"results":[)" + std::string(items) + "]}";
    received.headers = {{"x-secret", std::string(secret)}};
    const auto wishes = usecase::read_gateway_inbound(forms_, provider, received);
    if (!wishes) return false;
    fixture_.in([&](store::Tx& tx, Moment& moment) {
      for (const auto& wish : *wishes) usecase::take_wish(tx, fixture_.context(), provider, wish, moment);
      return Done{};
    });
    return true;
  }
  std::string item(std::string_view text, std::string_view from = kPhone.substr(1), Duration ago = {}) {
    return R"({"from":")" + std::string(from) + R"(","text":")" + std::string(text) + R"(","at":")" +
           to_rfc3339(fixture_.now() - ago) + R"("})";
  }
  std::ptrdiff_t events(std::string_view type) {
    return std::ranges::count(fixture_.all_events(), type, [](const auto& event) { return event.type; });
  }

  usecase::GatewayInboundForms forms_;
};

TEST_F(GatewayWishes, StopEndsSendsAndStartBringsThemBack) {
  EXPECT_TRUE(pass_on(item("Sair", kOtherPhone.substr(1))));
  EXPECT_EQ(next(), kYes);
  EXPECT_TRUE(pass_on(item("SAIR")));
  EXPECT_EQ(next(), Code::kOptedOut);
  EXPECT_EQ(events("contact.unreachable"), 1);
  EXPECT_TRUE(pass_on(item("please START")));
  EXPECT_EQ(next(), Code::kOptedOut);
  EXPECT_TRUE(pass_on(item("start", kPhone)));  // With its plus.
  EXPECT_EQ(next(), kYes);
  EXPECT_TRUE(fixture_.counts(Channel::kSms, kPhone).any());
}

TEST_F(GatewayWishes, ARepetitionIsNoSecondEvent) {
  const auto stop = item("BAJA");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(pass_on(stop));
  EXPECT_EQ(events("contact.unreachable"), 1);
  fixture_.wait(minutes(1));
  EXPECT_TRUE(pass_on(item("STOP")));  // Said once more.
  EXPECT_EQ(events("contact.unreachable"), 1);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(pass_on(item("START")));
  EXPECT_EQ(events("contact.reachable"), 1);
}

TEST_F(GatewayWishes, AnOlderStartRevivesNobody) {
  const auto start = item("START");
  fixture_.wait(minutes(1));
  EXPECT_TRUE(pass_on(item("STOP")));
  fixture_.wait(minutes(1));
  EXPECT_TRUE(pass_on(start));
  EXPECT_EQ(next(), Code::kOptedOut);
  EXPECT_TRUE(pass_on(item("START") + "," + item("STOP")));  // Of one moment, in the order of the list.
  EXPECT_EQ(next(), Code::kOptedOut);
}

TEST_F(GatewayWishes, NobodyWithoutTheSecretStopsSomebody) {
  const auto stop = item("STOP");
  EXPECT_FALSE(pass_on(stop, "double", "a guess"));
  EXPECT_FALSE(pass_on(stop, "double", ""));
  EXPECT_FALSE(pass_on(stop, "unheard of"));
  EXPECT_FALSE(pass_on(stop, "by token"));
  EXPECT_TRUE(pass_on(stop, "of nobody"));  // Believed, but no account sends by it.
  EXPECT_EQ(next(), kYes);
}

TEST_F(GatewayWishes, WhatIsNoNumberOrNoListIsNothing) {
  for (const auto* items : {R"({"from":"Palco","text":"STOP"})", R"({"from":"","text":"STOP"})", R"({"text":"STOP"})",
                            R"({"from":5511987654321.5,"text":"STOP"})", R"({"from":["5511987654321"],"text":"STOP"})",
                            R"({"from":"5511987654321;5511987654321","text":"STOP"})", R"({"from":"5511987654321")",
                            "<p>", R"({"from":"5511987654321","text":"STOP","text":"STOP"})", "7", "null"})
    EXPECT_TRUE(pass_on(items)) << items;
  EXPECT_EQ(next(), kYes);
}

TEST_F(Obstacles, AMailboxThatBouncedComesLastAndIsStillWrittenTo) {
  fixture_.policy("any").email_alone = true;
  fixture_.request().policy = "any";
  fixture_.request().contacts = {{Channel::kEmail, "old@example.com"}, {Channel::kEmail, std::string(kEmail)}};
  const auto id = send(delivery::Accepted{"1"}, Channel::kEmail);
  const auto first = std::get<delivery::OutgoingMessage>(fixture_.sent().back().content).to;
  report(id, DeliveryStage::kFailed, DeliveryReason::kInvalidAddress, false);
  fixture_.hold();
  EXPECT_FALSE(view().ways.at(0).unreachable);  // The other one.
  EXPECT_EQ(why(fixture_.start(Channel::kEmail)), kYes);
  const auto second = std::get<delivery::OutgoingMessage>(fixture_.sent().back().content).to;
  EXPECT_NE(second, first);
  EXPECT_TRUE(fixture_.counts(Channel::kEmail, first).any());

  report(fixture_.sent().back().id, DeliveryStage::kFailed, DeliveryReason::kRejected, false);
  fixture_.hold();
  EXPECT_EQ(view().ways.at(0).unreachable, ObstacleKind::kBounced);
  EXPECT_FALSE(view().ways.at(0).gets_none());
  EXPECT_EQ(why(fixture_.start(Channel::kEmail)), kYes);  // Better than nothing.
}

TEST_F(Obstacles, AMailboxRecoversByADeliveryOrATypedCode) {
  fixture_.policy("any").email_alone = true;
  fixture_.request().policy = "any";
  fixture_.request().contacts = {{Channel::kEmail, std::string(kEmail)}};
  const auto bounce = [&] {
    report(send(delivery::Accepted{"1"}, Channel::kEmail), DeliveryStage::kFailed, DeliveryReason::kRejected, false);
    fixture_.hold();
    ASSERT_EQ(view().ways.at(0).unreachable, ObstacleKind::kBounced);
  };
  bounce();
  report(send(delivery::Accepted{"2"}, Channel::kEmail), DeliveryStage::kDelivered, std::nullopt, false);
  fixture_.hold();
  EXPECT_FALSE(view().ways.at(0).unreachable);
  bounce();
  EXPECT_EQ(why(fixture_.start(Channel::kEmail)), kYes);
  EXPECT_EQ(why(fixture_.check(fixture_.code())), kYes);
  fixture_.hold();
  EXPECT_FALSE(view().ways.at(0).unreachable);
}

// The row of the address is read with the contact already.
TEST_F(Obstacles, AskNothingOfTheDatabase) {
  send(fail(refusal(Fault::kOptedOut, "21610")));
  fixture_.hold();
  Asked asked;
  const auto refused = fixture_.in([&](store::Tx& tx, Moment& moment) {
    asked = {};
    SharedCommit commit(tx, asked);
    CountingTx counting = commit.next();
    return usecase::start_verification({counting, fixture_.context(), fixture_.caller(), moment},
                                       {fixture_.current(), Channel::kSms, {}});
  });
  EXPECT_EQ(why(refused), Code::kOptedOut);
  expect_asked("a start that is refused", asked, 1, 1, 0);
}

}  // namespace
}  // namespace countersign::testing
