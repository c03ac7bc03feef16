#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "base/id.h"

namespace countersign::store {

/// Larger than every id that is made.
[[nodiscard]] inline Id last_id() {
  Id id;
  id.raw.fill(0xFF);
  return id;
}

/// What was made from `since` on and before `until`, to the millisecond. Ids are in the order of time, so that the
/// range is one of the primary key.
struct TimeRange {
  std::optional<WallTime> since{};
  std::optional<WallTime> until{};

  [[nodiscard]] Id begin() const { return since ? Id::floor_of(*since) : Id{}; }
  [[nodiscard]] Id end() const { return until ? Id::floor_of(*until) : last_id(); }  ///< Itself excluded.
};

}  // namespace countersign::store
