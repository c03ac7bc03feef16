#include "bench/server/lone_sync.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/check.h"

namespace countersign::bench {

double lone_sync_ms(const std::filesystem::path& folder, std::chrono::milliseconds duration) {
  using Clock = std::chrono::steady_clock;
  const auto file = folder / "lone-sync";
  const int fd = ::open(file.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  CS_CHECK(fd >= 0);
  constexpr std::size_t kPages = 1024;
  std::array<char, 4096> page{};
  const auto write_page = [&](std::size_t number) {
    const auto at = static_cast<off_t>(number % kPages * page.size());
    CS_CHECK(::pwrite(fd, page.data(), page.size(), at) == static_cast<ssize_t>(page.size()));
  };
  for (std::size_t i = 0; i < kPages; ++i) write_page(i);
  CS_CHECK(::fsync(fd) == 0);
  std::vector<double> times;
  const auto end = Clock::now() + duration;
  for (auto begun = Clock::now(); begun < end || times.empty();) {
    write_page(times.size());
    CS_CHECK(::fdatasync(fd) == 0);
    const auto ended = Clock::now();
    times.push_back(std::chrono::duration<double, std::milli>(ended - begun).count());
    begun = ended;
  }
  ::close(fd);
  std::filesystem::remove(file);
  std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2));
  return times[times.size() / 2];
}

}  // namespace countersign::bench
