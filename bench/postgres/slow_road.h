#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

namespace countersign::bench {

/// Stands between clients and the socket of a PostgreSQL as a network would: what either side sends arrives later, in
/// order, and does not wait for what was sent before it. Ends with the connections through it.
class SlowRoad {
 public:
  /// `socket`: of the server. `one_way`: how much later.
  SlowRoad(std::filesystem::path socket, std::chrono::microseconds one_way);
  ~SlowRoad();
  SlowRoad(const SlowRoad&) = delete;
  SlowRoad& operator=(const SlowRoad&) = delete;

  /// Where its socket `.s.PGSQL.5432` is.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  void accept_all();
  void carry(int from, int to) const;

  const std::filesystem::path socket_;
  const std::chrono::microseconds one_way_;
  std::filesystem::path folder_;
  int listener_;
  std::thread acceptor_;
  std::mutex mutex_;
  // Guarded by mutex_:
  std::vector<std::thread> carriers_;
  std::vector<int> ends_;
  bool closed_ = false;
};

/// The same in a process of its own, for a program that forks others and so must have one thread. Ends with it.
class SlowRoadProcess {
 public:
  SlowRoadProcess(const std::filesystem::path& socket, std::chrono::microseconds one_way);
  ~SlowRoadProcess();
  SlowRoadProcess(const SlowRoadProcess&) = delete;
  SlowRoadProcess& operator=(const SlowRoadProcess&) = delete;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  int stop_ = -1;
  pid_t pid_ = 0;
};

}  // namespace countersign::bench
