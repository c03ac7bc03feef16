#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/json.h"

namespace countersign::bench {

struct RoadOptions {
  std::filesystem::path folder;
  std::vector<std::filesystem::path> programs;  ///< One, or a new one and an old one that take turns.
  int rounds = 5;
  std::size_t pairs = 4000;  ///< In each phase.
};

struct RoadFigures {
  json::object figures;
  std::uint64_t wrong = 0;  ///< Unexpected answers.
};

/// The whole road of a code, with 64 connections: a start, the message by HTTP to its carrier, the check of the code
/// that the carrier was given; and the same with a webhook endpoint for all events. Prints the server's processor time
/// of a pair by thread, and the ratios of the first program to the second. Every commit is synced.
[[nodiscard]] RoadFigures measure_road(const RoadOptions& options);

}  // namespace countersign::bench
