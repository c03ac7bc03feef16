#include "domain/transaction.h"

#include <gtest/gtest.h>

#include "some.h"

namespace countersign::domain {
namespace {

using enum TransactionStatus;
constexpr Duration kClaimWindow = minutes(5);

/// Held at noon, verified a minute later.
Transaction verified() { return *with_own_proof(held(), proof_of(Method::kSms), kNoon + minutes(1), kClaimWindow); }

Transaction in(TransactionStatus status) {
  Transaction tx = status == kVerified || status == kReleased ? verified() : held();
  tx.status = status;
  return tx;
}

template <class T>
std::optional<TransactionError> error_of(const Result<T, TransactionError>& result) {
  return result ? std::nullopt : std::optional(result.error());
}

TEST(Transaction, EveryStatusIsReadBack) {
  for (const auto s : {kHeld, kVerified, kReleased, kDenied, kExpired, kCanceled}) {
    EXPECT_EQ(parse_transaction_status(to_text(s)), s);
  }
  EXPECT_FALSE(parse_transaction_status("HELD"));
  EXPECT_FALSE(parse_transaction_status(""));
}

TEST(StatusAt, AHoldExpiresAtItsVeryInstant) {
  const Transaction tx = held();
  EXPECT_EQ(status_at(tx, tx.expires_at - kTick), kHeld);
  EXPECT_EQ(status_at(tx, tx.expires_at), kExpired);
  EXPECT_EQ(status_at(tx, tx.expires_at + kTick), kExpired);
}

TEST(StatusAt, AnApprovalThatNobodyFetchesLapses) {
  const Transaction tx = verified();
  const WallTime end = kNoon + minutes(6);
  EXPECT_EQ(status_at(tx, end - kTick), kVerified);
  EXPECT_EQ(status_at(tx, end), kExpired);
  EXPECT_EQ(why_not_claimable(tx, end - kTick), std::nullopt);
  EXPECT_EQ(why_not_claimable(tx, end), TransactionError::kExpired);
}

TEST(StatusAt, AClaimedTransactionDoesNotLapse) {
  Transaction tx = verified();
  tx.claimed_at = kNoon + minutes(2);
  EXPECT_EQ(status_at(tx, kNoon + hours(1000)), kVerified);
  EXPECT_EQ(why_not_claimable(tx, kNoon + hours(1000)), TransactionError::kClaimed);
}

TEST(StatusAt, WhatHasEndedStaysAsItIs) {
  for (const auto s : {kReleased, kDenied, kExpired, kCanceled}) {
    EXPECT_EQ(status_at(in(s), kNoon), s);
    EXPECT_EQ(status_at(in(s), kNoon + hours(1000)), s);
  }
}

TEST(WithProof, TurnsVerifiedWhenThePolicyIsMet) {
  const Transaction tx = verified();
  EXPECT_EQ(tx.status, kVerified);
  EXPECT_EQ(tx.verified_at, kNoon + minutes(1));
  EXPECT_EQ(tx.claimable_until, kNoon + minutes(6));
  EXPECT_EQ(tx.proofs.size(), 1U);
}

TEST(WithProof, IsRefusedFromTheVeryInstantOfExpiry) {
  const WallTime end = kNoon + hours(1);
  const auto at = [](WallTime now) { return with_own_proof(held(), proof_of(Method::kSms), now, kClaimWindow); };
  EXPECT_TRUE(at(end - kTick));
  EXPECT_EQ(error_of(at(end)), TransactionError::kExpired);
  EXPECT_EQ(error_of(at(end + kTick)), TransactionError::kExpired);
}

TEST(WithProof, OneOfAMethodThatThePolicyDoesNotNameMeetsNothing) {
  const auto tx = with_own_proof(held(), proof_of(Method::kEmail), kNoon, kClaimWindow);
  ASSERT_TRUE(tx);
  EXPECT_EQ(tx->status, kHeld);
}

TEST(WithProof, ARepeatedSourceAddsNothing) {
  auto tx = with_own_proof(held(policy_of({Method::kSms, Method::kTotp}, 2)), proof_of(Method::kSms, 1), kNoon, {});
  tx = with_own_proof(*tx, proof_of(Method::kSms, 1), kNoon + seconds(1), {});
  ASSERT_TRUE(tx);
  EXPECT_EQ(tx->proofs.size(), 1U);
  EXPECT_EQ(tx->proofs.front().proven_at, kNoon);
  EXPECT_EQ(tx->status, kHeld);
  tx = with_own_proof(*tx, proof_of(Method::kTotp, 2), kNoon + seconds(2), {});
  EXPECT_EQ(tx->status, kVerified);
}

/// Which steps each status allows, and with which error the others are refused.
struct Steps {
  TransactionStatus status;
  std::optional<TransactionError> prove, cancel, deny, claim;
};

TEST(Transaction, OneWayOnly) {
  using enum TransactionError;
  const std::vector<Steps> rows{
      {kHeld, std::nullopt, std::nullopt, std::nullopt, kNotVerified},
      {kVerified, kNotHeld, std::nullopt, kNotHeld, std::nullopt},
      {TransactionStatus::kReleased, TransactionError::kReleased, TransactionError::kReleased,
       TransactionError::kReleased, TransactionError::kReleased},
      {TransactionStatus::kDenied, TransactionError::kDenied, TransactionError::kDenied, TransactionError::kDenied,
       TransactionError::kDenied},
      {TransactionStatus::kExpired, TransactionError::kExpired, TransactionError::kExpired, TransactionError::kExpired,
       TransactionError::kExpired},
      {TransactionStatus::kCanceled, TransactionError::kCanceled, TransactionError::kCanceled,
       TransactionError::kCanceled, TransactionError::kCanceled},
  };
  const WallTime now = kNoon + minutes(2);
  for (const auto& row : rows) {
    SCOPED_TRACE(to_text(row.status));
    EXPECT_EQ(error_of(with_own_proof(in(row.status), proof_of(Method::kSms, 9), now, kClaimWindow)), row.prove);
    EXPECT_EQ(error_of(canceled(in(row.status), now)), row.cancel);
    EXPECT_EQ(error_of(denied(in(row.status), now)), row.deny);
    EXPECT_EQ(why_not_claimable(in(row.status), now), row.claim);
  }
}

TEST(Canceled, NotOnceSomebodyHasClaimedIt) {
  Transaction tx = verified();
  EXPECT_EQ(canceled(tx, kNoon + minutes(2))->status, kCanceled);
  tx.claimed_at = kNoon + minutes(2);
  EXPECT_EQ(error_of(canceled(tx, kNoon + minutes(3))), TransactionError::kClaimed);
}

TEST(GivenUp, OnlyOnceSomebodyHasClaimedIt) {
  using enum TransactionError;
  const WallTime now = kNoon + minutes(2);
  EXPECT_EQ(error_of(given_up(held(), now)), kNotClaimed);
  EXPECT_EQ(error_of(given_up(verified(), now)), kNotClaimed);
  EXPECT_EQ(error_of(given_up(verified(), kNoon + hours(2))), TransactionError::kExpired);
  EXPECT_EQ(error_of(given_up(in(TransactionStatus::kReleased), now)), TransactionError::kReleased);
  EXPECT_EQ(error_of(given_up(in(TransactionStatus::kDenied), now)), TransactionError::kDenied);
  Transaction tx = verified();
  tx.claimed_at = now;
  const auto ended = given_up(tx, kNoon + hours(1000));
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->status, TransactionStatus::kReleased);
  EXPECT_EQ(ended->ended_at, kNoon + hours(1000));
  EXPECT_EQ(parse_end_reason(to_text(*ended->end_reason)), EndReason::kUnacknowledged);
}

TEST(Voided, SaysWhyToWhoeverAsksAfterwards) {
  const auto tx = voided(verified(), kNoon + minutes(2));
  ASSERT_TRUE(tx);
  EXPECT_EQ(tx->status, kCanceled);
  EXPECT_EQ(tx->ended_at, kNoon + minutes(2));
  EXPECT_EQ(why_not_claimable(*tx, kNoon + minutes(3)), TransactionError::kProofVoided);
  EXPECT_EQ(why_not_open(*tx, kNoon + minutes(3)), TransactionError::kProofVoided);
  EXPECT_EQ(parse_end_reason(to_text(*tx->end_reason)), EndReason::kProofVoided);
}

TEST(Voided, NotOnceSomebodyHasClaimedIt) {
  Transaction tx = verified();
  tx.claimed_at = kNoon + minutes(2);
  EXPECT_EQ(error_of(voided(tx, kNoon + minutes(3))), TransactionError::kClaimed);
}

TEST(Ended, SaysWhen) {
  EXPECT_EQ(canceled(held(), kNoon + minutes(3))->ended_at, kNoon + minutes(3));
  EXPECT_EQ(denied(held(), kNoon + minutes(3))->ended_at, kNoon + minutes(3));
  EXPECT_EQ(error_of(denied(held(), kNoon + hours(1))), TransactionError::kExpired);
  EXPECT_EQ(error_of(canceled(held(), kNoon + hours(1))), TransactionError::kExpired);
}

}  // namespace
}  // namespace countersign::domain
