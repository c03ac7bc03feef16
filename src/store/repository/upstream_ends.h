#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "store/set_aside.h"
#include "store/tx.h"

namespace countersign::store {

inline constexpr std::string_view kUpstreamEndsTable = "upstream_ends";

/// A verification that is over here but may be pending at its provider. Enqueued in the transaction that ended it,
/// leased like a message (repository/messages.h), and deleted once it is over there too.
struct UpstreamEndRow {
  AccountId account;
  VerificationId verification;
  std::string provider;
  std::string provider_ref;  ///< The provider's reference.
  std::int64_t attempts = 0;
  WallTime due_at;
  WallTime expires_at;  ///< Expires there by itself at this time.
};

/// Idempotent: one row per verification.
void insert_upstream_end(Tx& tx, const UpstreamEndRow& row);
/// Leases up to `limit` due rows until `lease_until`. `attempts` counts the lease. Unreadable ones are set aside
/// unchanged: the next call must skip them with `aside`.
[[nodiscard]] Leased<UpstreamEndRow> lease_upstream_ends(Tx& tx, WallTime now, WallTime lease_until, int limit,
                                                         const SetAsideKeys& aside);
void retry_upstream_end(Tx& tx, const UpstreamEndRow& row, WallTime due_at);
void forget_upstream_end(Tx& tx, const UpstreamEndRow& row);

}  // namespace countersign::store
