#include "tests/unit/usecase/script.h"
#include "usecase/outbox/work_upstream_ends.h"
#include "usecase/transaction/cancel.h"
#include "usecase/transaction/show.h"

// The ends other than release: canceled, denied, expired.
namespace countersign::testing {
namespace {

using usecase::Ended;

/// A held transaction with a code on its way.
void hold_and_start(Fixture& fixture) {
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
}

void expect_over(Fixture& fixture, TransactionStatus status, Code refusal) {
  EXPECT_EQ(fixture.row().state.status, status);
  EXPECT_EQ(fixture.row().state.ended_at, fixture.now());
  EXPECT_EQ(fixture.count("payloads"), 0);
  EXPECT_EQ(fixture.verification().state.status, VerificationStatus::kCanceled);
  EXPECT_FALSE(fixture.verification().state.code);
  EXPECT_EQ(why(fixture.check(fixture.code())), refusal);
  EXPECT_EQ(why(fixture.start()), refusal);
  EXPECT_EQ(why(fixture.claim()), refusal);
}

TEST(Cancel, DestroysThePayloadAndTheCodes) {
  Fixture fixture;
  hold_and_start(fixture);
  ASSERT_EQ(why(fixture.cancel()), kYes);
  expect_over(fixture, TransactionStatus::kCanceled, Code::kTransactionNotHeld);
  EXPECT_EQ(why(fixture.cancel()), Code::kTransactionNotHeld);
  EXPECT_EQ(why(fixture.deny()), Code::kTransactionNotHeld);
}

TEST(Deny, DestroysThePayloadAndTheCodes) {
  Fixture fixture;
  hold_and_start(fixture);
  ASSERT_EQ(why(fixture.deny()), kYes);
  expect_over(fixture, TransactionStatus::kDenied, Code::kTransactionNotHeld);
  EXPECT_EQ(why(fixture.cancel()), Code::kTransactionNotHeld);
}

TEST(Cancel, AVerifiedOneUntilSomebodyHasClaimedIt) {
  Fixture fixture;
  verify(fixture);
  ASSERT_EQ(why(fixture.cancel()), kYes);
  EXPECT_EQ(fixture.count("payloads"), 0);
  verify(fixture);
  ASSERT_EQ(why(fixture.claim()), kYes);
  EXPECT_EQ(why(fixture.cancel()), Code::kAlreadyClaimed);
  EXPECT_TRUE(fixture.has_payload());
  EXPECT_EQ(why(fixture.deny()), Code::kTransactionNotHeld);
}

TEST(Cancel, LeavesNothingOpenAtAProvider) {
  Fixture fixture;
  fixture.request().service = "upstream";
  const auto due = [&] {
    return fixture
        .in([&](store::Tx& tx, Moment& moment) {
          return usecase::lease_due_upstream_ends(tx, fixture.context(), 100, moment);
        })
        .jobs;
  };
  hold_and_start(fixture);
  fixture.finish(fixture.sent().back(), delivery::Accepted{"VE-7"});
  ASSERT_EQ(why(fixture.cancel()), kYes);
  const auto ends = due();
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].provider, "verifier");
  EXPECT_EQ(ends[0].provider_ref, "VE-7");
}

TEST(Expiry, HoldsFromItsVeryInstantWithoutASweeper) {
  Fixture fixture;
  hold_and_start(fixture);
  const auto shown = [&] {
    return fixture
        .in([&](store::Tx& tx, Moment& m) {
          return usecase::show_transaction({tx, fixture.context(), fixture.caller(), m}, fixture.current());
        })
        ->status;
  };
  fixture.wait(minutes(30) - kTick);
  EXPECT_EQ(shown(), TransactionStatus::kHeld);
  EXPECT_EQ(why(fixture.start()), kYes);
  const std::string code = fixture.code();
  fixture.wait(kTick);
  EXPECT_EQ(shown(), TransactionStatus::kExpired);
  EXPECT_EQ(fixture.row().state.status, TransactionStatus::kHeld);  // Nobody has written it down yet.
  EXPECT_EQ(why(fixture.check(code)), Code::kTransactionExpired);
  EXPECT_EQ(why(fixture.start()), Code::kTransactionExpired);
  EXPECT_EQ(why(fixture.claim()), Code::kTransactionExpired);
  EXPECT_EQ(why(fixture.cancel()), Code::kTransactionExpired);
  EXPECT_EQ(why(fixture.deny()), Code::kTransactionExpired);
}

TEST(Expiry, TheSweeperWritesItDownAndDestroysThePayload) {
  Fixture fixture;
  hold_and_start(fixture);
  fixture.wait(minutes(30) - kTick);
  EXPECT_EQ(fixture.expire(), 0);
  fixture.wait(kTick);
  EXPECT_EQ(fixture.expire(), 1);
  EXPECT_EQ(fixture.expire(), 0);
  EXPECT_EQ(fixture.row().state.status, TransactionStatus::kExpired);
  EXPECT_EQ(fixture.count("payloads"), 0);
}

TEST(Expiry, OfAnApprovalThatNobodyFetched) {
  Fixture fixture;
  verify(fixture);
  fixture.wait(minutes(5) - kTick);
  EXPECT_EQ(fixture.expire(), 0);
  fixture.wait(kTick);
  EXPECT_EQ(fixture.expire(), 1);
  EXPECT_EQ(fixture.count("payloads"), 0);
  EXPECT_EQ(why(fixture.claim()), Code::kTransactionExpired);
}

TEST(Expiry, NeverOfOneThatIsClaimed) {
  Fixture fixture;
  verify(fixture);
  const auto token = fixture.claim()->fencing_token;
  fixture.wait(hours(1000));
  EXPECT_EQ(fixture.expire(), 0);
  EXPECT_TRUE(fixture.has_payload());
  EXPECT_EQ(why(fixture.ack(token)), kYes);
}

}  // namespace
}  // namespace countersign::testing
