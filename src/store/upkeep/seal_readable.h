#pragma once

#include "base/id.h"
#include "base/random.h"
#include "store/repository/vault.h"
#include "store/tx.h"

namespace countersign::store {

/// Seals what an earlier release wrote in clear, in at most `limit` transactions and as many factors, and empties those
/// columns. Returns how many rows it sealed; 0: none are left. Readers understand both forms, so it can run beside
/// them, and again when a server of the earlier release has written more.
[[nodiscard]] std::int64_t seal_readable(Tx& tx, const Vault& vault, int limit, Random& random);

}  // namespace countersign::store
