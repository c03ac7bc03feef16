#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "domain/limits.h"
#include "domain/policy.h"

namespace countersign::simulation {

class World;

inline constexpr int kAttemptsMax = 5;
inline constexpr int kFailuresPerLock = 5;
/// Only where several nodes count.
inline constexpr std::int64_t kMessageCosts = 100'000;  ///< Millionths, to a telephone.
/// Paid from the budget of a day, and from its reserve.
struct MessagesADay {
  std::int64_t budget;
  std::int64_t reserve;
};
[[nodiscard]] MessagesADay messages_a_day(World& world);
inline constexpr domain::Rate kSendsOfAccount{60, std::chrono::minutes(5)};
inline constexpr domain::Rate kSendsOfCountry{50, std::chrono::minutes(5)};
inline constexpr domain::Rate kSendsOfNetwork{55, std::chrono::minutes(5)};
inline constexpr domain::Rate kChecksOfNetwork{80, std::chrono::minutes(5)};
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
