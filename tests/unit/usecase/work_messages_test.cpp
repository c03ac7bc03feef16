#include "usecase/work_messages.h"

#include "script.h"
#include "usecase/wording.h"

namespace countersign::testing {
namespace {

using delivery::Fault;

usecase::QueuedMessage queue(House& house) {
  house.hold();
  EXPECT_EQ(why(house.start()), kYes);
  return house.sent().back();
}

delivery::ProviderError final_fault() {
  return {Fault::kInvalidAddress, delivery::PersonNotice::kNumberNotSupported, "21211", "no such number", {}, false};
}

bool report(House& house, const MessageId& id, std::string_view ref, store::MessageStatus status,
            const std::optional<delivery::ProviderError>& error = {}) {
  return house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::report_delivery(tx, house.context(), house.account(), id, ref, status, error, moment);
  });
}

TEST(Messages, AreLeasedToTheNodeThatQueuedThem) {
  House house;
  const auto message = queue(house);
  EXPECT_TRUE(house.due_messages().empty());
  house.wait(seconds(60) - kTick);
  EXPECT_TRUE(house.due_messages().empty());
  house.wait(kTick);
  const auto due = house.due_messages();  // That node has died.
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].id, message.id);
  EXPECT_EQ(due[0].attempts, 2);
  EXPECT_TRUE(house.due_messages().empty());  // It is leased again.
}

TEST(Messages, WhatIsReadBackIsWhatWasQueued) {
  House house;
  const auto queued = queue(house);
  house.wait(seconds(60));
  const auto due = house.due_messages();
  ASSERT_EQ(due.size(), 1U);
  const auto a = house.written(queued);
  const auto b = house.written(due[0]);
  EXPECT_EQ(a.to, b.to);
  EXPECT_EQ(a.body, b.body);
  EXPECT_EQ(a.code.expose(), b.code.expose());
  EXPECT_EQ(a.locale, b.locale);
  EXPECT_EQ(a.expires_at, b.expires_at);
  EXPECT_EQ(a.status_callback_url, b.status_callback_url);
}

TEST(Messages, AreValidForTheMinutesThatAreLeft) {
  House house;
  const auto queued = queue(house);
  EXPECT_NE(house.written(queued).body.find("Valid 10 min"), std::string::npos) << house.written(queued).body;
  house.wait(seconds(1));  // It may take a moment to the wording.
  EXPECT_NE(house.written(queued).body.find("Valid 10 min"), std::string::npos);
  house.wait(seconds(59));
  const auto due = house.due_messages();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_NE(house.written(due[0]).body.find("Valid 9 min"), std::string::npos) << house.written(due[0]).body;
  house.wait(std::chrono::minutes(9));
  EXPECT_NE(house.written(queued).body.find("Valid 1 min"), std::string::npos);
}

TEST(Messages, WithoutAServiceOrAReadableDisplayCannotBeWritten) {
  House house;
  auto queued = queue(house);
  auto foreign = queued;
  foreign.wording->service = ServiceId{};
  EXPECT_EQ(usecase::write_text(house.context(), foreign, house.now())->fault, Fault::kMisconfigured);
  queued.wording->display_sealed.back() ^= 1;
  EXPECT_EQ(usecase::write_text(house.context(), queued, house.now())->fault, Fault::kMisconfigured);
}

TEST(Messages, SentIsTheEndAndDestroysTheContent) {
  House house;
  const auto message = queue(house);
  house.finish(message, delivery::Accepted{"SM-1"});
  EXPECT_EQ(house.message(message.id)->status, "sent");
  house.wait(hours(1));
  EXPECT_TRUE(house.due_messages().empty());
  static const store::Sql kLeft{"SELECT count(*) FROM messages WHERE content_sealed IS NOT NULL"};
  EXPECT_EQ(house.in([&](store::Tx& tx, Moment&) {
    std::int64_t left = -1;
    tx.one(kLeft, {}, [&](const store::Row& row) { left = row.integer(0); });
    return left;
  }),
            0);
}

