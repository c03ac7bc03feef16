#pragma once

#include <cstdint>

#include "simulation/game/play.h"

namespace countersign::simulation::game {

/// Plays that many seeds from the first on and writes to standard output what happened. 1 where a promise was broken;
/// then, unless the options say to go on, the seeds after that are not played.
[[nodiscard]] int play_games(PlayOptions options, std::uint64_t seeds);

}  // namespace countersign::simulation::game
