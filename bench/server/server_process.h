#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "bench/server/codes.h"
#include "main/config/config.h"

namespace countersign::bench {

/// Runs `work` in a child process and waits for it; the child must succeed. For work that needs threads or much memory,
/// because the load generator forks servers and so has one thread.
void in_a_child(const std::function<void()>& work);

/// Processor time by thread name, in nanoseconds since the process began.
using CpuByThread = std::map<std::string, std::uint64_t>;

/// Of a process.
[[nodiscard]] CpuByThread cpu_of(pid_t pid);

/// Where a server is.
struct ServerAddress {
  pid_t pid = 0;
  std::uint16_t port = 0;
};

/// A complete server in its own process, like `countersign serve`.
class ServerProcess {
 public:
  ServerProcess(const main::Config& config, CodeBoard& board);
  ~ServerProcess();  ///< Stops it and waits.
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  [[nodiscard]] ServerAddress address() const { return {pid_, port_}; }
  /// Resident memory in KiB, without the board.
  [[nodiscard]] std::size_t resident_kib() const;

 private:
  pid_t pid_ = 0;
  int stop_pipe_ = -1;
  std::uint16_t port_ = 0;
};

/// VmRSS without shared memory, in KiB.
[[nodiscard]] std::size_t resident_kib_of(pid_t pid);

}  // namespace countersign::bench
