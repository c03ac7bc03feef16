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
  bool tell = false;   ///< Every step on standard output.
  bool go_on = false;  ///< After a broken promise: to see which holes there are.
};

/// A promise that was broken.
struct Finding {
  int invariant = 0;
  std::string hole;  ///< Its kind, in the same words each time.
  std::string text;
  std::uint64_t seed = 0;
  std::uint64_t step = 0;
  std::deque<std::string> last;  ///< What happened before, and what the referee had noted.
};

struct PlayResult {
  std::uint64_t steps = 0;  ///< Done.
  std::uint64_t digest = 0;
  Tally tally;
  std::map<std::string, Finding> findings;  ///< By hole, the first of each.
};

/// One game from its seed; see docs/simulation.md. The same each time.
[[nodiscard]] PlayResult play(const PlayOptions& options);

}  // namespace countersign::simulation::game
