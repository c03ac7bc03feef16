#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace countersign::domain {

/// pending → approved | denied | expired.
enum class ChallengeStatus : std::uint8_t { kPending, kApproved, kExpired, kDenied };
[[nodiscard]] std::string_view to_text(ChallengeStatus status);
[[nodiscard]] std::optional<ChallengeStatus> parse_challenge_status(std::string_view text);

/// A challenge that an authenticator app answers with a code, or a passkey or a device with a signature, as in the
/// Verify-compatible API. Only the functions below change it.
struct Challenge {
  ChallengeStatus status = ChallengeStatus::kPending;  ///< As stored: never kExpired.
  std::int64_t attempts = 0;                           ///< Wrong answers.
  WallTime expires_at;
  std::optional<WallTime> responded_at;
};

/// Maximum of wrong answers to one challenge.
inline constexpr std::int64_t kChallengeAttempts = 5;

[[nodiscard]] ChallengeStatus status_at(const Challenge& challenge, WallTime now);

enum class NotAnswerable : std::uint8_t { kExpired, kResponded, kAttemptsSpent };
/// nullopt while an answer may be judged: it is pending and has attempts left.
[[nodiscard]] std::optional<NotAnswerable> why_not_answerable(const Challenge& challenge, WallTime now);

/// From pending to approved, after a right answer; nullopt from every other status. Ignores the expiry: a challenge
/// that is created together with its answer is still judged.
[[nodiscard]] std::optional<Challenge> answered_right(Challenge challenge, WallTime now);

/// From pending to denied: the person said no on the device. Final. nullopt from every other status.
[[nodiscard]] std::optional<Challenge> answered_no(Challenge challenge, WallTime now);

/// Stays pending with one attempt less; nullopt from every other status.
[[nodiscard]] std::optional<Challenge> answered_wrong(Challenge challenge);

/// Stays pending with no attempt left: of a passkey, any answer spends the challenge. nullopt from every other status.
/// [WA-R1]
[[nodiscard]] std::optional<Challenge> spent(Challenge challenge);

}  // namespace countersign::domain