/// From now on the provider answers so. How often it is asked until the message has ended.
int attempts_until_the_end(House& house, usecase::QueuedMessage message, const delivery::ProviderError& error) {
  const std::string code = house.code();
  int attempts = 0;
  while (house.message(message.id)->status == "queued") {
    ++attempts;
    EXPECT_FALSE(house.verification().send_fault);
    house.finish(message, fail(error));
    for (int second = 0; second < 1000 && house.message(message.id)->status == "queued"; ++second) {
      house.wait(seconds(1));
      auto due = house.due_messages();
      if (due.empty()) continue;
      message = due.at(0);
      EXPECT_EQ(std::get<delivery::OutgoingMessage>(message.content).code.expose(), code);
      break;
    }
  }
  return attempts;
}

TEST(Messages, ARefusalThatIsCertainIsRepeatedWhileTheCodeCanBeUsed) {
  House house;
  const auto message = queue(house);
  const WallTime made = house.now();
  EXPECT_GT(attempts_until_the_end(house, message, unavailable()), 20);
  EXPECT_EQ(house.message(message.id)->status, "failed");
  EXPECT_EQ(house.verification().send_fault, delivery::name_of(Fault::kUnavailable));
  EXPECT_EQ(house.events().back(), "message.failed");
  EXPECT_GT(house.now(), made + minutes(8));
  EXPECT_LT(house.now(), made + minutes(9) + seconds(1));
}

TEST(Messages, OneThatMayHaveArrivedIsRepeatedOnceAfterFifteenSeconds) {
  House house;
  const auto message = queue(house);
  house.finish(message, fail(unavailable(true)));
  house.wait(seconds(15) - kTick);
  EXPECT_TRUE(house.due_messages().empty());
  house.wait(seconds(4));
  const auto again = house.due_messages();
  ASSERT_EQ(again.size(), 1U);
  house.finish(again[0], fail(unavailable(true)));
  EXPECT_EQ(house.message(message.id)->status, "failed");
  EXPECT_EQ(house.verification().send_fault, delivery::name_of(Fault::kUnavailable));
}

TEST(Messages, ADoubtIsRememberedThroughRefusals) {
  House house;
  auto message = queue(house);
  house.finish(message, fail(unavailable(true)));
  for (int i = 0; i < 3; ++i) {  // Refused with certainty, given back, and taken over from a node that died.
    house.wait(seconds(60));
    auto due = house.due_messages();
    ASSERT_EQ(due.size(), 1U) << i;
    message = due[0];
    EXPECT_TRUE(message.doubted);
    if (i == 0) house.finish(message, fail(unavailable()));
    if (i == 1) house.give_back(message);
  }
  house.finish(message, fail(unavailable(true)));
  EXPECT_EQ(house.message(message.id)->status, "failed");
}

TEST(Messages, AStartAtAProviderThatMakesTheCodesIsNotRepeatedInDoubt) {
  House house;
  house.request().service = "upstream";
  const auto doubtful = queue(house);
  house.finish(doubtful, fail(unavailable(true)));
  EXPECT_EQ(house.message(doubtful.id)->status, "failed");
  EXPECT_EQ(house.verification().send_fault, delivery::name_of(Fault::kUnavailable));

  House other;
  other.request().service = "upstream";
  const auto refused = queue(other);
  other.finish(refused, fail(unavailable()));
  EXPECT_EQ(other.message(refused.id)->status, "queued");
  other.wait(seconds(2));
  EXPECT_EQ(other.due_messages().size(), 1U);
}

TEST(Messages, WhatIsGivenBackIsDueAtOnceAndWasNoAttempt) {
  House house;
  const auto message = queue(house);
  EXPECT_EQ(message.start_before, house.now() + seconds(30));
  house.give_back(message);
  const auto due = house.due_messages();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].attempts, 1);
  house.wait(seconds(60));
  ASSERT_EQ(house.due_messages().size(), 1U);
  house.give_back(message);  // By whoever has lost it meanwhile.
  EXPECT_TRUE(house.due_messages().empty());
}

