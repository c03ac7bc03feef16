#include "bench/postgres/processor_time.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace countersign::bench {

double processor_seconds_of(pid_t parent) {
  double ticks = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "stat");
    pid_t pid = 0;
    pid_t of = 0;
    std::string word;  // No name of these has a space.
    if (!(file >> pid >> word >> word >> of) || (pid != parent && of != parent)) continue;
    for (int field = 5; file >> word; ++field) {
      const bool own = field == 14 || field == 15;
      const bool of_ended = field == 16 || field == 17;
      if (own || (of_ended && pid == parent)) ticks += std::stod(word);
    }
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace countersign::bench
