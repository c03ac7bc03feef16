#pragma once

#include <atomic>
#include <mutex>

#include "base/moment.h"

namespace countersign::testing {

/// A clock that moves only when told to, by one thread; other threads may read it. Starts at 2026-11-22T12:00:00Z.
class FakeClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override { return now_; }
  [[nodiscard]] MonotonicTime monotonic() const override { return monotonic_; }
  void advance(Duration by);
  /// Only the wall clock jumps, as when an operator sets it.
  void jump(Duration by);

 private:
  std::atomic<WallTime> now_ = *from_rfc3339("2026-11-22T12:00:00Z");
  std::atomic<MonotonicTime> monotonic_{};
};

/// A repeatable stream of bytes from a seed. Not secret; only for tests. Thread-safe.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed = 1) : state_(seed) {}
  void fill(std::span<std::uint8_t> out) override;

 private:
  std::mutex mutex_;
  std::uint64_t state_;
};

}  // namespace countersign::testing
