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

/// Settings, one account, and two services: `default`, whose codes the product makes, and `upstream`, whose codes for
/// SMS a provider makes and checks.
[[nodiscard]] AccountId furnish(World& world);

/// The policies that a hold may name.
[[nodiscard]] const std::vector<std::string>& policy_names();

[[nodiscard]] std::string identity_of(std::size_t person);
[[nodiscard]] std::string phone_of(std::size_t person);
[[nodiscard]] std::string email_of(std::size_t person);

}  // namespace countersign::simulation
