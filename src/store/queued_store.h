#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/function_ref.h"
#include "store/store.h"
#include "store/unit_queue.h"

namespace countersign::store {

/// Base of every engine with its own threads: two bounded queues, for writing and for read-only units. The engine
/// starts the threads that serve them, and stops them in its destructor.
class QueuedStore : public Store {
 public:
  /// `queue_max`: units that may wait in each queue before further ones are refused with kOverloaded.
  explicit QueuedStore(std::size_t queue_max) : writes_(queue_max), reads_(queue_max) {}

 protected:
  void submit_write(std::unique_ptr<Unit> unit) final { submit(writes_, std::move(unit)); }
  void submit_read(std::unique_ptr<Unit> unit) final { submit(reads_, std::move(unit)); }

  /// The loop of a reading thread until the read queue is closed: takes up to `batch_max` units at a time and answers
  /// them after `run`.
  void serve_reads(std::size_t batch_max, FunctionRef<void(std::span<const std::unique_ptr<Unit>>)> run);

  [[nodiscard]] UnitQueue& writes() { return writes_; }
  [[nodiscard]] UnitQueue& reads() { return reads_; }

  /// `stats` with the figures of the queues.
  [[nodiscard]] StoreStats with_lines(StoreStats stats) const;

 private:
  void submit(UnitQueue& queue, std::unique_ptr<Unit> unit);

  UnitQueue writes_;
  UnitQueue reads_;
  std::atomic<std::uint64_t> reads_done_{0};
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace countersign::store
