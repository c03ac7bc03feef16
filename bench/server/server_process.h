#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "bench/server/codes.h"
#include "main/config.h"

namespace countersign::bench {

/// Runs `work` in a process of its own and waits for it; the process must succeed. What needs threads or much memory is
/// done so, because the load generator forks off servers and so has one thread.
void in_a_child(const std::function<void()>& work);

/// Processor time by thread name, in nanoseconds since the process began.
using CpuByThread = std::map<std::string, std::uint64_t>;

/// A whole server in a process of its own, as `countersign serve` would be.
class ServerProcess {
 public:
  ServerProcess(const app::Config& config, CodeBoard& board);
  ~ServerProcess();  ///< Asks it to stop, and waits for it.
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] CpuByThread cpu() const;
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
