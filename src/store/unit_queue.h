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

/// The bounded line between callers and an engine's threads. Thread-safe.
class UnitQueue {
 public:
  explicit UnitQueue(std::size_t size_max) : size_max_(size_max) {}

  /// Takes the unit into the line. When the line is full or closed, the unit stays with the caller and the reason is
  /// returned: kOverloaded or kShutDown.
  [[nodiscard]] std::optional<StoreError::Code> push(std::unique_ptr<Unit>& unit);

  struct Take {
    std::size_t units_max;                   ///< Take no more than these.
    std::optional<Duration> idle = {};       ///< Return empty-handed after waiting this long for the first.
    std::size_t units_wanted = 1;            ///< Once there is one, wait for these …
    Duration accumulate = Duration::zero();  ///< … but no longer than this.
  };
  enum class Taken { kUnits, kIdle, kClosed };

  /// Blocks until there is something to do and moves it into `out` (emptied first). kClosed once the line is closed
  /// and everything in it has been taken.
  Taken take(const Take& request, std::vector<std::unique_ptr<Unit>>& out);

  /// Refuses further units; what is in the line is still taken.
  void close();

  [[nodiscard]] std::size_t size() const;

 private:
  const std::size_t size_max_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::vector<std::unique_ptr<Unit>> line_;
  std::size_t waiting_ = 0;       // Threads inside take that sleep.
  std::size_t wake_up_size_ = 1;  // Length of the line below which waking them is of no use.
  bool closed_ = false;
};

}  // namespace countersign::store
