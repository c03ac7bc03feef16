#pragma once

#include <cstdint>
#include <string_view>

namespace countersign::testing::fraud {

/// Who wants a payout changed.
enum class Claimant : std::uint8_t {
  kHonest,          ///< Established people, with the devices and numbers that people have.
  kStuffedSession,  ///< In a session that was taken over with a password of somewhere else, on a device of his own.
  kSwappedSim,      ///< With the person's number on a SIM of his own.
  kMule,            ///< In sessions of many people, to few accounts that pay out for him.
};
[[nodiscard]] std::string_view name_of(Claimant claimant);

struct TrustFigures {
  std::int64_t held = 0;
  std::int64_t noted = 0;
  std::int64_t another_kind = 0;
  std::int64_t reviewed = 0;
};
/// What the built-in rules say at the hold, of so many. Signals answer in three of four cases.
[[nodiscard]] TrustFigures judge_claimants(Claimant claimant, int count, std::uint64_t seed);

}  // namespace countersign::testing::fraud
