#include "usecase/outbox/work_messages.h"

#include "tests/unit/usecase/script.h"
#include "usecase/verification/message_text.h"

namespace countersign::testing {
namespace {

using delivery::Fault;

usecase::QueuedMessage queue(Fixture& fixture) {
  fixture.hold();
  EXPECT_EQ(why(fixture.start()), kYes);
  return fixture.sent().back();
}

delivery::ProviderError final_fault() {
  return {Fault::kInvalidAddress, delivery::PersonNotice::kNumberNotSupported, "21211", "no such number", {}, false};
}

using contact::DeliveryReason;
using contact::DeliveryStage;
using domain::ReportEffect;

std::optional<ReportEffect> report(Fixture& fixture, const MessageId& id, std::string_view ref, DeliveryStage stage,
                                   DeliveryReason reason = DeliveryReason::kUnknown, const std::string& code = "") {
  std::optional<DeliveryReason> why;
  if (stage == DeliveryStage::kFailed) why = reason;
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::report_delivery(tx, fixture.context(),
                                    {fixture.account(), id, std::string(ref), {stage, why}, code}, moment);
  });
}

TEST(Messages, AreLeasedToTheNodeThatQueuedThem) {
  Fixture fixture;
  const auto message = queue(fixture);
  EXPECT_TRUE(fixture.due_messages().empty());
  fixture.wait(seconds(60) - kTick);
  EXPECT_TRUE(fixture.due_messages().empty());
  fixture.wait(kTick);
  const auto due = fixture.due_messages();  // That node has died.
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].id, message.id);
  EXPECT_EQ(due[0].attempts, 2);
  EXPECT_TRUE(fixture.due_messages().empty());  // It is leased again.
}

