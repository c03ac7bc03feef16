#pragma once

#include "base/id.h"
#include "base/random.h"
#include "store/repository/vault.h"
#include "store/tx.h"

namespace countersign::store {

/// Seals what an earlier release wrote readable, in at most `limit` transactions and as many factors, and empties the
/// readable columns. Answers how many rows it sealed; 0: there are none. Readers understand both, so that it can run
/// beside them, and again when a server of the earlier release has written more.
[[nodiscard]] std::int64_t seal_readable(Tx& tx, const Vault& vault, int limit, Random& random);

}  // namespace countersign::store
