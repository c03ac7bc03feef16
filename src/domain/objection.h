#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace countersign::domain {

/// The code with which a notified contact stops a change, as a keyed digest. [STD-11]
struct ObjectionCode {
  std::string digest;  ///< Empty after use.
  int attempts = 0;    ///< Spent on guesses so far, right or wrong.
  WallTime expires_at;
};

/// Maximum of guesses at one code; fewer if its line is slowed.
inline constexpr int kObjectionAttempts = 5;
inline constexpr Duration kObjectionCodeLife = std::chrono::minutes(10);

/// `kOver`: the code was used or has expired, so there was nothing to guess.
enum class ObjectionOutcome : std::uint8_t { kRight, kWrong, kOver };

struct ObjectionChecked {
  ObjectionOutcome outcome;
  ObjectionCode next;  ///< Store it whatever the outcome: the guess has spent an attempt.
};

/// Checks the keyed digest of a submitted code, which is accepted once. nullopt if none of the `attempts_max` attempts
/// is left. The comparison always runs, in constant time.
[[nodiscard]] std::optional<ObjectionChecked> check_objection(ObjectionCode code, std::string_view submitted_digest,
                                                              int attempts_max, WallTime now);

}  // namespace countersign::domain
