#pragma once

#include <cstdint>

#include "simulation/game/play.h"

namespace countersign::simulation::game {

/// Plays that many seeds from the first on and prints the events. Returns 1 if a promise was broken; later seeds are
/// then not played unless the options say to go on.
[[nodiscard]] int play_games(PlayOptions options, std::uint64_t seeds);

}  // namespace countersign::simulation::game
