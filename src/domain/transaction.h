#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "domain/policy.h"

namespace countersign::domain {

/// held → verified → released; or from held to denied, expired or canceled; or from verified to expired or canceled, as
/// long as nobody has claimed. One way only. [TXN-7]
enum class TransactionStatus : std::uint8_t { kHeld, kVerified, kReleased, kDenied, kExpired, kCanceled };

[[nodiscard]] std::string_view to_text(TransactionStatus status);
[[nodiscard]] std::optional<TransactionStatus> parse_transaction_status(std::string_view text);

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
  kClaimed
};

/// Nothing when proofs may still be added; otherwise why not.
[[nodiscard]] std::optional<TransactionError> why_not_open(const Transaction& tx, WallTime now);

/// Adds the proof (one per source: a repeated one changes nothing) and, if that meets the policy, turns the transaction
/// verified. Policy and expiry are judged here, at the moment that counts. [trap: re-check at release]
[[nodiscard]] Result<Transaction, TransactionError> with_proof(Transaction tx, const Proof& proof, WallTime now,
                                                               Duration claim_window);

[[nodiscard]] Result<Transaction, TransactionError> canceled(Transaction tx, WallTime now);
[[nodiscard]] Result<Transaction, TransactionError> denied(Transaction tx, WallTime now);

/// Nothing when somebody may claim it now. A transaction that is claimed already answers kClaimed: whether the caller
/// is the winner, who gets the same answer again, is not known here.
[[nodiscard]] std::optional<TransactionError> why_not_claimable(const Transaction& tx, WallTime now);

}  // namespace countersign::domain
