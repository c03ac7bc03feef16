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

/// held → verified → released; or from held to denied, expired or canceled; or from verified to expired or canceled, as
/// long as nobody has claimed. One way only. [TXN-7]
enum class TransactionStatus : std::uint8_t { kHeld, kVerified, kReleased, kDenied, kExpired, kCanceled };

[[nodiscard]] std::string_view to_text(TransactionStatus status);
[[nodiscard]] std::optional<TransactionStatus> parse_transaction_status(std::string_view text);

/// Why one ended in another way than its status says. `proof_voided`, of a canceled one: a source that had proved
/// something was lost, removed or suspected before anybody claimed. [STD-8] `unacknowledged`, of a released one: its
/// claimer never said that it has the payload, and the claim was given up.
enum class EndReason : std::uint8_t { kProofVoided, kUnacknowledged };
[[nodiscard]] std::string_view to_text(EndReason reason);
[[nodiscard]] std::optional<EndReason> parse_end_reason(std::string_view text);

/// The state that the rules look at. What is sealed (display, payload) is not here: no rule reads it.
struct Transaction {
  TransactionId id;
  AccountId account;
  ServiceId service;
  SubjectId subject;
  TransactionStatus status = TransactionStatus::kHeld;
  Policy policy;
  std::vector<Proof> proofs;
  WallTime created_at;
  WallTime expires_at;  ///< Of the hold, end excluded.
  std::optional<WallTime> verified_at;
  std::optional<WallTime> claimable_until;  ///< Set when verified; an approval that nobody fetches lapses. [TXN-8]
  std::optional<WallTime> claimed_at;
  std::optional<WallTime> ended_at;  ///< When it became released, denied, expired or canceled.
  std::optional<EndReason> end_reason{};
};

/// The status as of `now`: expiry holds from its very instant, whether or not the sweeper has been there.
/// A claimed transaction does not expire: its winner may still be at work.
[[nodiscard]] TransactionStatus status_at(const Transaction& tx, WallTime now);

/// Why something cannot be done with a transaction any more.
enum class TransactionError : std::uint8_t {
  kNotHeld,
  kNotVerified,
  kExpired,
  kDenied,
  kCanceled,
  kReleased,
  kClaimed,
  kNotClaimed,
  kProofVoided
};

/// Nothing when proofs may still be added; otherwise why not.
[[nodiscard]] std::optional<TransactionError> why_not_open(const Transaction& tx, WallTime now);

/// The transaction's proofs with that one: one per source and method, a repeated one changes nothing.
[[nodiscard]] std::vector<Proof> proofs_with(const Transaction& tx, const Proof& proof);

/// Adds the proof and, where all of them together were judged to meet the policy, turns the transaction verified.
/// `judgement` is of proofs_with(tx, proof) at this moment: policy, standing and expiry are judged when it counts.
/// [STD-1; trap: re-check at release]
[[nodiscard]] Result<Transaction, TransactionError> with_proof(Transaction tx, const Proof& proof,
                                                               const standing::Judgement& judgement, WallTime now,
                                                               Duration claim_window);

/// What it proved was lost before anybody claimed. [STD-8]
[[nodiscard]] Result<Transaction, TransactionError> voided(Transaction tx, WallTime now);

[[nodiscard]] Result<Transaction, TransactionError> canceled(Transaction tx, WallTime now);
/// Nobody will acknowledge the claim any more. It counts as released: it was handed over, and is handed over to nobody
/// else. kNotClaimed where nobody has claimed, which is for canceled().
[[nodiscard]] Result<Transaction, TransactionError> given_up(Transaction tx, WallTime now);
[[nodiscard]] Result<Transaction, TransactionError> denied(Transaction tx, WallTime now);

/// Nothing when somebody may claim it now. A transaction that is claimed already answers kClaimed: whether the caller
/// is the winner, who gets the same answer again, is not known here.
[[nodiscard]] std::optional<TransactionError> why_not_claimable(const Transaction& tx, WallTime now);

}  // namespace countersign::domain
