#pragma once

#include <cstdint>

namespace countersign::api {

/// Figures of this process from /proc; 0 if not available.
struct ProcessFigures {
  double cpu_seconds = 0;  ///< User and system.
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0;
  std::uint64_t threads = 0;
  double start_time_seconds = 0;  ///< Unix time.
};

[[nodiscard]] ProcessFigures process_figures();

}  // namespace countersign::api
