#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "store/sqlite/connection.h"
#include "store/sqlite/files_in_place.h"
#include "store/sqlite/transaction.h"
#include "store/store_watch.h"
#include "store/unit.h"

namespace countersign::store::sqlite {

/// Runs writing units in batches, one commit each, on the only connection that writes or checkpoints.
///
/// It is the only one because SQLite before 3.51.3 can lose a reset of the write-ahead log, and so corrupt the
/// database, when two connections write and checkpoint at the same time. Used by one thread at a time; any thread may
/// read the counters.
class Writer {
 public:
  /// Reports failures to `watch`, if given.
  explicit Writer(Connection& connection, StoreWatch* watch = nullptr);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Runs the units in order in one transaction and commits. Afterwards every unit has its outcome, durably, or its
  /// error. If the transaction fails as a whole, all of them have the error and the next batch starts afresh.
  ///
  /// A savepoint for each unit costs as much as the rest of its work, and is seldom needed. So units run without. When
  /// one that has written must be rolled back, all are rolled back and run again, each behind a savepoint, and so are
  /// the next batches for a while.
  void run_batch(std::span<const std::unique_ptr<Unit>> batch);

  /// Moves the write-ahead log into the database file once it has grown by `pages` pages. Does not wait for readers.
  void checkpoint_if_grown(int pages);
  /// Moves all of it, and empties the log file; no effect while a reader uses an older state.
  void checkpoint_and_empty_log();
  /// Whether the log may hold anything.
  [[nodiscard]] bool log_used() const { return log_used_; }

  struct Counters {
    std::atomic<std::uint64_t> units{0};
    std::atomic<std::uint64_t> statements{0};
    std::atomic<std::uint64_t> commits{0};
    std::atomic<std::uint64_t> failed_commits{0};
    std::atomic<std::uint64_t> repeated_batches{0};
    std::atomic<std::uint64_t> failed_checkpoints{0};
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  using Batch = std::span<const std::unique_ptr<Unit>>;

  /// False, with everything rolled back, if a unit could not be rolled back alone.
  bool try_batch(Batch batch, Tx::Mode mode);
  bool run_unit(Unit& unit, Tx::Mode mode, Share share);
  void failed(const StoreError& error);

  Connection& connection_;
  StoreWatch* const watch_;
  FilesInPlace files_;
  Counters counters_;
  int careful_batches_ = 0;  // Remaining batches with savepoints.
  int log_pages_ = 0;        // As reported by SQLite after the last commit.
  int pages_checkpointed_ = 0;
  bool log_used_ = true;  // Includes what an earlier process left.
};

}  // namespace countersign::store::sqlite
