#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "usecase/verify_api/challenge.h"

// How challenges are stored, for those of apps, of passkeys and of devices.
namespace countersign::usecase::verify_api {

inline constexpr std::string_view kChallengeKind = "challenge";  ///< Of an entity.
inline constexpr auto kChallengeKept = std::chrono::days(30);

/// The stored form: the state plus what the application gave.
[[nodiscard]] json::object kept_content(const Challenge& challenge);
[[nodiscard]] Challenge challenge_of(store::Resource resource);

/// A new one of the entity.
void insert_challenge(const Work& work, const Entity& entity, const Challenge& challenge);
/// Writes a changed one.
void keep_challenge(const Work& work, const Entity& entity, const Challenge& challenge);

/// Why it may not be answered any more; nullopt if it may.
[[nodiscard]] std::optional<ErrorCode> closed_challenge(const domain::Challenge& challenge, WallTime now);

/// The audit event and the webhook of an approved one. If no device answered it, hers may be asked again. [THR-8]
void announce_approval(const Work& work, const ServiceId& service, const Entity& entity, const Challenge& challenge);

}  // namespace countersign::usecase::verify_api
