#include "domain/challenge.h"

#include <algorithm>
#include <array>

namespace countersign::domain {

namespace {

constexpr std::array<std::string_view, 4> kChallengeStatuses{"pending", "approved", "expired", "denied"};

}  // namespace

std::string_view to_text(ChallengeStatus status) { return kChallengeStatuses.at(static_cast<std::size_t>(status)); }

std::optional<ChallengeStatus> parse_challenge_status(std::string_view text) {
  const auto* const at = std::ranges::find(kChallengeStatuses, text);
  if (at == kChallengeStatuses.end()) return std::nullopt;
  return static_cast<ChallengeStatus>(at - kChallengeStatuses.begin());
}

ChallengeStatus status_at(const Challenge& challenge, WallTime now) {
  if (challenge.status == ChallengeStatus::kPending && now >= challenge.expires_at) return ChallengeStatus::kExpired;
  return challenge.status;
}

std::optional<NotAnswerable> why_not_answerable(const Challenge& challenge, WallTime now) {
  const auto status = status_at(challenge, now);
  if (status == ChallengeStatus::kExpired) return NotAnswerable::kExpired;
  if (status != ChallengeStatus::kPending) return NotAnswerable::kResponded;
  if (challenge.attempts >= kChallengeAttempts) return NotAnswerable::kAttemptsSpent;
  return std::nullopt;
}

std::optional<Challenge> answered_right(Challenge challenge, WallTime now) {
  if (challenge.status != ChallengeStatus::kPending) return std::nullopt;
  challenge.status = ChallengeStatus::kApproved;
  challenge.responded_at = now;
  return challenge;
}

std::optional<Challenge> answered_no(Challenge challenge, WallTime now) {
  if (challenge.status != ChallengeStatus::kPending) return std::nullopt;
  challenge.status = ChallengeStatus::kDenied;
  challenge.responded_at = now;
  return challenge;
}

std::optional<Challenge> answered_wrong(Challenge challenge) {
  if (challenge.status != ChallengeStatus::kPending) return std::nullopt;
  ++challenge.attempts;
  return challenge;
}

std::optional<Challenge> spent(Challenge challenge) {
  if (challenge.status != ChallengeStatus::kPending) return std::nullopt;
  challenge.attempts = kChallengeAttempts;
  return challenge;
}

}  // namespace countersign::domain
