#pragma once

#include "domain/standing/history.h"

namespace countersign::domain::standing {

/// The next moment at which time alone causes a change: an objection lapses, a replaced source ends, or the time limit
/// for notices ends. nullopt if there is none. A missed moment stays due.
[[nodiscard]] std::optional<WallTime> next_due(const History& history, const Rules& rules, WallTime now);

/// `now`, but not before any time in the history: protects against a clock that was set back.
[[nodiscard]] WallTime not_before(const History& history, WallTime now);

}  // namespace countersign::domain::standing
