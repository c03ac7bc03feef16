#pragma once

#include <cstdint>
#include <string_view>

#include "risk/rule.h"
#include "usecase/settings.h"

namespace countersign::simulation::game {

// The fraud engine as it stands in a game. Its rules against pumping and its built-in rules are on in each, as in a new
// installation; what an operator adds depends on the seed.

struct EngineOptions {
  bool rules = false;   ///< Rules of his own at every point, and a carrier that tells of changed SIMs.
  bool by_two = false;  ///< Two operators must allow what waits for a word.
  bool money = false;   ///< Prices and a budget.
};
[[nodiscard]] EngineOptions engine_of(std::uint64_t seed);

inline constexpr std::int64_t kMessageCosts = 100'000;  ///< Millionths, whoever carries it to a telephone.
inline constexpr std::int64_t kMessagesADay = 40;       ///< Paid from the budget…
inline constexpr std::int64_t kMessagesReserved = 20;   ///< …and beyond it.

/// What his rules ask of a transaction, by its amount.
enum class Asks : std::uint8_t { kNothing, kKind, kReview, kRefuse };
struct AsksOf {
  Asks at_hold = Asks::kNothing;
  Asks at_approve = Asks::kNothing;
  Asks at_claim = Asks::kNothing;
};
[[nodiscard]] AsksOf asks_of(const EngineOptions& options, double amount);

/// Until that hour of the night (UTC) his rules…
inline constexpr int kNoCallsUntil = 6;  ///< …refuse calls,
inline constexpr int kNoListsUntil = 6;  ///< …want a review of lists of recovery codes,
inline constexpr int kNoAppsUntil = 3;   ///< …refuse apps.

/// Puts all of it into the settings of that account.
void set_engine(usecase::Settings& settings, const AccountId& account, const EngineOptions& options);

}  // namespace countersign::simulation::game
