#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/time.h"
#include "store/unit.h"

namespace countersign::store {

/// The bounded queue between callers and an engine's threads. Thread-safe.
class UnitQueue {
 public:
  explicit UnitQueue(std::size_t size_max) : size_max_(size_max) {}

  /// Enqueues the unit. If the queue is full or closed, the unit stays with the caller and the reason is returned:
  /// kOverloaded or kShutDown.
  [[nodiscard]] std::optional<StoreError::Code> push(std::unique_ptr<Unit>& unit);

  struct Take {
    std::size_t units_max;                   ///< Take at most these.
    std::optional<Duration> idle = {};       ///< Return empty after waiting this long for the first.
    std::size_t units_wanted = 1;            ///< Once there is one, wait for these …
    Duration accumulate = Duration::zero();  ///< … but no longer than this.
  };
  enum class Taken { kUnits, kIdle, kClosed };

  /// Blocks until there is work and moves it into `out` (cleared first). kClosed once the queue is closed and empty.
  Taken take(const Take& request, std::vector<std::unique_ptr<Unit>>& out);

  /// Refuses further units; queued ones can still be taken.
  void close();

  [[nodiscard]] std::size_t size() const;

 private:
  const std::size_t size_max_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::vector<std::unique_ptr<Unit>> line_;
  std::size_t waiting_ = 0;       // Threads that sleep inside take.
  std::size_t wake_up_size_ = 1;  // Queue length below which waking them is useless.
  bool closed_ = false;
};

}  // namespace countersign::store
