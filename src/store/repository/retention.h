#pragma once

#include <string>
#include <string_view>

#include "base/id.h"
#include "store/tx.h"

namespace countersign::store {

/// How long what is over is kept. [PRV-1]
struct Retention {
  Duration transactions = std::chrono::days(180);  ///< Ended ones with their verifications and deliveries.
  Duration messages = std::chrono::days(30);
  Duration events = std::chrono::days(180);
  Duration idempotency = std::chrono::hours(24);
  Duration counters = std::chrono::days(2);
  /// Addresses that no contact has any more: their owners are told of changes for 30 days. [STD-7]
  Duration addresses = std::chrono::days(31);
};

/// Deletes at most about `limit` rows of each kind that are over, by ranges of time-ordered keys, so that the cost of a
/// step does not grow with history. Answers how many it deleted; the caller goes on while that is not zero.
[[nodiscard]] std::int64_t purge(Tx& tx, const AccountId& account, const Retention& retention, WallTime now, int limit);

/// Looks at the `limit` counters after the key `after`, deletes those whose window is long over, and answers where to
/// go on: empty at the end. A walk, because an index by age would be one more thing to write with every request.
[[nodiscard]] std::string purge_counters(Tx& tx, const AccountId& account, const Retention& retention,
                                         std::string_view after, WallTime now, int limit);

}  // namespace countersign::store