// What was paid is not lost where the report comes before the answer is written down.
TEST(Messages, AReportThatOvertakesTheAnswerLeavesRoomForWhatItCost) {
  Fixture fixture;
  auto message = queue(fixture);
  ASSERT_EQ(report(fixture, message.id, "SM1", DeliveryStage::kDelivered), ReportEffect::kAdvanced);
  message.tries = {{"double", "accepted", "", fixture.now(), false, domain::Price{50'000, "USD"}}};
  fixture.finish(message, delivery::Accepted{"SM1"});
  const auto after = fixture.message(message.id);
  EXPECT_EQ(after->status, "delivered");
  EXPECT_EQ(after->provider_ref, "SM1");
  ASSERT_EQ(usecase::parse_tries(after->tries).size(), 1U);
  EXPECT_EQ(usecase::parse_tries(after->tries)[0].price, domain::Price({50'000, "USD"}));
}

TEST(Messages, WhatIsReadBackIsWhatWasQueued) {
  Fixture fixture;
  const auto queued = queue(fixture);
  fixture.wait(seconds(60));
  const auto due = fixture.due_messages();
  ASSERT_EQ(due.size(), 1U);
  const auto a = fixture.written(queued);
  const auto b = fixture.written(due[0]);
  EXPECT_EQ(a.to, b.to);
  EXPECT_EQ(a.body, b.body);
  EXPECT_EQ(a.code.expose(), b.code.expose());
  EXPECT_EQ(a.locale, b.locale);
  EXPECT_EQ(a.expires_at, b.expires_at);
  EXPECT_EQ(a.status_callback_url, b.status_callback_url);
}

TEST(Messages, AreValidForTheMinutesThatAreLeft) {
  Fixture fixture;
  const auto queued = queue(fixture);
  EXPECT_NE(fixture.written(queued).body.find("Valid 10 min"), std::string::npos) << fixture.written(queued).body;
  fixture.wait(seconds(1));  // It may take a moment to the wording.
  EXPECT_NE(fixture.written(queued).body.find("Valid 10 min"), std::string::npos);
  fixture.wait(seconds(59));
  const auto due = fixture.due_messages();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_NE(fixture.written(due[0]).body.find("Valid 9 min"), std::string::npos) << fixture.written(due[0]).body;
  fixture.wait(std::chrono::minutes(9));
  EXPECT_NE(fixture.written(queued).body.find("Valid 1 min"), std::string::npos);
}

TEST(Messages, WithoutAServiceOrAReadableDisplayCannotBeWritten) {
  Fixture fixture;
  auto queued = queue(fixture);
  auto foreign = queued;
  foreign.text_source->service = ServiceId{};
  EXPECT_EQ(usecase::write_text(fixture.context(), foreign, fixture.now())->fault, Fault::kMisconfigured);
  queued.text_source->display_sealed.back() ^= 1;
  EXPECT_EQ(usecase::write_text(fixture.context(), queued, fixture.now())->fault, Fault::kMisconfigured);
}

TEST(Messages, SentIsTheEndAndDestroysTheContent) {
  Fixture fixture;
  const auto message = queue(fixture);
  fixture.finish(message, delivery::Accepted{"SM-1"});
  EXPECT_EQ(fixture.message(message.id)->status, "sent");
  fixture.wait(hours(1));
  EXPECT_TRUE(fixture.due_messages().empty());
  static const store::Sql kLeft{"SELECT count(*) FROM messages WHERE content_sealed IS NOT NULL"};
  EXPECT_EQ(fixture.in([&](store::Tx& tx, Moment&) {
    std::int64_t left = -1;
    tx.one(kLeft, {}, [&](const store::Row& row) { left = row.integer(0); });
    return left;
  }),
            0);
}

/// From now on the provider answers so. How often it is asked until the message has ended.
int attempts_until_the_end(Fixture& fixture, usecase::QueuedMessage message, const delivery::ProviderError& error) {
  const std::string code = fixture.code();
  int attempts = 0;
  while (fixture.message(message.id)->status == "queued") {
    ++attempts;
    EXPECT_FALSE(fixture.verification().send_fault);
    fixture.finish(message, fail(error));
    for (int second = 0; second < 1000 && fixture.message(message.id)->status == "queued"; ++second) {
      fixture.wait(seconds(1));
      auto due = fixture.due_messages();
      if (due.empty()) continue;
      message = due.at(0);
      EXPECT_EQ(std::get<delivery::OutgoingMessage>(message.content).code.expose(), code);
      break;
    }
  }
  return attempts;
}

TEST(Messages, ARefusalThatIsCertainIsRepeatedWhileTheCodeCanBeUsed) {
  Fixture fixture;
  const auto message = queue(fixture);
  const WallTime made = fixture.now();
  EXPECT_GT(attempts_until_the_end(fixture, message, unavailable()), 20);
  EXPECT_EQ(fixture.message(message.id)->status, "failed");
  EXPECT_EQ(fixture.verification().send_fault, delivery::name_of(Fault::kUnavailable));
  EXPECT_EQ(fixture.events().back(), "message.failed");
  EXPECT_GT(fixture.now(), made + minutes(8));
  EXPECT_LT(fixture.now(), made + minutes(9) + seconds(1));
}

TEST(Messages, OneThatMayHaveArrivedIsRepeatedOnceAfterFifteenSeconds) {
  Fixture fixture;
  const auto message = queue(fixture);
  fixture.finish(message, fail(unavailable(true)));
  fixture.wait(seconds(15) - kTick);
  EXPECT_TRUE(fixture.due_messages().empty());
  fixture.wait(seconds(4));
  const auto again = fixture.due_messages();
  ASSERT_EQ(again.size(), 1U);
  fixture.finish(again[0], fail(unavailable(true)));
  EXPECT_EQ(fixture.message(message.id)->status, "failed");
  EXPECT_EQ(fixture.verification().send_fault, delivery::name_of(Fault::kUnavailable));
}

TEST(Messages, ADoubtIsRememberedThroughRefusals) {
  Fixture fixture;
  auto message = queue(fixture);
  fixture.finish(message, fail(unavailable(true)));
  for (int i = 0; i < 3; ++i) {  // Refused with certainty, given back, and taken over from a node that died.
    fixture.wait(seconds(60));
    auto due = fixture.due_messages();
    ASSERT_EQ(due.size(), 1U) << i;
    message = due[0];
    EXPECT_TRUE(message.doubted);
    if (i == 0) fixture.finish(message, fail(unavailable()));
    if (i == 1) fixture.give_back(message);
  }
  fixture.finish(message, fail(unavailable(true)));
  EXPECT_EQ(fixture.message(message.id)->status, "failed");
}

TEST(Messages, AStartAtAProviderThatMakesTheCodesIsNotRepeatedInDoubt) {
  Fixture fixture;
  fixture.request().service = "upstream";
  const auto doubtful = queue(fixture);
  fixture.finish(doubtful, fail(unavailable(true)));
  EXPECT_EQ(fixture.message(doubtful.id)->status, "failed");
  EXPECT_EQ(fixture.verification().send_fault, delivery::name_of(Fault::kUnavailable));

  Fixture other;
  other.request().service = "upstream";
  const auto refused = queue(other);
  other.finish(refused, fail(unavailable()));
  EXPECT_EQ(other.message(refused.id)->status, "queued");
  other.wait(seconds(2));
  EXPECT_EQ(other.due_messages().size(), 1U);
}

TEST(Messages, WhatIsGivenBackIsDueAtOnceAndWasNoAttempt) {
  Fixture fixture;
  const auto message = queue(fixture);
  EXPECT_EQ(message.start_before, fixture.now() + seconds(30));
  fixture.give_back(message);
  const auto due = fixture.due_messages();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].attempts, 1);
  fixture.wait(seconds(60));
  ASSERT_EQ(fixture.due_messages().size(), 1U);
  fixture.give_back(message);  // By whoever has lost it meanwhile.
  EXPECT_TRUE(fixture.due_messages().empty());
}

TEST(Messages, AFinalFaultIsShownAtOnceAndClearedByTheNextSend) {
  Fixture fixture;
  fixture.finish(queue(fixture), fail(final_fault()));
  EXPECT_EQ(fixture.verification().send_fault, delivery::name_of(Fault::kInvalidAddress));
  fixture.wait(seconds(30));
  ASSERT_EQ(why(fixture.start()), kYes);
  EXPECT_FALSE(fixture.verification().send_fault);
}

TEST(Messages, AFaultThatComesAfterTheSuccessOfAnotherIsNone) {
  Fixture fixture;
  const auto slow = queue(fixture);
  fixture.wait(seconds(60));  // The lease has run out, and somebody else sends it.
  const auto due = fixture.due_messages();
  ASSERT_EQ(due.size(), 1U);
  fixture.finish(due[0], delivery::Accepted{"SM-1"});
  fixture.finish(slow, fail(final_fault()));
  EXPECT_EQ(fixture.message(slow.id)->status, "sent");
  EXPECT_FALSE(fixture.verification().send_fault);
  EXPECT_EQ(fixture.events().back(), "verification.started");
}

TEST(Messages, ACodeThatIsOverIsNotSent) {
  Fixture fixture;
  const auto message = queue(fixture);
  fixture.wait(minutes(10));
  EXPECT_TRUE(fixture.due_messages().empty());
  EXPECT_EQ(fixture.message(message.id)->status, "failed");
  EXPECT_EQ(fixture.verification().send_fault, "expired");
}

TEST(Messages, NorOneThatNobodyWaitsForAnyMore) {
  const auto waits = [](auto end) {
    Fixture fixture;
    const auto message = queue(fixture);
    end(fixture);
    fixture.wait(seconds(60));  // As after a crash, or a refusal.
    const bool sent = !fixture.due_messages().empty();
    EXPECT_EQ(fixture.message(message.id)->status, sent ? "queued" : "failed");
    return sent;
  };
  EXPECT_TRUE(waits([](Fixture&) {}));
  EXPECT_FALSE(waits([](Fixture& fixture) { EXPECT_EQ(why(fixture.cancel()), kYes); }));
  EXPECT_FALSE(waits([](Fixture& fixture) { EXPECT_EQ(why(fixture.check(fixture.code())), kYes); }));
}

TEST(Messages, NorOneThatIsAllButOver) {
  Fixture fixture;
  static_cast<void>(queue(fixture));
  fixture.wait(minutes(9) - kTick);  // A millisecond is the grain of the message's own time.
  EXPECT_EQ(fixture.due_messages().size(), 1U);

  Fixture late;
  static_cast<void>(queue(late));
  late.wait(minutes(9) + kTick);
  EXPECT_TRUE(late.due_messages().empty());
  EXPECT_EQ(late.verification().send_fault, "expired");
}

TEST(Messages, AVerifiersNameForItIsKept) {
  Fixture fixture;
  fixture.request().service = "upstream";
  const auto message = queue(fixture);
  EXPECT_FALSE(fixture.verification().provider_ref);
  fixture.finish(message, delivery::Accepted{"VE-1"});
  EXPECT_EQ(fixture.verification().provider_ref, "VE-1");
}

TEST(Reports, OfDeliveryAreBelievedFromTheProviderThatHasIt) {
  Fixture fixture;
  const auto message = queue(fixture);
  fixture.finish(message, delivery::Accepted{"SM-1"});
  EXPECT_FALSE(report(fixture, message.id, "SM-2", DeliveryStage::kDelivered));
  EXPECT_FALSE(report(fixture, MessageId{}, "SM-1", DeliveryStage::kDelivered));
  EXPECT_EQ(fixture.message(message.id)->status, "sent");
  EXPECT_EQ(report(fixture, message.id, "SM-1", DeliveryStage::kDelivered), ReportEffect::kAdvanced);
  EXPECT_EQ(fixture.message(message.id)->status, "delivered");
  EXPECT_EQ(report(fixture, message.id, "SM-1", DeliveryStage::kFailed, DeliveryReason::kInvalidAddress),
            ReportEffect::kNothing);
  EXPECT_EQ(report(fixture, message.id, "SM-1", DeliveryStage::kSent), ReportEffect::kNothing);
  EXPECT_EQ(fixture.message(message.id)->status, "delivered");
  EXPECT_FALSE(fixture.verification().send_fault);
}

TEST(Reports, AFailureIsShownAtTheVerificationOnce) {
  Fixture fixture;
  const auto message = queue(fixture);
  fixture.finish(message, delivery::Accepted{"SM-1"});
  const auto before = fixture.events().size();
  for (const auto effect : {ReportEffect::kAdvanced, ReportEffect::kNothing}) {
    EXPECT_EQ(report(fixture, message.id, "SM-1", DeliveryStage::kFailed, DeliveryReason::kInvalidAddress, "21211"),
              effect);
    const auto stored = *fixture.message(message.id);
    EXPECT_EQ(stored.status, "failed");
    EXPECT_EQ(stored.delivery, (domain::Delivery{DeliveryStage::kFailed, DeliveryReason::kInvalidAddress}));
    EXPECT_EQ(stored.error_code, "21211");
    EXPECT_EQ(fixture.verification().send_fault, "invalid_address");
    EXPECT_EQ(fixture.events().back(), "message.failed");
    EXPECT_EQ(fixture.events().size(), before + 1);
  }
}

TEST(Reports, ThatItArrivedAfterAllTakesTheFailureBack) {
  Fixture fixture;
  const auto message = queue(fixture);
  fixture.finish(message, delivery::Accepted{"SM-1"});
  EXPECT_EQ(report(fixture, message.id, "SM-1", DeliveryStage::kFailed, DeliveryReason::kUnavailable, "30003"),
            ReportEffect::kAdvanced);
  EXPECT_EQ(fixture.verification().send_fault, "unavailable");
  EXPECT_EQ(report(fixture, message.id, "SM-1", DeliveryStage::kDelivered), ReportEffect::kAdvanced);
  EXPECT_FALSE(fixture.verification().send_fault);
  const auto stored = *fixture.message(message.id);
  EXPECT_EQ(stored.status, "delivered");
  EXPECT_EQ(stored.error_code, std::nullopt);
  EXPECT_EQ(report(fixture, message.id, "SM-1", DeliveryStage::kRead), ReportEffect::kAdvanced);
  EXPECT_EQ(fixture.message(message.id)->delivery, domain::Delivery{DeliveryStage::kRead});
  EXPECT_EQ(fixture.message(message.id)->status, "delivered");
}

TEST(Reports, AreCountedButChangeNothingAfterTheEndOfTheCode) {
  Fixture fixture;
  const auto message = queue(fixture);
  fixture.finish(message, delivery::Accepted{"SM-1"});
  fixture.wait(minutes(10));
  const auto before = fixture.events().size();
  EXPECT_EQ(report(fixture, message.id, "SM-1", DeliveryStage::kFailed, DeliveryReason::kExpired, "30036"),
            ReportEffect::kLate);
  EXPECT_EQ(report(fixture, message.id, "SM-1", DeliveryStage::kDelivered), ReportEffect::kLate);
  EXPECT_EQ(fixture.message(message.id)->status, "sent");
  EXPECT_FALSE(fixture.verification().send_fault);
  EXPECT_EQ(fixture.events().size(), before);
}

TEST(Reports, MayOvertakeOurOwnNote) {
  Fixture fixture;
  const auto message = queue(fixture);
  EXPECT_EQ(report(fixture, message.id, "SM-1", DeliveryStage::kDelivered), ReportEffect::kAdvanced);
  fixture.finish(message, delivery::Accepted{"SM-1"});
  EXPECT_EQ(fixture.message(message.id)->status, "delivered");
}

TEST(Reports, WithoutAReferenceAreOfTheMessageThatTheyName) {
  Fixture fixture;
  const auto message = queue(fixture);
  fixture.finish(message, delivery::Accepted{"SM-1"});
  EXPECT_EQ(report(fixture, message.id, "", DeliveryStage::kDelivered), ReportEffect::kAdvanced);
  EXPECT_EQ(fixture.message(message.id)->provider_ref, "SM-1");
}

}  // namespace
}  // namespace countersign::testing
