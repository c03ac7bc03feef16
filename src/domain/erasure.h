#pragma once

#include <optional>

#include "base/time.h"

namespace countersign::domain {

/// How long notified contacts can stop an erasure. [STD-14]
inline constexpr Duration kErasureWait = std::chrono::hours(72);

/// The erasure of a subject: waiting, then done or stopped. It can be requested again. [STD-14] Only the functions
/// below change it.
struct Erasure {
  WallTime asked_at;
  std::optional<WallTime> acts_at;  ///< Due time; nullopt once stopped or done.
  std::optional<WallTime> stopped_at;
  std::optional<WallTime> erased_at;  ///< Time of the last erasure; a new request keeps it.

  friend bool operator==(const Erasure&, const Erasure&) = default;
};

/// From none, stopped or done (`before`) to waiting. nullopt if one is waiting already.
[[nodiscard]] std::optional<Erasure> erasure_asked(const std::optional<Erasure>& before, WallTime now);

/// From waiting to stopped, after an objection of a notified contact. nullopt if none is waiting.
[[nodiscard]] std::optional<Erasure> stopped(Erasure erasure, WallTime now);

/// From waiting and due to waiting, postponed by `by`. nullopt if none is due.
[[nodiscard]] std::optional<Erasure> put_off(Erasure erasure, Duration by, WallTime now);

/// From waiting and due to done. nullopt if none is due.
[[nodiscard]] std::optional<Erasure> erased(Erasure erasure, WallTime now);

}  // namespace countersign::domain
