#include "tests/unit/usecase/script.h"
#include "usecase/transaction/show.h"

// Verifications that the version before schema step 14 left in a table of their own, taken up by this one.
namespace countersign::testing {
namespace {

/// Held, with a code sent by the version before.
void send_before(Fixture& fixture) {
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  fixture.put_back_verifications();
}

TEST(StoredBefore, ARightCodeIsRight) {
  Fixture fixture;
  send_before(fixture);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  EXPECT_EQ(fixture.status(), TransactionStatus::kVerified);
  EXPECT_EQ(fixture.verification().state.status, VerificationStatus::kApproved);
  EXPECT_EQ(why(fixture.check(fixture.code())), Code::kTransactionNotHeld);
}

TEST(StoredBefore, AttemptsStaySpent) {
  Fixture fixture;
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  guess_wrong(fixture, 3);
  fixture.put_back_verifications();
  EXPECT_EQ(guess_wrong(fixture, 1), Code::kWrongCode);
  EXPECT_EQ(fixture.verification().state.attempts, 4);
  EXPECT_EQ(guess_wrong(fixture, 1), Code::kWrongCode);
  fixture.wait(seconds(30));  // The line's lock.
  EXPECT_EQ(why(fixture.check(fixture.code())), Code::kAttemptsExhausted);
}

TEST(StoredBefore, SentAgainItIsTheSameAndTheFirstCodeStaysValid) {
  Fixture fixture;
  send_before(fixture);
  const auto first = fixture.code();
  const auto id = fixture.verification().state.id;
  fixture.wait(minutes(2));
  const auto again = fixture.start();
  ASSERT_EQ(why(again), kYes);
  EXPECT_EQ(again->id, id);
  EXPECT_EQ(again->sends, 2);
  EXPECT_EQ(why(fixture.check(first)), kYes);
}

TEST(StoredBefore, ANewOneStandsBesideIt) {
  Fixture fixture;
  fixture.request().contacts.push_back({Channel::kEmail, "ana.lima@example.com"});
  send_before(fixture);
  const auto older = fixture.verification().state.id;
  fixture.wait(seconds(1));
  ASSERT_EQ(why(fixture.start(Channel::kEmail)), kYes);
  const auto view = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::show_transaction({tx, fixture.context(), fixture.caller(), moment}, fixture.current());
  });
  ASSERT_EQ(why(view), kYes);
  ASSERT_EQ(view->verifications.size(), 2U);
  EXPECT_EQ(view->verifications[0].channel, Channel::kEmail);
  EXPECT_EQ(view->verifications[1].id, older);
}

// A claim writes the transaction, and has not looked at its verifications.
TEST(StoredBefore, WhatDoesNotConcernItLeavesIt) {
  Fixture fixture;
  verify(fixture);
  fixture.put_back_verifications();
  ASSERT_EQ(why(fixture.claim()), kYes);
  EXPECT_EQ(fixture.verification().state.status, VerificationStatus::kApproved);
  EXPECT_FALSE(fixture.row().verifications_content);
}

TEST(StoredBefore, TheEndOfTheTransactionEndsIt) {
  Fixture fixture;
  send_before(fixture);
  ASSERT_EQ(why(fixture.cancel()), kYes);
  EXPECT_EQ(fixture.verification().state.status, VerificationStatus::kCanceled);

  send_before(fixture);
  fixture.wait(hours(100));
  EXPECT_EQ(fixture.expire(), 1);
  EXPECT_EQ(domain::status_at(fixture.verification().state, fixture.now()), VerificationStatus::kExpired);
}

TEST(StoredBefore, AMessageThatFailsIsShown) {
  Fixture fixture;
  send_before(fixture);
  delivery::ProviderError error = unavailable(false);
  error.fault = delivery::Fault::kInvalidAddress;
  fixture.finish(fixture.sent().back(), fail(error));
  EXPECT_EQ(fixture.verification().send_fault, delivery::name_of(delivery::Fault::kInvalidAddress));
}

TEST(StoredBefore, AProviderAnswersAndJudges) {
  Fixture fixture;
  fixture.request().service = "upstream";
  send_before(fixture);
  fixture.finish(fixture.sent().back(), delivery::Accepted{"VE-1"});
  EXPECT_EQ(fixture.verification().provider_ref, "VE-1");
  fixture.put_back_verifications();
  const auto asked = fixture.ask("123456");
  ASSERT_EQ(why(asked), kYes);
  EXPECT_EQ(asked->check.provider_ref, "VE-1");
  EXPECT_EQ(why(fixture.conclude(*asked, delivery::VerifierVerdict::kApproved)), kYes);
}

}  // namespace
}  // namespace countersign::testing