TEST(Messages, AFinalFaultIsShownAtOnceAndClearedByTheNextSend) {
  House house;
  house.finish(queue(house), fail(final_fault()));
  EXPECT_EQ(house.verification().send_fault, delivery::name_of(Fault::kInvalidAddress));
  house.wait(seconds(30));
  ASSERT_EQ(why(house.start()), kYes);
  EXPECT_FALSE(house.verification().send_fault);
}

TEST(Messages, AFaultThatComesAfterTheSuccessOfAnotherIsNone) {
  House house;
  const auto slow = queue(house);
  house.wait(seconds(60));  // The lease has run out, and somebody else sends it.
  const auto due = house.due_messages();
  ASSERT_EQ(due.size(), 1U);
  house.finish(due[0], delivery::Accepted{"SM-1"});
  house.finish(slow, fail(final_fault()));
  EXPECT_EQ(house.message(slow.id)->status, "sent");
  EXPECT_FALSE(house.verification().send_fault);
  EXPECT_EQ(house.events().back(), "verification.started");
}

TEST(Messages, ACodeThatIsOverIsNotSent) {
  House house;
  const auto message = queue(house);
  house.wait(minutes(10));
  EXPECT_TRUE(house.due_messages().empty());
  EXPECT_EQ(house.message(message.id)->status, "failed");
  EXPECT_EQ(house.verification().send_fault, "expired");
}

TEST(Messages, NorOneThatIsAllButOver) {
  House house;
  static_cast<void>(queue(house));
  house.wait(minutes(9) - kTick);  // A millisecond is the grain of the message's own time.
  EXPECT_EQ(house.due_messages().size(), 1U);

  House late;
  static_cast<void>(queue(late));
  late.wait(minutes(9) + kTick);
  EXPECT_TRUE(late.due_messages().empty());
  EXPECT_EQ(late.verification().send_fault, "expired");
}

TEST(Messages, AVerifiersNameForItIsKept) {
  House house;
  house.request().service = "upstream";
  const auto message = queue(house);
  EXPECT_FALSE(house.verification().provider_ref);
  house.finish(message, delivery::Accepted{"VE-1"});
  EXPECT_EQ(house.verification().provider_ref, "VE-1");
}

TEST(Reports, OfDeliveryAreBelievedFromTheProviderThatHasIt) {
  House house;
  const auto message = queue(house);
  house.finish(message, delivery::Accepted{"SM-1"});
  EXPECT_FALSE(report(house, message.id, "SM-2", store::MessageStatus::kDelivered));
  EXPECT_FALSE(report(house, MessageId{}, "SM-1", store::MessageStatus::kDelivered));
  EXPECT_TRUE(report(house, message.id, "SM-1", store::MessageStatus::kDelivered));
  EXPECT_EQ(house.message(message.id)->status, "delivered");
  EXPECT_FALSE(report(house, message.id, "SM-1", store::MessageStatus::kFailed, final_fault()));
  EXPECT_FALSE(house.verification().send_fault);
}

TEST(Reports, AFailureIsShownAtTheVerification) {
  House house;
  const auto message = queue(house);
  house.finish(message, delivery::Accepted{"SM-1"});
  EXPECT_TRUE(report(house, message.id, "SM-1", store::MessageStatus::kFailed, final_fault()));
  EXPECT_EQ(house.message(message.id)->status, "failed");
  EXPECT_EQ(house.message(message.id)->error_code, "21211");
  EXPECT_EQ(house.verification().send_fault, delivery::name_of(Fault::kInvalidAddress));
  EXPECT_EQ(house.events().back(), "message.failed");
}

TEST(Reports, MayOvertakeOurOwnNote) {
  House house;
  const auto message = queue(house);
  EXPECT_TRUE(report(house, message.id, "SM-1", store::MessageStatus::kDelivered));
  house.finish(message, delivery::Accepted{"SM-1"});
  EXPECT_EQ(house.message(message.id)->status, "delivered");
}

}  // namespace
}  // namespace countersign::testing
