#include "usecase/verification/start.h"

#include "tests/unit/usecase/script.h"

namespace countersign::testing {
namespace {

TEST(Start, RefusesWhatThePolicyOrTheServiceDoesNotHave) {
  Fixture fixture;
  fixture.policy("any").any_of = {domain::Method::kSms, domain::Method::kPush};
  fixture.hold();
  EXPECT_EQ(why(fixture.start(Channel::kEmail)), Code::kMethodNotAllowed);
  EXPECT_EQ(why(fixture.start(Channel::kPush)), Code::kChannelUnavailable);
  fixture.policy("any").any_of.add(domain::Method::kEmail);
  fixture.hold();
  EXPECT_EQ(why(fixture.start(Channel::kEmail)), Code::kNoContact);
  EXPECT_EQ(why(fixture.start({TransactionId{}, Channel::kSms, {}})), Code::kNotFound);
}

TEST(Start, TheNewestContactThatCountsUnlessOneIsNamed) {
  Fixture fixture;
  fixture.hold();
  fixture.wait(seconds(1));
  fixture.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  fixture.hold();
  fixture.wait(seconds(1));
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, "+5531987650000")), kYes);  // Newer than the hold. [STD-9]
  ASSERT_EQ(why(fixture.start()), kYes);
  EXPECT_EQ(std::get<delivery::OutgoingMessage>(fixture.sent().back().content).to, kOtherPhone);
  ASSERT_EQ(why(fixture.start({fixture.current(), Channel::kSms, "(11) 98765-4321"})), kYes);
  EXPECT_EQ(std::get<delivery::OutgoingMessage>(fixture.sent().back().content).to, kPhone);
}

TEST(Start, AgainIsANewCodeAndTheSameVerification) {
  Fixture fixture;
  fixture.hold();
  const auto first = fixture.start();
  const std::string code = fixture.code();
  fixture.wait(seconds(30));
  const auto second = fixture.start();
  ASSERT_EQ(why(second), kYes);
  EXPECT_EQ(first->id, second->id);
  EXPECT_NE(first->message, second->message);
  EXPECT_NE(code, fixture.code());
  EXPECT_EQ(second->sends, 2);
}

TEST(Start, ResendKeepsTheAttemptCount) {
  Fixture fixture;
  fixture.hold();
  EXPECT_EQ(fixture.start()->attempts_left, 5);
  guess_wrong(fixture, 3);
  fixture.wait(seconds(30));
  // Two attempts are left, and two codes that a guess can meet.
  EXPECT_EQ(fixture.start()->attempts_left, 1);
  EXPECT_EQ(guess_wrong(fixture, 1), Code::kWrongCode);
  EXPECT_EQ(guess_wrong(fixture, 1), Code::kAttemptsExhausted);
}

TEST(Start, ThePreviousCodeIsStillGood) {
  Fixture fixture;
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  const std::string previous = fixture.code();
  fixture.wait(seconds(30));
  ASSERT_EQ(why(fixture.start()), kYes);
  EXPECT_EQ(why(fixture.check(previous)), kYes);
  EXPECT_EQ(fixture.status(), TransactionStatus::kVerified);
}

TEST(Start, TheCodeBeforeThePreviousIsNot) {
  Fixture fixture;
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  const std::string oldest = fixture.code();
  for (const auto wait : {seconds(30), seconds(60)}) {
    fixture.wait(wait);
    ASSERT_EQ(why(fixture.start()), kYes);
  }
  EXPECT_EQ(why(fixture.check(oldest)), Code::kWrongCode);
}

TEST(Start, SendingAgainDoesNotExtendTheLifeOfTheVerification) {
  Fixture fixture;
  fixture.hold();
  const auto first = fixture.start();
  EXPECT_EQ(first->expires_at, fixture.now() + minutes(10));
  fixture.wait(minutes(10) - seconds(1));
  const auto second = fixture.start();
  ASSERT_EQ(why(second), kYes);
  EXPECT_EQ(second->expires_at, first->expires_at);
  EXPECT_EQ(second->queued.expires_at, first->expires_at);
  fixture.wait(seconds(1));
  EXPECT_EQ(why(fixture.check(fixture.code())), Code::kWrongCode);
  EXPECT_EQ(fixture.verification().state.attempts, 0);
}

TEST(Start, ACodeNeverOutlivesItsTransaction) {
  Fixture fixture;
  fixture.request().expires_in = minutes(3);
  fixture.hold();
  EXPECT_EQ(fixture.start()->expires_at, fixture.now() + minutes(3));
}

TEST(Start, WaitsGrowBetweenSends) {
  Fixture fixture;
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  fixture.limits().sends_per_contact = {};
  for (const Duration wait : {Duration(seconds(30)), Duration(seconds(60)), Duration(seconds(120))}) {
    fixture.wait(wait - kTick);
    const auto early = fixture.start();
    ASSERT_EQ(why(early), Code::kResendTooSoon);
    EXPECT_EQ(early.error().retry_after, kTick);
    fixture.wait(kTick);
    ASSERT_EQ(why(fixture.start()), kYes);
  }
}

TEST(Start, SaysFromWhenItCanBeSentAgain) {
  Fixture fixture;
  fixture.hold();
  const auto started = fixture.start();
  EXPECT_EQ(started->resend_at, fixture.now() + seconds(30));
  fixture.clock().advance(started->resend_at - fixture.now());
  EXPECT_EQ(why(fixture.start()), kYes);
}

TEST(Start, OnlySoManySendsOfOneVerification) {
  Fixture fixture;
  unlimited(fixture).sends_max = 2;
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.start()), kYes);
  EXPECT_EQ(why(fixture.start()), Code::kSendsExhausted);
  fixture.wait(minutes(10));  // It is over; a new one may be started.
  EXPECT_EQ(why(fixture.start()), kYes);
}

TEST(Start, ARefusedSendLeavesNothingBehind) {
  Fixture fixture;
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  const auto messages = fixture.count("messages");
  const auto events = fixture.all_events().size();
  ASSERT_EQ(why(fixture.start()), Code::kResendTooSoon);
  EXPECT_EQ(fixture.count("messages"), messages);
  EXPECT_EQ(fixture.all_events().size(), events);
  EXPECT_EQ(fixture.verification().state.sends, 1);
}

TEST(Start, NumbersThatCostExtraAreRefused) {
  Fixture fixture;
  fixture.request().contacts = {{Channel::kSms, "+44 909 8790000"}};
  EXPECT_EQ(why(fixture.try_hold()), Code::kAddressRefused);
}

}  // namespace
}  // namespace countersign::testing
