#pragma once

#include "domain/standing/history.h"

namespace countersign::domain::standing {

/// The next moment at which time alone changes something: an objection lapses, a replaced source ends, or the time to
/// tell somebody is over. Nothing where time brings nothing about. A moment that was missed stays due.
[[nodiscard]] std::optional<WallTime> next_due(const History& history, const Rules& rules, WallTime now);

/// No earlier than anything that the history knows of: what a clock that was set back must not undo.
[[nodiscard]] WallTime not_before(const History& history, WallTime now);

}  // namespace countersign::domain::standing
