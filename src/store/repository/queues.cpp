#include "store/repository/queues.h"

namespace countersign::store {

std::array<std::optional<WallTime>, kQueues.size()> oldest_due(Tx& tx, WallTime now) {
  static constexpr Sql kOldest{R"sql(
      SELECT
        (SELECT min(due_at) FROM messages WHERE status = 'queued') AS messages,
        (SELECT min(due_at) FROM deliveries WHERE status = 'pending') AS webhooks,
        (SELECT min(due_at) FROM notices WHERE status = 'queued') AS notices,
        (SELECT min(due_at) FROM upstream_ends) AS upstream_ends,
        (SELECT min(due_at) FROM transactions WHERE due_at IS NOT NULL) AS transactions,
        (SELECT min(due_at) FROM standings WHERE due_at IS NOT NULL) AS standings
  )sql"};
  std::array<std::optional<WallTime>, kQueues.size()> oldest;
  tx.one(kOldest, {}, [&](const Row& row) {
    oldest = {row.optional_time(kOldest["messages"]),     row.optional_time(kOldest["webhooks"]),
              row.optional_time(kOldest["notices"]),      row.optional_time(kOldest["upstream_ends"]),
              row.optional_time(kOldest["transactions"]), row.optional_time(kOldest["standings"])};
  });
  for (auto& due : oldest) {
    if (due && *due > now) due.reset();
  }
  return oldest;
}

}  // namespace countersign::store
