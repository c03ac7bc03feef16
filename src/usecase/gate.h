#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/verification.h"
#include "store/repository/transactions.h"
#include "usecase/context.h"
#include "usecase/problem.h"

namespace countersign::usecase {

// What several use cases ask before they do anything.

/// The transaction, if it is one that an application held. The codes of the Verify API are transactions too, with rules
/// of their own: here they are not found. The operation by which a person adds a source is found by herself alone.
[[nodiscard]] std::optional<store::TransactionRow> find_held(store::Tx& tx, const Caller& caller,
                                                             const TransactionId& id);

/// The same, with its subject's history (take_history).
[[nodiscard]] std::optional<store::TransactionRow> find_held_with_history(store::Tx& tx, const Caller& caller,
                                                                          const TransactionId& id);

/// The same, if proofs may still be added to it.
[[nodiscard]] Answer<store::TransactionRow> open_transaction(store::Tx& tx, const Caller& caller,
                                                             const TransactionId& id, WallTime now);

[[nodiscard]] Problem problem_of(domain::TransactionError error);

[[nodiscard]] Problem locked_until(WallTime until, WallTime now);
/// Nothing, or the lock that keeps a line from being used.
[[nodiscard]] std::optional<Problem> lock_fault(const domain::Failures& failures, WallTime now);

[[nodiscard]] domain::VerificationRules rules_of(const Limits& limits, const ServiceSettings& service);

/// The keyed digest of a code: good for this verification of this transaction as it is displayed, and nothing else.
/// [OTP-4, OTP-5, TXN-2]
[[nodiscard]] std::string digest_of(const store::Vault& vault, const store::TransactionRow& held,
                                    const VerificationId& verification, std::string_view code);

}  // namespace countersign::usecase
