#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace countersign::domain {

/// What a device was asked lately, and what came of it. A device whose answer is a bare yes can be worn down by asking
/// again and again, so asking is bounded by what it did not answer and by what it refused. [THR-8] Only the functions
/// below change it.
struct DevicePrompts {
  std::int64_t unanswered = 0;          ///< Since the last approval, within kPromptsWithin of `since`.
  WallTime since;                       ///< When the first of those was made.
  std::int64_t denials = 0;             ///< In a row.
  std::optional<WallTime> quiet_until;  ///< After a denial: until then it is not asked.

  friend bool operator==(const DevicePrompts&, const DevicePrompts&) = default;
};

/// Questions that may stay without an answer at once and one after the other, and for how long they count.
inline constexpr std::int64_t kPromptsUnanswered = 3;
inline constexpr Duration kPromptsWithin = std::chrono::hours(1);
/// The silence after a denial doubles with each one in a row, up to the longest.
inline constexpr Duration kFirstSilence = std::chrono::minutes(10);
inline constexpr Duration kLongestSilence = std::chrono::hours(24);

/// nullopt if the device may be asked now; else how long it may not.
[[nodiscard]] std::optional<Duration> wait_to_ask(const DevicePrompts& prompts, WallTime now);

/// One more question, which wait_to_ask() allowed.
[[nodiscard]] DevicePrompts asked(DevicePrompts prompts, WallTime now);
/// The person approved: nothing is held against the asker any more.
[[nodiscard]] DevicePrompts approved(DevicePrompts prompts);
/// The person refused: that question is answered, and silence follows.
[[nodiscard]] DevicePrompts refused(DevicePrompts prompts, WallTime now);

}  // namespace countersign::domain
