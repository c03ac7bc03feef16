#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "store/tx.h"

namespace countersign::store {

/// What waits in the database to be worked off. What somebody works on is leased, and not due.
inline constexpr std::array<std::string_view, 6> kQueues{"messages",      "webhooks",     "notices",
                                                         "upstream_ends", "transactions", "standings"};

/// Since when the oldest row of each is due, in the order of kQueues; nothing where none is due by now. One look into
/// the index of each.
[[nodiscard]] std::array<std::optional<WallTime>, kQueues.size()> oldest_due(Tx& tx, WallTime now);

}  // namespace countersign::store
