#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "domain/policy.h"

namespace countersign::simulation {

class World;

inline constexpr int kAttemptsMax = 5;
inline constexpr int kFailuresPerLock = 5;
inline constexpr std::string_view kUpstreamService = "upstream";

/// Creates settings, one account, and two services: `default`, with the product's own codes, and `upstream`, whose SMS
/// codes a provider makes and checks.
[[nodiscard]] AccountId furnish(World& world);

/// The policies that a hold may name.
[[nodiscard]] const std::vector<std::string>& policy_names();

[[nodiscard]] std::string identity_of(std::size_t person);
[[nodiscard]] std::string phone_of(std::size_t person);
[[nodiscard]] std::string email_of(std::size_t person);

}  // namespace countersign::simulation
