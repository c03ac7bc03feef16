#pragma once

#include "store/repository/transactions.h"
#include "store/row.h"
#include "store/sql.h"

namespace countersign::store {

// For the repository: `transactions t`, as the first columns of a statement.

constexpr Columns kTransaction{R"sql(
    t.account_id, t.id, t.service_id, t.subject_id, t.type, t.status, t.policy, t.proofs, t.locale,
    t.display_sealed, t.display_hash, t.payload_hash, t.binding_hash, t.token_digest, t.return_url,
    t.metadata_sealed, t.created_at, t.expires_at, t.verified_at, t.claimable_until, t.claimer_digest,
    t.claimed_at, t.ended_at, t.return_url_sealed, t.end_reason, t.verifications, t.ceremonies_sealed,
    t.risk
)sql"};

[[nodiscard]] TransactionRow read_transaction(const Row& row);
/// From the column `type`.
[[nodiscard]] domain::Purpose read_purpose(std::string_view type);

}  // namespace countersign::store
