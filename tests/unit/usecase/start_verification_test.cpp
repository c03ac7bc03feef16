#include "usecase/start_verification.h"

#include "script.h"

namespace countersign::testing {
namespace {

TEST(Start, RefusesWhatThePolicyOrTheServiceDoesNotHave) {
  House house;
  house.policy("any").any_of = {domain::Method::kSms, domain::Method::kPush};
  house.hold();
  EXPECT_EQ(why(house.start(Channel::kEmail)), Code::kMethodNotAllowed);
  EXPECT_EQ(why(house.start(Channel::kPush)), Code::kChannelUnavailable);
  house.policy("any").any_of.add(domain::Method::kEmail);
  house.hold();
  EXPECT_EQ(why(house.start(Channel::kEmail)), Code::kNoContact);
  EXPECT_EQ(why(house.start({TransactionId{}, Channel::kSms, {}})), Code::kNotFound);
}

TEST(Start, TheNewestContactThatCountsUnlessOneIsNamed) {
  House house;
  house.hold();
  house.wait(seconds(1));
  house.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  house.hold();
  house.wait(seconds(1));
  ASSERT_EQ(why(house.add_contact(Channel::kSms, "+5531987650000")), kYes);  // Newer than the hold. [STD-9]
  ASSERT_EQ(why(house.start()), kYes);
  EXPECT_EQ(std::get<delivery::OutgoingMessage>(house.sent().back().content).to, kOtherPhone);
  ASSERT_EQ(why(house.start({house.current(), Channel::kSms, "(11) 98765-4321"})), kYes);
  EXPECT_EQ(std::get<delivery::OutgoingMessage>(house.sent().back().content).to, kPhone);
}

TEST(Start, AgainIsANewCodeAndTheSameVerification) {
  House house;
  house.hold();
  const auto first = house.start();
  const std::string code = house.code();
  house.wait(seconds(30));
  const auto second = house.start();
  ASSERT_EQ(why(second), kYes);
  EXPECT_EQ(first->id, second->id);
  EXPECT_NE(first->message, second->message);
  EXPECT_NE(code, house.code());
  EXPECT_EQ(second->sends, 2);
}

TEST(Start, ResendKeepsTheAttemptCount) {
  House house;
  house.hold();
  EXPECT_EQ(house.start()->attempts_left, 5);
  guess_wrong(house, 3);
  house.wait(seconds(30));
  // Two attempts are left, and two codes that a guess can meet.
  EXPECT_EQ(house.start()->attempts_left, 1);
  EXPECT_EQ(guess_wrong(house, 1), Code::kWrongCode);
  EXPECT_EQ(guess_wrong(house, 1), Code::kAttemptsExhausted);
}

TEST(Start, ThePreviousCodeIsStillGood) {
  House house;
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  const std::string previous = house.code();
  house.wait(seconds(30));
  ASSERT_EQ(why(house.start()), kYes);
  EXPECT_EQ(why(house.check(previous)), kYes);
  EXPECT_EQ(house.status(), TransactionStatus::kVerified);
}

TEST(Start, TheCodeBeforeThePreviousIsNot) {
  House house;
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  const std::string oldest = house.code();
  for (const auto wait : {seconds(30), seconds(60)}) {
    house.wait(wait);
    ASSERT_EQ(why(house.start()), kYes);
  }
  EXPECT_EQ(why(house.check(oldest)), Code::kWrongCode);
}

TEST(Start, SendingAgainDoesNotExtendTheLifeOfTheVerification) {
  House house;
  house.hold();
  const auto first = house.start();
  EXPECT_EQ(first->expires_at, house.now() + minutes(10));
  house.wait(minutes(10) - seconds(1));
  const auto second = house.start();
  ASSERT_EQ(why(second), kYes);
  EXPECT_EQ(second->expires_at, first->expires_at);
  EXPECT_EQ(second->queued.expires_at, first->expires_at);
  house.wait(seconds(1));
  EXPECT_EQ(why(house.check(house.code())), Code::kWrongCode);
  EXPECT_EQ(house.verification().state.attempts, 0);
}

TEST(Start, ACodeNeverOutlivesItsTransaction) {
  House house;
  house.request().expires_in = minutes(3);
  house.hold();
  EXPECT_EQ(house.start()->expires_at, house.now() + minutes(3));
}

TEST(Start, WaitsGrowBetweenSends) {
  House house;
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  house.limits().sends_per_contact = {};
  for (const Duration wait : {Duration(seconds(30)), Duration(seconds(60)), Duration(seconds(120))}) {
    house.wait(wait - kTick);
    const auto early = house.start();
    ASSERT_EQ(why(early), Code::kResendTooSoon);
    EXPECT_EQ(early.error().retry_after, kTick);
    house.wait(kTick);
    ASSERT_EQ(why(house.start()), kYes);
  }
}

TEST(Start, SaysFromWhenItCanBeSentAgain) {
  House house;
  house.hold();
  const auto started = house.start();
  EXPECT_EQ(started->resend_at, house.now() + seconds(30));
  house.clock().advance(started->resend_at - house.now());
  EXPECT_EQ(why(house.start()), kYes);
}

TEST(Start, OnlySoManySendsOfOneVerification) {
  House house;
  unlimited(house).sends_max = 2;
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  ASSERT_EQ(why(house.start()), kYes);
  EXPECT_EQ(why(house.start()), Code::kSendsExhausted);
  house.wait(minutes(10));  // It is over; a new one may be started.
  EXPECT_EQ(why(house.start()), kYes);
}

TEST(Start, ARefusedSendLeavesNothingBehind) {
  House house;
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  const auto messages = house.count("messages");
  const auto events = house.all_events().size();
  ASSERT_EQ(why(house.start()), Code::kResendTooSoon);
  EXPECT_EQ(house.count("messages"), messages);
  EXPECT_EQ(house.all_events().size(), events);
  EXPECT_EQ(house.verification().state.sends, 1);
}

TEST(Start, NumbersThatCostExtraAreRefused) {
  House house;
  house.request().contacts = {{Channel::kSms, "+44 909 8790000"}};
  EXPECT_EQ(why(house.try_hold()), Code::kAddressRefused);
}

}  // namespace
}  // namespace countersign::testing
