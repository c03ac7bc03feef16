#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/executor.h"
#include "base/result.h"
#include "store/blocking.h"
#include "store/error.h"
#include "store/store_watch.h"
#include "store/tx.h"
#include "store/unit.h"

namespace countersign::store {

/// What a unit of work is: it is given the transaction and answers some outcome (Done, if there is nothing to say).
template <class Work>
concept UnitWork = std::invocable<const Work&, Tx&> && !std::is_void_v<std::invoke_result_t<const Work&, Tx&>> &&
                   std::move_constructible<Work>;

template <UnitWork Work>
using OutcomeOf = std::invoke_result_t<const Work&, Tx&>;

/// Counted since the store was opened.
struct StoreStats {
  std::uint64_t units = 0;               ///< Writing units that were run and answered, whichever way.
  std::uint64_t commits = 0;             ///< Commits that succeeded; units / commits is the mean size of a batch.
  std::uint64_t failed_commits = 0;      ///< Transactions that failed as a whole.
  std::uint64_t repeated_batches = 0;    ///< Batches that ran twice, because a unit that had written was undone.
  std::uint64_t reads = 0;               ///< Reading units.
  std::uint64_t refused = 0;             ///< Units answered with kOverloaded.
  std::uint64_t failed_checkpoints = 0;  ///< SQLite: the log could not be moved into the database file.
  std::size_t queued = 0;                ///< Writing units that wait at this moment.
  std::uint64_t conflicts = 0;           ///< PostgreSQL: transactions that lost against another node's (40001, 40P01).
  std::uint64_t reconnects = 0;          ///< PostgreSQL: connections that were made after the first ones.
  std::uint64_t doubtful_commits = 0;    ///< PostgreSQL: commits whose answer did not come; each was then looked up.
  std::uint64_t round_trips = 0;         ///< PostgreSQL: waits of the writer for an answer of the database.
  std::uint64_t failed_reads = 0;        ///< Reading units that were answered with an error.
  /// How many commits took at most as long as each of StoreWatch::kBounds, and not as the one before; then the rest.
  std::array<std::uint64_t, StoreWatch::kBounds.size() + 1> commit_times{};
  Duration commit_time{};  ///< Of all together.
  bool slow = false;       ///< A commit takes longer than 2 s, or one did within the last 5 s.
  bool damaged = false;    ///< The engine has found the database damaged.
};

/// The database, whichever it is. Thread-safe.
///
/// `work` is `Outcome(Tx&)`, callable while const. It runs on a thread of the store, inside one serializable
/// transaction, and may run more than once (after a conflict, or because a neighbour in the same commit was undone);
/// only its last run counts. So it moves nothing out of its captures, which const sees to, and what it computes it
/// returns, or else assigns afresh in every run. An exception from it rolls back this unit alone and answers kFailed.
///
/// `then` is `void(Result<Outcome, StoreError>)`. It runs exactly once, on `home`, never inside the call: after the
/// commit is durable, or after it is certain that the unit did not take place. Continuations of one executor come in
/// the order of the commits. `home` must outlive the store's stop().
class Store {
 public:
  virtual ~Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  template <UnitWork Work, std::invocable<Result<OutcomeOf<Work>, StoreError>> Then>
  void transact(Executor& home, Work work, Then then) {
    submit_write(std::make_unique<UnitOf<Work, Then>>(&home, std::move(work), std::move(then), "store.commit"));
  }

  /// The same on a snapshot that only reads: it sees every commit that was answered before the call, waits for no
  /// writer and makes none wait. Tx::exec in it is a bug.
  template <UnitWork Work, std::invocable<Result<OutcomeOf<Work>, StoreError>> Then>
  void read(Executor& home, Work work, Then then) {
    submit_read(std::make_unique<UnitOf<Work, Then>>(&home, std::move(work), std::move(then), "store.read"));
  }

  /// The same, blocking the calling thread: for start-up, the command line, tests and the simulation. Never on an I/O
  /// thread, and never from inside a work or a continuation.
  template <UnitWork Work>
  Result<OutcomeOf<Work>, StoreError> transact_now(Work work) {
    return wait_for<OutcomeOf<Work>>([&](auto then) {
      submit_write(std::make_unique<UnitOf<Work, decltype(then)>>(nullptr, std::move(work), then, "store.commit"));
    });
  }

  template <UnitWork Work>
  Result<OutcomeOf<Work>, StoreError> read_now(Work work) {
    return wait_for<OutcomeOf<Work>>([&](auto then) {
      submit_read(std::make_unique<UnitOf<Work, decltype(then)>>(nullptr, std::move(work), then, "store.read"));
    });
  }

  /// Does what is queued, answers it, and ends. Blocks until then; later calls answer kShutDown. The destructor of
  /// each engine does it too.
  virtual void stop() = 0;

  [[nodiscard]] virtual StoreStats stats() const = 0;

 protected:
  Store() = default;

  /// Takes the unit, or fails it at once and still finishes it on its home.
  virtual void submit_write(std::unique_ptr<Unit> unit) = 0;
  virtual void submit_read(std::unique_ptr<Unit> unit) = 0;
};

}  // namespace countersign::store
