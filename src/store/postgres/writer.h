#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/function_ref.h"
#include "store/postgres/fiber.h"
#include "store/postgres/lock_report.h"
#include "store/postgres/session.h"
#include "store/postgres/side_by_side.h"
#include "store/postgres/tx.h"
#include "store/unit.h"

namespace countersign::store::postgres {

/// Runs writing units in batches, one commit each, on its own connection.
///
/// Nodes share the turn, an advisory lock, for units that run beside others (Beside): their keys, which are advisory
/// locks too, keep batches of several nodes apart (node_keys.h), in transactions that are READ COMMITTED. For all other
/// units a node has the turn alone, from before its transaction begins until after its commit, which is serializable.
/// Two serializable batches at once nearly always update a common index page, so one would wait, be discarded and run
/// again. Without turns (a database has no advisory locks, or ignores them) all are serializable, and conflicts are
/// retried.
///
/// Used by one thread at a time; any thread may read the counters.
class Writer {
 public:
  explicit Writer(Surroundings& surroundings);

  using Units = std::vector<std::unique_ptr<Unit>>;

  /// Runs the units and commits, and gives `done` those that have their outcome, durably, or their error: first those
  /// that ran beside other nodes, then those that needed the turn. Leaves in `units` those of which another node had a
  /// key, for the next call; after a few times they get the turn. Units that allow it run beside each other
  /// (side_by_side.h), the others in order, each alone.
  ///
  /// As in the embedded engine, units run without savepoints until one has to be rolled back. A transaction that
  /// conflicts is retried, finally with each unit alone. If the connection is lost, everything is retried on the next
  /// one; if that was during the commit, the writer first looks up whether it succeeded.
  void run_batch(Units& units, FunctionRef<void(Units&)> done);

  /// Whether it has units that wait for a row which somebody else has locked: run_batch() tries them again.
  [[nodiscard]] bool has_blocked() const { return !blocked_.empty(); }

  /// Connects, and creates this engine's own table. Throws StoreFailure.
  void prepare();

  struct Counters {
    std::atomic<std::uint64_t> units{0};
    std::atomic<std::uint64_t> statements{0};
    std::atomic<std::uint64_t> commits{0};
    std::atomic<std::uint64_t> failed_commits{0};
    std::atomic<std::uint64_t> repeated_batches{0};
    std::atomic<std::uint64_t> put_off{0};
    std::atomic<std::uint64_t> conflicts{0};
    std::atomic<std::uint64_t> doubtful_commits{0};
    std::atomic<std::uint64_t> round_trips{0};
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  using Batch = std::span<const std::unique_ptr<Unit>>;
  enum class Tried { kDone, kMustBeCareful, kTangled, kOvertaken };
  /// Of each unit of a batch that runs beside other nodes, whether it is put off.
  using WhyEach = std::vector<std::optional<WhyPutOff>>;

  /// Retries conflicts until `conflicts_end`.
  void run(Batch batch, MonotonicTime conflicts_end);
  Units run_beside_nodes(Units& units, Units& idle, FunctionRef<void(Units&)> done);
  void run_blocked(FunctionRef<void(Units&)> done);
  [[nodiscard]] bool run_shared(Units& batch, MonotonicTime give_up_at);
  void run_one_by_one(Batch batch, MonotonicTime conflicts_end);
  void fail_all(Batch batch, StoreError error);

  /// nullopt when every unit has its result; otherwise what happened to the transaction, which has ended.
  std::optional<Failure> attempt_batch(Batch batch);
  std::optional<Failure> attempt_shared(Batch batch, Tried& tried);
  Tried try_shared(Connection& connection, Batch batch);
  Failure end_failed(const StoreError& error);
  /// Then none of the units may run: the turn is asked for in front of the transaction, which goes on without it.
  [[nodiscard]] bool turn_failed(const Connection& connection) const {
    return transaction_ && connection.failed_for() == &*transaction_;
  }
  bool took_place_before(Connection& connection);
  Tried try_batch(Connection& connection, Batch batch, Tx::Mode mode);
  Tried run_units(Batch batch, Tx::Mode mode, SharedParts& parts);
  Tried run_side_by_side(Batch batch, SharedParts& parts, SideBySide& side_by_side);
  void write_parts(Batch batch, SharedParts& parts);
  [[nodiscard]] Mark next_mark() { return {marker_, ++last_number_, fences_}; }
  bool run_unit(Unit& unit, Tx::Mode mode, Share share);

  Surroundings& surroundings_;
  Session session_;
  LockReport lock_report_;
  std::optional<Transaction> transaction_;
  const std::string marker_;
  std::int64_t last_number_ = 0;       // Of the last attempted commit.
  std::int64_t fences_ = 0;            // As the marker has them …
  bool fences_known_ = true;           // … unless a look-up was not answered.
  std::optional<std::int64_t> doubt_;  // The number of the unanswered commit.
  int careful_batches_ = 0;            // Remaining batches with savepoints.
  int serial_batches_ = 0;             // Remaining batches in which one unit runs after the other.
  FiberPool fibers_;
  WhyEach put_off_;                // Of the batch that runs beside other nodes.
  std::vector<bool> did_nothing_;  // As long.
  struct Blocked {
    std::unique_ptr<Unit> unit;
    MonotonicTime give_up_at;
  };
  std::vector<Blocked> blocked_;
  // What the last attempt waited for in vain, if it did:
  std::optional<std::size_t> blocked_one_;  // A row, for this unit.
  bool waited_for_turn_ = false;
  MonotonicTime waits_short_until_{};
  bool away_ = false;
  Counters counters_;
};

}  // namespace countersign::store::postgres
