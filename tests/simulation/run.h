#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulation/tally.h"

namespace countersign::simulation {

struct RunOptions {
  std::uint64_t seed = 1;
  std::uint64_t steps = 10'000;
  Where where = Where::kMemory;
  std::size_t nodes = 2;  ///< Of kNodes.
};

struct RunResult {
  std::uint64_t steps = 0;   ///< Done.
  std::uint64_t digest = 0;  ///< Of everything that happened.
  std::optional<std::string> violation;
  std::vector<std::string> last;  ///< With a violation, the preceding events.
  Tally tally;
};

/// One run from one seed. The same options give the same result, but for kNodes: there the seed decides who asks which
/// node for what, and what breaks, and threads decide in what order their statements meet.
[[nodiscard]] RunResult run(const RunOptions& options);

}  // namespace countersign::simulation
