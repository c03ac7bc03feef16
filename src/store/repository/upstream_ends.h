#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "store/set_aside.h"
#include "store/tx.h"

namespace countersign::store {

inline constexpr std::string_view kUpstreamEndsTable = "upstream_ends";

/// A verification that is over here, and may be pending at its provider. Queued in the transaction that ended it,
/// leased like a message (repository/messages.h), and forgotten once it is over there, too.
struct UpstreamEndRow {
  AccountId account;
  VerificationId verification;
  std::string provider;
  std::string provider_ref;  ///< The provider's name for it.
  std::int64_t attempts = 0;
  WallTime due_at;
  WallTime expires_at;  ///< From then on it is over there by itself.
};

/// Once for each, however often it is said.
void insert_upstream_end(Tx& tx, const UpstreamEndRow& row);
/// Takes up to `limit` that are due, and leases them until `lease_until`. `attempts` counts the lease. What cannot be
/// read is set aside and stays as it is: the next call is to pass over it, by `aside`.
[[nodiscard]] Leased<UpstreamEndRow> lease_upstream_ends(Tx& tx, WallTime now, WallTime lease_until, int limit,
                                                         const SetAsideKeys& aside);
void retry_upstream_end(Tx& tx, const UpstreamEndRow& row, WallTime due_at);
void forget_upstream_end(Tx& tx, const UpstreamEndRow& row);

}  // namespace countersign::store
