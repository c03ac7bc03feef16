#include "domain/transaction.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/names.h"
#include "domain/standing/due.h"

namespace countersign::domain {

namespace {

constexpr std::array<std::string_view, 6> kTransactionStatuses{"held",   "verified", "released",
                                                               "denied", "expired",  "canceled"};

constexpr std::array<std::string_view, 2> kEndReasons{"proof_voided", "unacknowledged"};

TransactionError error_of(const Transaction& tx, TransactionStatus status) {
  switch (status) {
    case TransactionStatus::kHeld:
      return TransactionError::kNotVerified;
    case TransactionStatus::kVerified:
      return TransactionError::kNotHeld;
    case TransactionStatus::kReleased:
      return TransactionError::kReleased;
    case TransactionStatus::kDenied:
      return TransactionError::kDenied;
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
  if (status != TransactionStatus::kHeld && status != TransactionStatus::kVerified) return fail(error_of(tx, status));
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
    return fail(error_of(tx, tx.status));
  if (status_at(tx, now) == TransactionStatus::kExpired) return ended(std::move(tx), TransactionStatus::kExpired, now);
  return fail(tx.claimed_at ? TransactionError::kClaimed : TransactionError::kStillOpen);
}

}  // namespace countersign::domain
