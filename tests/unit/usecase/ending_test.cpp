#include "script.h"
#include "usecase/cancel.h"
#include "usecase/show.h"
#include "usecase/work_upstream_ends.h"

// The ends other than release: canceled, denied, expired.
namespace countersign::testing {
namespace {

using usecase::Ended;

/// A held transaction with a code on its way.
void hold_and_send(House& house) {
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
}

void expect_over(House& house, TransactionStatus status, Code refusal) {
  EXPECT_EQ(house.row().state.status, status);
  EXPECT_EQ(house.row().state.ended_at, house.now());
  EXPECT_EQ(house.count("payloads"), 0);
  EXPECT_EQ(house.verification().state.status, VerificationStatus::kCanceled);
  EXPECT_FALSE(house.verification().state.code);
  EXPECT_EQ(why(house.check(house.code())), refusal);
  EXPECT_EQ(why(house.start()), refusal);
  EXPECT_EQ(why(house.claim()), refusal);
}

TEST(Cancel, DestroysThePayloadAndTheCodes) {
  House house;
  hold_and_send(house);
  ASSERT_EQ(why(house.cancel()), kYes);
  expect_over(house, TransactionStatus::kCanceled, Code::kTransactionNotHeld);
  EXPECT_EQ(why(house.cancel()), Code::kTransactionNotHeld);
  EXPECT_EQ(why(house.deny()), Code::kTransactionNotHeld);
}

TEST(Deny, DestroysThePayloadAndTheCodes) {
  House house;
  hold_and_send(house);
  ASSERT_EQ(why(house.deny()), kYes);
  expect_over(house, TransactionStatus::kDenied, Code::kTransactionNotHeld);
  EXPECT_EQ(why(house.cancel()), Code::kTransactionNotHeld);
}

TEST(Cancel, AVerifiedOneUntilSomebodyHasClaimedIt) {
  House house;
  verify(house);
  ASSERT_EQ(why(house.cancel()), kYes);
  EXPECT_EQ(house.count("payloads"), 0);
  verify(house);
  ASSERT_EQ(why(house.claim()), kYes);
  EXPECT_EQ(why(house.cancel()), Code::kAlreadyClaimed);
  EXPECT_TRUE(house.has_payload());
  EXPECT_EQ(why(house.deny()), Code::kTransactionNotHeld);
}

TEST(Cancel, LeavesNothingOpenAtAProvider) {
  House house;
  house.request().service = "upstream";
  const auto due = [&] {
    return house
        .in([&](store::Tx& tx, Moment& moment) {
          return usecase::lease_due_upstream_ends(tx, house.context(), 100, moment);
        })
        .jobs;
  };
  hold_and_send(house);
  house.finish(house.sent().back(), delivery::Accepted{"VE-7"});
  ASSERT_EQ(why(house.cancel()), kYes);
  const auto ends = due();
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].provider, "verifier");
  EXPECT_EQ(ends[0].provider_ref, "VE-7");
}

TEST(Expiry, HoldsFromItsVeryInstantWithoutASweeper) {
  House house;
  hold_and_send(house);
  const auto shown = [&] {
    return house
        .in([&](store::Tx& tx, Moment& m) {
          return usecase::show_transaction(tx, house.context(), house.caller(), house.current(), m.now);
        })
        ->status;
  };
  house.wait(minutes(30) - kTick);
  EXPECT_EQ(shown(), TransactionStatus::kHeld);
  EXPECT_EQ(why(house.start()), kYes);
  const std::string code = house.code();
  house.wait(kTick);
  EXPECT_EQ(shown(), TransactionStatus::kExpired);
  EXPECT_EQ(house.row().state.status, TransactionStatus::kHeld);  // Nobody has written it down yet.
  EXPECT_EQ(why(house.check(code)), Code::kTransactionExpired);
  EXPECT_EQ(why(house.start()), Code::kTransactionExpired);
  EXPECT_EQ(why(house.claim()), Code::kTransactionExpired);
  EXPECT_EQ(why(house.cancel()), Code::kTransactionExpired);
  EXPECT_EQ(why(house.deny()), Code::kTransactionExpired);
}

TEST(Expiry, TheSweeperWritesItDownAndDestroysThePayload) {
  House house;
  hold_and_send(house);
  house.wait(minutes(30) - kTick);
  EXPECT_EQ(house.expire(), 0);
  house.wait(kTick);
  EXPECT_EQ(house.expire(), 1);
  EXPECT_EQ(house.expire(), 0);
  EXPECT_EQ(house.row().state.status, TransactionStatus::kExpired);
  EXPECT_EQ(house.count("payloads"), 0);
}

TEST(Expiry, OfAnApprovalThatNobodyFetched) {
  House house;
  verify(house);
  house.wait(minutes(5) - kTick);
  EXPECT_EQ(house.expire(), 0);
  house.wait(kTick);
  EXPECT_EQ(house.expire(), 1);
  EXPECT_EQ(house.count("payloads"), 0);
  EXPECT_EQ(why(house.claim()), Code::kTransactionExpired);
}

TEST(Expiry, NeverOfOneThatIsClaimed) {
  House house;
  verify(house);
  const auto token = house.claim()->fencing_token;
  house.wait(hours(1000));
  EXPECT_EQ(house.expire(), 0);
  EXPECT_TRUE(house.has_payload());
  EXPECT_EQ(why(house.ack(token)), kYes);
}

}  // namespace
}  // namespace countersign::testing
