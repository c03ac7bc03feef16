#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/executor.h"
#include "base/function_ref.h"
#include "base/result.h"
#include "store/error.h"
#include "store/store_watch.h"
#include "store/tx.h"
#include "store/unit.h"

namespace countersign::store {

/// What a unit does: it is given the transaction and answers some outcome (Done, if there is nothing to say).
template <class Body>
concept UnitBody = std::invocable<const Body&, Tx&> && !std::is_void_v<std::invoke_result_t<const Body&, Tx&>> &&
                   std::move_constructible<Body>;

template <UnitBody Body>
using OutcomeOf = std::invoke_result_t<const Body&, Tx&>;

/// Counted since the store was opened.
struct StoreStats {
  std::uint64_t units = 0;               ///< Writing units that were run and answered, with any result.
  std::uint64_t commits = 0;             ///< Commits that succeeded; units / commits is the mean size of a batch.
  std::uint64_t failed_commits = 0;      ///< Transactions that failed as a whole.
  std::uint64_t repeated_batches = 0;    ///< Batches that ran twice, because a unit that had written was rolled back.
  std::uint64_t put_off = 0;             ///< PostgreSQL: units that had to wait for another node's commit.
  std::uint64_t statements = 0;          ///< Run for writing units, those of repeated ones included.
  std::uint64_t reads = 0;               ///< Reading units.
  std::uint64_t refused = 0;             ///< Units answered with kOverloaded.
  std::uint64_t failed_checkpoints = 0;  ///< SQLite: the log could not be moved into the database file.
  std::size_t queued = 0;                ///< Writing units that wait now.
  std::uint64_t conflicts = 0;         ///< PostgreSQL: transactions that conflicted with another node's (40001, 40P01).
  std::uint64_t reconnects = 0;        ///< PostgreSQL: connections after the first ones.
  std::uint64_t doubtful_commits = 0;  ///< PostgreSQL: unanswered commits; each was then looked up.
  std::uint64_t round_trips = 0;       ///< PostgreSQL: the writer's round trips to the database.
  std::uint64_t failed_reads = 0;      ///< Reading units that were answered with an error.
  /// Number of commits per bucket of StoreWatch::kBounds (not cumulative); the last is for longer ones.
  std::array<std::uint64_t, StoreWatch::kBounds.size() + 1> commit_times{};
  Duration commit_time{};  ///< Total of all commits.
  bool slow = false;       ///< A commit takes longer than 2 s, or one did within the last 5 s.
  bool damaged = false;    ///< The engine found the database damaged.
};

/// The database, with any engine. Thread-safe.
///
/// `body` is `Outcome(Tx&)`, callable while const. It runs on a thread of the store, inside one transaction (Tx), and
/// may run more than once (after a conflict, or because a neighbour in the same commit was undone); only its last run
/// counts. So it moves nothing out of its captures, which const sees to, and what it computes it
/// returns, or else assigns afresh in every run. An exception from it rolls back this unit alone and answers kFailed.
///
/// `then` is `void(Result<Outcome, StoreError>)`. It runs exactly once, on `home`, never inside the call: after the
/// commit is durable, or after it is certain that the unit failed. Continuations of one executor run in commit order.
/// `home` must outlive the store's stop().
class Store {
 public:
  virtual ~Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  template <UnitBody Body, std::invocable<Result<OutcomeOf<Body>, StoreError>> Then>
  void transact(Executor& home, Body body, Then then) {
    submit_write(std::make_unique<UnitOf<Body, Then>>(&home, std::move(body), std::move(then), "store.commit"));
  }

  /// The same on a snapshot that only reads: it sees every commit that was answered before the call, waits for no
  /// writer and makes none wait. Tx::exec in it is a bug.
  template <UnitBody Body, std::invocable<Result<OutcomeOf<Body>, StoreError>> Then>
  void read(Executor& home, Body body, Then then) {
    submit_read(std::make_unique<UnitOf<Body, Then>>(&home, std::move(body), std::move(then), "store.read"));
  }

  /// The same, blocking the calling thread: for start-up, the command line, tests and the simulation. Never on an I/O
  /// thread, and never from inside a unit or a continuation.
  template <UnitBody Body>
  Result<OutcomeOf<Body>, StoreError> transact_now(Body body) {
    return now(&Store::write_and_wait, body);
  }

  template <UnitBody Body>
  Result<OutcomeOf<Body>, StoreError> read_now(Body body) {
    return now(&Store::read_and_wait, body);
  }

  /// Runs and answers what is queued, then stops. Blocks until then; later calls get kShutDown. Each engine's
  /// destructor calls it.
  virtual void stop() = 0;

  [[nodiscard]] virtual StoreStats stats() const = 0;

 protected:
  Store() = default;

  /// Accepts the unit, or fails it at once and still finishes it on its home.
  virtual void submit_write(std::unique_ptr<Unit> unit) = 0;
  virtual void submit_read(std::unique_ptr<Unit> unit) = 0;

 private:
  // Runs it as a unit and blocks until it is durable; answers why not, if it failed. Not templates, so that a body
  // costs the compiler little more than itself.
  std::optional<StoreError> write_and_wait(FunctionRef<void(Tx&)> body);
  std::optional<StoreError> read_and_wait(FunctionRef<void(Tx&)> body);

  template <class Body>
  Result<OutcomeOf<Body>, StoreError> now(std::optional<StoreError> (Store::*run)(FunctionRef<void(Tx&)>),
                                          const Body& body) {
    std::optional<OutcomeOf<Body>> outcome;
    const auto work = [&outcome, &body](Tx& tx) { outcome.emplace(body(tx)); };
    if (auto failed = (this->*run)(work)) return fail(*std::move(failed));
    return *std::move(outcome);
  }
};

}  // namespace countersign::store
