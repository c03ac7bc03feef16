#include "api/operations/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace countersign::api {

namespace {

/// Since 1970; 0 if unknown.
double boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return 0;
}

std::uint64_t count_open_fds() {
  std::error_code ignored;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", ignored), end; !ignored && entry != end;
       entry.increment(ignored))
    ++count;
  return count > 0 ? count - 1 : 0;  // Without the descriptor that reads the folder.
}

}  // namespace

ProcessFigures process_figures() {
  ProcessFigures figures;
  figures.open_fds = count_open_fds();
  if (rlimit limit{}; getrlimit(RLIMIT_NOFILE, &limit) == 0) figures.max_fds = limit.rlim_cur;
  std::ifstream file("/proc/self/stat");
  std::string stat;
  std::getline(file, stat);
  // The second field is the program's name in brackets, which may contain anything; proc(5) numbers the rest from 3.
  const auto end = stat.rfind(')');
  if (end == std::string::npos) return figures;
  std::istringstream rest(stat.substr(end + 1));
  double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  std::string field;
  for (int number = 3; number <= 24 && rest >> field; ++number) {
    if (number == 14 || number == 15) figures.cpu_seconds += std::stod(field) / ticks;
    if (number == 20) figures.threads = std::stoull(field);
    if (number == 22) {
      const double boot = boot_time();
      if (boot > 0) figures.start_time_seconds = boot + std::stod(field) / ticks;
    }
    if (number == 23) figures.virtual_bytes = std::stoull(field);
    if (number == 24) figures.resident_bytes = std::stoull(field) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  }
  return figures;
}

}  // namespace countersign::api
