#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "domain/policy.h"
#include "domain/standing/judgement.h"

namespace countersign::domain {

/// held → verified → released; or from held to denied, expired or canceled; or, while unclaimed, from verified to
/// expired or canceled. No way back [TXN-7], but for what the fraud rules stopped: from held or verified to in_review
/// or denied (kRefused), and by an operator's word back to where it was. [ADR 51]
enum class TransactionStatus : std::uint8_t { kHeld, kVerified, kReleased, kDenied, kExpired, kCanceled, kInReview };

[[nodiscard]] std::string_view to_text(TransactionStatus status);
[[nodiscard]] std::optional<TransactionStatus> parse_transaction_status(std::string_view text);

/// Details of a final status. `proof_voided`, for canceled: a source that had proved something was lost, removed or
/// suspected before the claim. [STD-8] `unacknowledged`, for released: the claimer never acknowledged the payload, and
/// the claim was given up. `refused`, for denied: by the fraud rules, by an operator, or by nobody's word in time.
enum class EndReason : std::uint8_t { kProofVoided, kUnacknowledged, kRefused };
[[nodiscard]] std::string_view to_text(EndReason reason);
[[nodiscard]] std::optional<EndReason> parse_end_reason(std::string_view text);

/// What a transaction is for. Applications can hold only kRelease. The others have no payload and no webhooks; the
/// server carries out what is approved, and nobody claims them.
enum class Purpose : std::uint8_t {
  kRelease,         ///< Held by an application: the payload is released to one claimer.
  kStandaloneCode,  ///< A code that is sent and checked, and nothing else, as in the Verify-compatible API. Ends once
                    ///< it is proved. Its verification's id has the same 128 bits.
  kAddSource,       ///< The person adds a source on a page. Not visible to applications. [STD-4]
  kDecideChange,    ///< The person decides about a stopped change. [STD-11]
  kChangeSource,    ///< The person renames a source, asks for its removal, or keeps it. Not visible to applications.
  kShowMethods,     ///< The link of the page with the person's methods. Nothing can be proved or decided in it.
};

/// While an operator may decide: in_review, or denied by the fraud rules.
struct Review {
  WallTime until;          ///< Exclusive. Nobody's word: refused.
  std::string allowed_by;  ///< The first of two who must allow it; empty: nobody yet.
  friend bool operator==(const Review&, const Review&) = default;
};

/// The state that the rules use. Sealed columns (display, payload) are not here: no rule reads them. Only the functions
/// below change `status`, `proofs`, the times from `verified_at` on, and `end_reason`.
struct Transaction {
  TransactionId id;
  AccountId account;
  ServiceId service;
  SubjectId subject;
  Purpose purpose = Purpose::kRelease;
  TransactionStatus status = TransactionStatus::kHeld;
  Policy policy;
  std::vector<Proof> proofs;
  WallTime created_at;
  WallTime expires_at;  ///< End of the hold, exclusive.
  std::optional<WallTime> verified_at;
  std::optional<WallTime> claimable_until;  ///< Set when verified; an unclaimed approval lapses then. [TXN-8]
  std::optional<WallTime> claimed_at;
  std::optional<WallTime> ended_at;  ///< When it became released, denied, expired or canceled.
  std::optional<EndReason> end_reason{};
  std::optional<Review> review{};
};

/// The status as of `now`: expiry applies from its exact time, whether or not the sweeper has run. A claimed
/// transaction does not expire: its claimer may still be working.
[[nodiscard]] TransactionStatus status_at(const Transaction& tx, WallTime now);

/// Why an operation on a transaction is refused.
enum class TransactionError : std::uint8_t {
  kNotHeld,
  kNotVerified,
  kExpired,
  kDenied,
  kCanceled,
  kReleased,
  kClaimed,
  kNotClaimed,
  kProofVoided,
  kStillOpen,     ///< Not expired yet. Only from expired().
  kOtherPurpose,  ///< The purpose requires a release, or excludes one.
  kInReview,      ///< It waits for an operator's word.
  kRefused,       ///< Denied by the fraud rules, by an operator, or by nobody's word in time.
  kNoReview,      ///< There is nothing for an operator to decide. Only from review_allowed() and review_refused().
  kSamePerson,    ///< Who allowed it first cannot be the second. Only from review_allowed().
};

/// nullopt while proofs may be added, that is, while it is held; otherwise why not. Never to a kShowMethods.
[[nodiscard]] std::optional<TransactionError> why_not_open(const Transaction& tx, WallTime now);

/// nullopt while it can be claimed, that is, while it is verified. A claimed transaction gives kClaimed: this function
/// does not know whether the caller is its claimer, who gets the same answer again.
[[nodiscard]] std::optional<TransactionError> why_not_claimable(const Transaction& tx, WallTime now);

/// The transaction's proofs and `proof`: one per source, so a line gives one whatever its channels; a repeated one
/// changes nothing.
[[nodiscard]] std::vector<Proof> proofs_with(const Transaction& tx, const Proof& proof);

// The transitions. Each documents its start statuses (as of `now`, see status_at) and its result. From any other status
// it returns that status as the error: kNotVerified if held, kNotHeld if verified, kReleased, kDenied, kRefused,
// kInReview, kExpired, kCanceled, or kProofVoided after voided(); unless documented otherwise.
// tests/unit/domain/transaction_transitions_test.cpp has a table of every status and every transition.

/// From held: adds the proof and, if all proofs together meet the policy, becomes verified, to be claimed within
/// `claim_window`. `judgement` is of proofs_with(tx, proof) at this moment: policy, standing and expiry are judged when
/// it counts. [STD-1; trap: re-check at release]
[[nodiscard]] Result<Transaction, TransactionError> with_proof(Transaction tx, const Proof& proof,
                                                               const standing::Judgement& judgement, WallTime now,
                                                               Duration claim_window);

/// Stores how each proof counts if that was not recorded with the proof, before histories existed. From any status,
/// which stays the same.
[[nodiscard]] Transaction with_counts_noted(Transaction tx, const standing::History& history, WallTime now);

/// From verified and unclaimed: it stays verified, and no longer lapses. kClaimed if it is claimed already;
/// kOtherPurpose if there is nothing to release.
[[nodiscard]] Result<Transaction, TransactionError> claimed(Transaction tx, WallTime now);

/// From claimed to released: the claimer has the payload. kNotClaimed if it is verified and unclaimed.
[[nodiscard]] Result<Transaction, TransactionError> acknowledged(Transaction tx, WallTime now);

/// From claimed to released, with kUnacknowledged: the claim will not be acknowledged. The payload was handed over once
/// and never again. kNotClaimed if it is held, or verified and unclaimed: use canceled().
[[nodiscard]] Result<Transaction, TransactionError> given_up(Transaction tx, WallTime now);

/// From verified and unclaimed to released: the approved operation was carried out, without a payload to release.
/// kClaimed if it is claimed; kOtherPurpose for kRelease, whatever its status.
[[nodiscard]] Result<Transaction, TransactionError> completed_without_release(Transaction tx, WallTime now);

/// From verified and unclaimed to canceled: the approved operation can no longer be carried out. Same errors as
/// completed_without_release().
[[nodiscard]] Result<Transaction, TransactionError> not_carried_out(Transaction tx, WallTime now);

/// From held, in review, or verified and unclaimed, to canceled. kClaimed if it is claimed.
[[nodiscard]] Result<Transaction, TransactionError> canceled(Transaction tx, WallTime now);

/// Like canceled(), with kProofVoided: a proof was lost before the claim. [STD-8]
[[nodiscard]] Result<Transaction, TransactionError> voided(Transaction tx, WallTime now);

/// From held to denied, by the person.
[[nodiscard]] Result<Transaction, TransactionError> denied(Transaction tx, WallTime now);

/// Stores the expiry: from held or verified and unclaimed, as stored, if its time is over at `now`. kStillOpen if it is
/// not; kClaimed if it is claimed, because a claimed one does not expire.
[[nodiscard]] Result<Transaction, TransactionError> expired(Transaction tx, WallTime now);

// What the fraud rules stop, and what an operator says. Only for kRelease; kOtherPurpose otherwise. [ADR 51]

/// From held, or verified and unclaimed, to in_review until `until`. Neither is proved nor claimed meanwhile. kClaimed
/// if it is claimed.
[[nodiscard]] Result<Transaction, TransactionError> sent_to_review(Transaction tx, WallTime until, WallTime now);

/// From the same to denied, with kRefused. An operator may undo it until `until`.
[[nodiscard]] Result<Transaction, TransactionError> refused(Transaction tx, WallTime until, WallTime now);

/// From verified and unclaimed back to held: the fraud rules ask for a proof of another kind before it counts as
/// verified. Only before anybody was told that it is verified. Its proofs stay.
[[nodiscard]] Transaction held_for_more(Transaction tx);

/// How an operator's word is taken.
struct ReviewTerms {
  bool two_persons = false;  ///< Two different ones must allow it. One refuses.
  Duration hold{};           ///< How long it is held from then on.
  Duration claim_window{};   ///< Or can be claimed.
};
/// From in_review, or denied while `review` lasts, to held, or to verified where it was verified before: `by` allows
/// it. With two_persons, the first word changes only `review`. kSamePerson; kNoReview from every other status, and when
/// `review` is over.
[[nodiscard]] Result<Transaction, TransactionError> review_allowed(Transaction tx, std::string_view by,
                                                                   const ReviewTerms& terms, WallTime now);

/// From the same to denied, with kRefused, for good: its review is over.
[[nodiscard]] Result<Transaction, TransactionError> review_refused(Transaction tx, WallTime now);

/// The same, as stored, when the time for a word is over at `now`. kStillOpen if it is not.
[[nodiscard]] Result<Transaction, TransactionError> review_lapsed(Transaction tx, WallTime now);

}  // namespace countersign::domain
