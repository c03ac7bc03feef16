#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

namespace countersign::bench {

struct StartUp {
  std::vector<double> milliseconds;  ///< From the spawn to the first answer of /healthz, for each start.
  std::size_t resident_kib = 0;      ///< After the last start.
};

/// Starts the program repeatedly on a data directory that an earlier start created.
[[nodiscard]] StartUp measure_start_up(const std::filesystem::path& program, const std::filesystem::path& folder,
                                       int starts);

}  // namespace countersign::bench
