#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "store/error.h"
#include "store/store_log.h"

namespace countersign::store {

struct StoreStats;

/// What an engine notices about its own health: how long commits take, what fails, whether the database is damaged.
/// An operator hears of it in the log, whoever sends traffic by StoreStats. commit_begins() and commit_ended() belong
/// to the thread that writes; everything else may be called from any.
class StoreWatch {
 public:
  explicit StoreWatch(const Clock& clock, StoreLog log = {}) : clock_(clock), log_(std::move(log)) {}

  void commit_begins();
  /// With that many units, whichever way it ended.
  void commit_ended(std::size_t units);

  void write_failed(const StoreError& error);
  void read_failed(const StoreError& error);
  /// Another database is in the place of the damaged one.
  void recovered() { damaged_ = false; }

  void add_to(StoreStats& stats) const;

  /// Upper bounds in seconds of what is counted together; one more counts what took longer.
  static constexpr std::array kBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0};

 private:
  static constexpr std::int64_t kNever = -1;

  void note(const StoreError& error);

  const Clock& clock_;
  const StoreLog log_;
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> counts_{};
  std::atomic<std::int64_t> micros_{0};
  std::atomic<std::uint64_t> failed_reads_{0};
  std::atomic<std::int64_t> began_{kNever};           ///< When the commit under way did, in microseconds.
  std::atomic<std::int64_t> slow_one_ended_{kNever};  ///< When the last one did that took too long.
  std::atomic<bool> damaged_{false};
  MonotonicTime said_{};  // The writing thread's.
  Duration longest_unsaid_{};
};

}  // namespace countersign::store
