#include "domain/transaction.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/names.h"
#include "domain/standing/due.h"

namespace countersign::domain {

namespace {

constexpr std::array<std::string_view, 7> kTransactionStatuses{"held",    "verified", "released", "denied",
                                                               "expired", "canceled", "in_review"};

constexpr std::array<std::string_view, 3> kEndReasons{"proof_voided", "unacknowledged", "refused"};

TransactionError error_of(const Transaction& tx, TransactionStatus status) {
  switch (status) {
    case TransactionStatus::kHeld:
      return TransactionError::kNotVerified;
    case TransactionStatus::kVerified:
      return TransactionError::kNotHeld;
    case TransactionStatus::kReleased:
      return TransactionError::kReleased;
    case TransactionStatus::kDenied:
      // One whose review is over is denied as of now, before that is stored.
      return tx.end_reason == EndReason::kRefused || tx.status == TransactionStatus::kInReview
                 ? TransactionError::kRefused
                 : TransactionError::kDenied;
    case TransactionStatus::kInReview:
      return TransactionError::kInReview;
    case TransactionStatus::kExpired:
      return TransactionError::kExpired;
    case TransactionStatus::kCanceled:
      return tx.end_reason == EndReason::kProofVoided ? TransactionError::kProofVoided : TransactionError::kCanceled;
  }
  CS_CHECK(false);
}

/// nullopt if it is verified as of `now` and unclaimed.
std::optional<TransactionError> why_not_carried_out(const Transaction& tx, WallTime now) {
  if (tx.purpose == Purpose::kRelease) return TransactionError::kOtherPurpose;
  return why_not_claimable(tx, now);
}

/// nullopt if it is claimed and neither acknowledged nor given up.
std::optional<TransactionError> why_not_released(const Transaction& tx, WallTime now) {
  const TransactionStatus status = status_at(tx, now);
  if (status != TransactionStatus::kVerified) return error_of(tx, status);
  if (!tx.claimed_at) return TransactionError::kNotClaimed;
  return std::nullopt;
}

/// nullopt if the fraud rules may stop it.
std::optional<TransactionError> why_not_stopped(const Transaction& tx, WallTime now) {
  if (tx.purpose != Purpose::kRelease) return TransactionError::kOtherPurpose;
  const TransactionStatus status = status_at(tx, now);
  if (status == TransactionStatus::kHeld) return std::nullopt;
  if (status == TransactionStatus::kVerified)
    return tx.claimed_at ? std::optional(TransactionError::kClaimed) : std::nullopt;
  return error_of(tx, status);
}

/// Whether an operator may decide, as stored.
bool has_review(const Transaction& tx) {
  const bool was_refused = tx.status == TransactionStatus::kDenied && tx.end_reason == EndReason::kRefused;
  return tx.review && (tx.status == TransactionStatus::kInReview || was_refused);
}

Result<Transaction, TransactionError> ended(Transaction tx, TransactionStatus status, WallTime now) {
  tx.status = status;
  tx.ended_at = now;
  return tx;
}

}  // namespace

std::string_view to_text(TransactionStatus status) { return kTransactionStatuses.at(static_cast<std::size_t>(status)); }

std::optional<TransactionStatus> parse_transaction_status(std::string_view text) {
  return value_named<TransactionStatus>(kTransactionStatuses, text);
}

TransactionStatus status_at(const Transaction& tx, WallTime now) {
  if (tx.status == TransactionStatus::kHeld && now >= tx.expires_at) return TransactionStatus::kExpired;
  if (tx.status == TransactionStatus::kVerified && !tx.claimed_at && tx.claimable_until && now >= *tx.claimable_until) {
    return TransactionStatus::kExpired;
  }
  if (tx.status == TransactionStatus::kInReview && (!tx.review || now >= tx.review->until))
    return TransactionStatus::kDenied;
  return tx.status;
}

std::string_view to_text(EndReason reason) { return kEndReasons.at(static_cast<std::size_t>(reason)); }

std::optional<EndReason> parse_end_reason(std::string_view text) { return value_named<EndReason>(kEndReasons, text); }

std::optional<TransactionError> why_not_open(const Transaction& tx, WallTime now) {
  const TransactionStatus status = status_at(tx, now);
  if (status != TransactionStatus::kHeld) return error_of(tx, status);
  if (tx.purpose == Purpose::kShowMethods) return TransactionError::kOtherPurpose;
  return std::nullopt;
}

std::vector<Proof> proofs_with(const Transaction& tx, const Proof& proof) {
  std::vector<Proof> proofs = tx.proofs;
  if (std::ranges::find(proofs, proof.source, &Proof::source) == proofs.end()) proofs.push_back(proof);
  return proofs;
}

Result<Transaction, TransactionError> with_proof(Transaction tx, const Proof& proof,
                                                 const standing::Judgement& judgement, WallTime now,
                                                 Duration claim_window) {
  if (const auto error = why_not_open(tx, now)) return fail(*error);
  tx.proofs = proofs_with(tx, proof);
  if (judgement.met()) {
    tx.status = TransactionStatus::kVerified;
    tx.verified_at = now;
    tx.claimable_until = now + claim_window;
  }
  return tx;
}

Transaction with_counts_noted(Transaction tx, const standing::History& history, WallTime now) {
  const auto terms = standing::terms_of(tx.policy);
  const WallTime at = standing::not_before(history, now);
  for (auto& proof : tx.proofs) {
    if (proof.how.counted != standing::Counted::kNot) continue;
    proof.how = standing::counts(history, proof.source, tx.created_at, at, terms).how();
  }
  return tx;
}

std::optional<TransactionError> why_not_claimable(const Transaction& tx, WallTime now) {
  const TransactionStatus status = status_at(tx, now);
  if (status != TransactionStatus::kVerified) return error_of(tx, status);
  if (tx.claimed_at) return TransactionError::kClaimed;
  return std::nullopt;
}

Result<Transaction, TransactionError> claimed(Transaction tx, WallTime now) {
  if (tx.purpose != Purpose::kRelease) return fail(TransactionError::kOtherPurpose);
  if (const auto error = why_not_claimable(tx, now)) return fail(*error);
  tx.claimed_at = now;
  return tx;
}

Result<Transaction, TransactionError> acknowledged(Transaction tx, WallTime now) {
  if (const auto error = why_not_released(tx, now)) return fail(*error);
  return ended(std::move(tx), TransactionStatus::kReleased, now);
}

Result<Transaction, TransactionError> given_up(Transaction tx, WallTime now) {
  // A held transaction cannot have been claimed.
  if (status_at(tx, now) == TransactionStatus::kHeld) return fail(TransactionError::kNotClaimed);
  if (const auto error = why_not_released(tx, now)) return fail(*error);
  tx.end_reason = EndReason::kUnacknowledged;
  return ended(std::move(tx), TransactionStatus::kReleased, now);
}

Result<Transaction, TransactionError> completed_without_release(Transaction tx, WallTime now) {
  if (const auto error = why_not_carried_out(tx, now)) return fail(*error);
  tx.claimable_until.reset();
  return ended(std::move(tx), TransactionStatus::kReleased, now);
}

Result<Transaction, TransactionError> not_carried_out(Transaction tx, WallTime now) {
  if (const auto error = why_not_carried_out(tx, now)) return fail(*error);
  tx.claimable_until.reset();
  return ended(std::move(tx), TransactionStatus::kCanceled, now);
}

Result<Transaction, TransactionError> canceled(Transaction tx, WallTime now) {
  const TransactionStatus status = status_at(tx, now);
  if (status == TransactionStatus::kVerified && tx.claimed_at) return fail(TransactionError::kClaimed);
  if (status != TransactionStatus::kHeld && status != TransactionStatus::kVerified &&
      status != TransactionStatus::kInReview)
    return fail(error_of(tx, status));
  tx.review.reset();
  return ended(std::move(tx), TransactionStatus::kCanceled, now);
}

Result<Transaction, TransactionError> voided(Transaction tx, WallTime now) {
  auto ended_one = canceled(std::move(tx), now);
  if (ended_one) ended_one->end_reason = EndReason::kProofVoided;
  return ended_one;
}

Result<Transaction, TransactionError> denied(Transaction tx, WallTime now) {
  if (const auto error = why_not_open(tx, now)) return fail(*error);
  return ended(std::move(tx), TransactionStatus::kDenied, now);
}

Result<Transaction, TransactionError> expired(Transaction tx, WallTime now) {
  if (tx.status != TransactionStatus::kHeld && tx.status != TransactionStatus::kVerified)
    return fail(error_of(tx, status_at(tx, now)));
  if (status_at(tx, now) == TransactionStatus::kExpired) return ended(std::move(tx), TransactionStatus::kExpired, now);
  return fail(tx.claimed_at ? TransactionError::kClaimed : TransactionError::kStillOpen);
}

Result<Transaction, TransactionError> sent_to_review(Transaction tx, WallTime until, WallTime now) {
  if (const auto error = why_not_stopped(tx, now)) return fail(*error);
  tx.status = TransactionStatus::kInReview;
  tx.review = Review{until, {}};
  return tx;
}

Result<Transaction, TransactionError> refused(Transaction tx, WallTime until, WallTime now) {
  if (const auto error = why_not_stopped(tx, now)) return fail(*error);
  tx.end_reason = EndReason::kRefused;
  tx.review = Review{until, {}};
  return ended(std::move(tx), TransactionStatus::kDenied, now);
}

Transaction held_for_more(Transaction tx) {
  CS_CHECK(tx.status == TransactionStatus::kVerified && !tx.claimed_at);
  tx.status = TransactionStatus::kHeld;
  tx.verified_at.reset();
  tx.claimable_until.reset();
  return tx;
}

Result<Transaction, TransactionError> review_allowed(Transaction tx, std::string_view by, const ReviewTerms& terms,
                                                     WallTime now) {
  if (!has_review(tx) || now >= tx.review->until) return fail(TransactionError::kNoReview);
  if (terms.two_persons) {
    if (tx.review->allowed_by == by) return fail(TransactionError::kSamePerson);
    if (tx.review->allowed_by.empty()) {
      tx.review->allowed_by = by;
      return tx;
    }
  }
  tx.review.reset();
  tx.end_reason.reset();
  tx.ended_at.reset();
  tx.status = tx.verified_at ? TransactionStatus::kVerified : TransactionStatus::kHeld;
  if (tx.verified_at)
    tx.claimable_until = now + terms.claim_window;
  else
    tx.expires_at = now + terms.hold;
  return tx;
}

Result<Transaction, TransactionError> review_refused(Transaction tx, WallTime now) {
  if (!has_review(tx) || now >= tx.review->until) return fail(TransactionError::kNoReview);
  tx.review.reset();
  tx.end_reason = EndReason::kRefused;
  return ended(std::move(tx), TransactionStatus::kDenied, now);
}

Result<Transaction, TransactionError> review_lapsed(Transaction tx, WallTime now) {
  if (!has_review(tx)) return fail(TransactionError::kNoReview);
  if (now < tx.review->until) return fail(TransactionError::kStillOpen);
  tx.review.reset();
  tx.end_reason = EndReason::kRefused;
  const WallTime at = tx.ended_at.value_or(now);
  return ended(std::move(tx), TransactionStatus::kDenied, at);
}

}  // namespace countersign::domain
