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

/// Monitors an engine's health: how long commits take, what fails, whether the database is damaged. Operators see it in
/// the log, load balancers through StoreStats. Only the writing thread calls commit_begins() and commit_ended(); any
/// thread may call the rest.
class StoreWatch {
 public:
  explicit StoreWatch(const Clock& clock, StoreLog log = {}) : clock_(clock), log_(std::move(log)) {}

  void commit_begins();
  /// With the number of units, whatever the result.
  void commit_ended(std::size_t units);

  /// After all: what has begun since the last commit was none.
  void no_commit() { began_ = kNever; }

  void write_failed(const StoreError& error);
  void read_failed(const StoreError& error);
  /// Another database has replaced the damaged one.
  void recovered() { damaged_ = false; }

  void add_to(StoreStats& stats) const;

  /// Upper bounds of the buckets in seconds; one more bucket is for longer commits.
  static constexpr std::array kBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0};

 private:
  static constexpr std::int64_t kNever = -1;

  void note(const StoreError& error);

  const Clock& clock_;
  const StoreLog log_;
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> counts_{};
  std::atomic<std::int64_t> micros_{0};
  std::atomic<std::uint64_t> failed_reads_{0};
  std::atomic<std::int64_t> began_{kNever};           ///< When the current commit began, in microseconds.
  std::atomic<std::int64_t> slow_one_ended_{kNever};  ///< When the last slow commit ended.
  std::atomic<bool> damaged_{false};
  MonotonicTime said_{};  // Used only by the writing thread.
  Duration longest_unsaid_{};
};

}  // namespace countersign::store
