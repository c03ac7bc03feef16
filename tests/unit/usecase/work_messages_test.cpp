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

TEST(Messages, AreTriedAgainWithTheSameCodeAndNotForEver) {
  House house;
  auto message = queue(house);
  const std::string code = house.code();
  for (int attempt = 1; attempt <= 4; ++attempt) {
    house.finish(message, fail(unavailable()));
    EXPECT_EQ(house.message(message.id)->status, "queued") << attempt;
    EXPECT_FALSE(house.verification().send_fault);
    house.wait(seconds(60));  // The longest pause.
    auto due = house.due_messages();
    ASSERT_EQ(due.size(), 1U) << attempt;
    message = due[0];
    EXPECT_EQ(message.attempts, attempt + 1);
    EXPECT_EQ(std::get<delivery::OutgoingMessage>(message.content).code.expose(), code);
  }
  house.finish(message, fail(unavailable()));
  EXPECT_EQ(house.message(message.id)->status, "failed");
  EXPECT_EQ(house.verification().send_fault, delivery::name_of(Fault::kUnavailable));
  EXPECT_EQ(house.events().back(), "message.failed");
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

TEST(Messages, OneInstantBeforeItIs) {
  House house;
  static_cast<void>(queue(house));
  house.wait(minutes(10) - kTick);
  EXPECT_EQ(house.due_messages().size(), 1U);
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
