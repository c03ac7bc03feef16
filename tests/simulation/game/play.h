#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "simulation/tally.h"

namespace countersign::simulation::game {

struct PlayOptions {
  std::uint64_t seed = 1;
  std::uint64_t steps = 10'000;
  bool tell = false;   ///< Prints every step.
  bool go_on = false;  ///< Continues after a broken promise, to see which holes there are.
};

/// A promise that was broken.
struct Finding {
  int invariant = 0;
  std::string hole;  ///< Its kind, always in the same words.
  std::string text;
  std::uint64_t seed = 0;
  std::uint64_t step = 0;
  std::deque<std::string> last;  ///< The preceding events, and the referee's notes.
};

struct PlayResult {
  std::uint64_t steps = 0;  ///< Done.
  std::uint64_t digest = 0;
  Tally tally;
  std::map<std::string, Finding> findings;  ///< By hole, the first of each.
};

/// Plays one game from its seed, reproducibly; see docs/simulation.md.
[[nodiscard]] PlayResult play(const PlayOptions& options);

}  // namespace countersign::simulation::game
