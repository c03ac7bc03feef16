#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "store/tx.h"

namespace countersign::store {

/// The work queues in the database. Leased rows are not due.
inline constexpr std::array<std::string_view, 6> kQueues{"messages",      "webhooks",     "notices",
                                                         "upstream_ends", "transactions", "standings"};

/// Since when the oldest row of each queue is due, in the order of kQueues; nullopt if none is due now. One index
/// look-up each.
[[nodiscard]] std::array<std::optional<WallTime>, kQueues.size()> oldest_due(Tx& tx, WallTime now);

}  // namespace countersign::store
