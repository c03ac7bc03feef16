#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "store/postgres/session.h"
#include "store/postgres/tx.h"
#include "store/unit.h"

namespace countersign::store {

/// Runs units that write, many to one commit, on a connection of its own.
///
/// Nodes take turns: whoever writes holds an advisory lock from before its transaction begins until after its commit.
/// Batches of two nodes nearly always touch a common counter or a common page of an index, so that of two at once one
/// would be thrown away and run again, after waiting for the other; and two that touch the same rows in different
/// orders would deadlock. In turns they wait the same time and lose nothing. Where a database has no advisory locks,
/// or ignores them, conflicts are repeated.
///
/// Used by one thread at a time; the counters may be read by any.
class PgWriter {
 public:
  explicit PgWriter(PgSurroundings& surroundings);

  /// Runs the units in their order in one serializable transaction and commits. Afterwards every unit holds its
  /// outcome, durably, or its error.
  ///
  /// As in the embedded engine, units run without savepoints as long as none has to be undone. A transaction that loses
  /// against another one is repeated, at last with each unit by itself. When the connection is lost, everything is
  /// repeated on the next one; if that was during the commit, it is first looked up whether it took place.
  void run_batch(std::span<const std::unique_ptr<Unit>> batch);

  /// Connects, and makes this engine's own table. Throws StoreFailure.
  void prepare();

  struct Counters {
    std::atomic<std::uint64_t> units{0};
    std::atomic<std::uint64_t> commits{0};
    std::atomic<std::uint64_t> failed_commits{0};
    std::atomic<std::uint64_t> repeated_batches{0};
    std::atomic<std::uint64_t> conflicts{0};
    std::atomic<std::uint64_t> doubtful_commits{0};
    std::atomic<std::uint64_t> round_trips{0};
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  using Batch = std::span<const std::unique_ptr<Unit>>;
  enum class Tried { kDone, kMustBeCareful };

  /// Conflicts are repeated until `conflicts_end` at the latest.
  void run(Batch batch, MonotonicTime conflicts_end);
  void run_one_by_one(Batch batch, MonotonicTime conflicts_end);
  void fail_all(Batch batch, StoreError error);

  /// Nothing when every unit holds what it should; else what happened to the transaction, which has ended.
  void tell_who_locks(const PgFailure& failure);
  std::optional<PgFailure> attempt_batch(Batch batch);
  PgFailure end_failed(const StoreError& error);
  bool took_place_before(PgConnection& connection);
  Tried try_batch(PgConnection& connection, Batch batch, PgTx::Mode mode);
  bool run_unit(Unit& unit, PgTx::Mode mode);

  PgSurroundings& surroundings_;
  PgSession session_;
  std::optional<PgTransaction> transaction_;
  const std::string marker_;
  std::int64_t last_number_ = 0;       // Of the last commit that was tried.
  std::optional<std::int64_t> doubt_;  // The number of the commit that was not answered.
  int careful_batches_ = 0;            // So many more use savepoints.
  bool away_ = false;
  MonotonicTime tell_again_{};  // Not before then.
  Counters counters_;
};

}  // namespace countersign::store
