#include "store/repository/queues.h"

namespace countersign::store {

std::array<std::optional<WallTime>, kQueues.size()> oldest_due(Tx& tx, WallTime now) {
  static const Sql kOldest{
      "SELECT (SELECT min(due_at) FROM messages WHERE status = 'queued'),"
      " (SELECT min(due_at) FROM deliveries WHERE status = 'pending'),"
      " (SELECT min(due_at) FROM notices WHERE status = 'queued'), (SELECT min(due_at) FROM upstream_ends),"
      " (SELECT min(due_at) FROM transactions WHERE due_at IS NOT NULL),"
      " (SELECT min(due_at) FROM standings WHERE due_at IS NOT NULL)"};
  std::array<std::optional<WallTime>, kQueues.size()> oldest;
  tx.one(kOldest, {}, [&](const Row& row) {
    for (std::size_t i = 0; i < oldest.size(); ++i) {
      const auto due = row.optional_time(static_cast<int>(i));
      if (due && *due <= now) oldest[i] = due;
    }
  });
  return oldest;
}

}  // namespace countersign::store
