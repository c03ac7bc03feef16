#pragma once

#include <string>
#include <string_view>

#include "base/id.h"
#include "store/tx.h"

namespace countersign::store {

/// How long finished rows are kept. [PRV-1]
struct Retention {
  Duration transactions = std::chrono::days(180);  ///< Ended ones with their verifications and deliveries.
  Duration messages = std::chrono::days(30);
  Duration events = std::chrono::days(180);
  Duration idempotency = std::chrono::hours(24);
  Duration counters = std::chrono::days(2);
  /// Addresses without contacts: their owners are notified of changes for 30 days. [STD-7]
  Duration addresses = std::chrono::days(31);
  Duration conversion = std::chrono::days(90);  ///< What became of codes, by day.
  Duration decisions = std::chrono::days(30);   ///< Of the fraud rules. [PRV-7]
};

/// Deletes at most about `limit` expired rows of each kind, by ranges of time-ordered keys, so that the cost of a step
/// does not grow with history. Returns how many; the caller repeats it until zero.
[[nodiscard]] std::int64_t purge(Tx& tx, const AccountId& account, const Retention& retention, WallTime now, int limit);

/// Reads the `limit` counters after the key `after`, deletes those whose window ended long ago, and returns the key to
/// continue at: empty at the end. A scan, because an index by age would be another write in every request.
[[nodiscard]] std::string purge_counters(Tx& tx, const AccountId& account, const Retention& retention,
                                         std::string_view after, WallTime now, int limit);

}  // namespace countersign::store
