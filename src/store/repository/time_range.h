#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "base/id.h"

namespace countersign::store {

/// Greater than every generated id.
[[nodiscard]] inline Id last_id() {
  Id id;
  id.raw.fill(0xFF);
  return id;
}

/// Rows created from `since` on and before `until`, to the millisecond. Ids are time-ordered, so this is a range of the
/// primary key.
struct TimeRange {
  std::optional<WallTime> since{};
  std::optional<WallTime> until{};

  [[nodiscard]] Id begin() const { return since ? Id::floor_of(*since) : Id{}; }
  [[nodiscard]] Id end() const { return until ? Id::floor_of(*until) : last_id(); }  ///< Exclusive.
};

}  // namespace countersign::store
