#include "store/postgres/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/check.h"
#include "store/attempt.h"

namespace countersign::store {

namespace {

using Kind = PgFailure::Kind;

/// A batch that has lost so often is run unit by unit; a unit that has lost so often is given up.
constexpr int kBatchConflictsMax = 4;
constexpr int kUnitConflictsMax = 40;
constexpr Duration kConflictPause = std::chrono::milliseconds(1);
constexpr std::size_t kMarkerSize = 16;
constexpr int kPreparationsMax = 5;
constexpr std::string_view kLockTimeout = "55P03";
constexpr Duration kTellAgain = std::chrono::seconds(10);

}  // namespace

PgWriter::PgWriter(PgSurroundings& surroundings)
    : surroundings_(surroundings), session_(surroundings), marker_(surroundings.random.bytes(kMarkerSize)) {}

void PgWriter::prepare() {
  PgConnection& connection = session_.get();
  for (int attempts = 1;; ++attempts) {
    try {
      return commit_markers::prepare(connection);
    } catch (const StoreFailure&) {
      // Another node that starts at the same instant makes the same table.
      if (!connection.failure() || attempts == kPreparationsMax) throw;
      connection.recover();
    }
  }
}

void PgWriter::run_batch(Batch batch) {
  counters_.units += batch.size();
  run(batch, surroundings_.clock.monotonic() + surroundings_.retry_for);
}

void PgWriter::run(Batch batch, MonotonicTime conflicts_end) {
  Patience patience(surroundings_, away_);
  const int conflicts_max = batch.size() == 1 ? kUnitConflictsMax : kBatchConflictsMax;
  int conflicts = 0;
  while (true) {
    const auto failure = attempt_batch(batch);
    if (!failure) {
      away_ = false;
      ++counters_.commits;
      return;
    }
    switch (failure->kind) {
      case Kind::kStatement:
        return fail_all(batch, failure->error);
      case Kind::kConflict:
        ++counters_.conflicts;
        tell_who_locks(*failure);
        if (surroundings_.clock.monotonic() >= conflicts_end) return fail_all(batch, failure->error);
        if (++conflicts <= conflicts_max) {
          surroundings_.halt.pause(surroundings_.jittered(kConflictPause * (1 << std::min(conflicts, 7))));
          break;
        }
        return batch.size() == 1 || doubt_ ? fail_all(batch, failure->error) : run_one_by_one(batch, conflicts_end);
      case Kind::kLost:
        session_.drop();
        if (!patience.wait()) return fail_all(batch, failure->error);
    }
  }
}

void PgWriter::run_one_by_one(Batch batch, MonotonicTime conflicts_end) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (surroundings_.clock.monotonic() >= conflicts_end) {
      // Their callers have given up by now, and those behind them wait.
      return fail_all(batch.subspan(i), {StoreError::Code::kConflict, "PostgreSQL: too many conflicts for too long"});
    }
    run(batch.subspan(i, 1), conflicts_end);
  }
}

void PgWriter::fail_all(Batch batch, StoreError error) {
  ++counters_.failed_commits;
  if (doubt_) error = {StoreError::Code::kUnknown, error.detail + "; a commit was under way"};
  doubt_.reset();
  surroundings_.watch.write_failed(error);
  for (const auto& unit : batch) unit->fail(error);
}

/// Somebody's open transaction, an operator's say, can hold up all nodes; only the database knows whose.
void PgWriter::tell_who_locks(const PgFailure& failure) {
  // Servers' own sessions hold locks all the time, and by their name are told apart. What they run, and since when,
  // only a superuser may see.
  static const Sql kHolders{
      "SELECT coalesce(string_agg(DISTINCT 'process ' || a.pid || ' (' || a.usename || ', ' ||"
      " coalesce(nullif(a.application_name, ''), 'unnamed') || ')', ', '), '')"
      " FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid JOIN pg_class c ON c.oid = l.relation"
      " WHERE l.granted AND c.relnamespace = current_schema()::regnamespace"
      " AND l.mode NOT IN ('AccessShareLock', 'SIReadLock') AND a.datname = current_database()"
      " AND a.pid <> pg_backend_pid() AND a.application_name <> current_setting('application_name')"};
  const MonotonicTime now = surroundings_.clock.monotonic();
  const bool is_lock = failure.error.detail.find(kLockTimeout) != std::string::npos;
  if (!is_lock || !surroundings_.log || now < tell_again_) return;
  tell_again_ = now + kTellAgain;
  try {
    PgConnection& connection = session_.get();
    const PgResult result = connection.get(kHolders, {});
    connection.end_segment();
    connection.settle();
    const std::string holders = PgRow(result.get(), 0).string(0);
    surroundings_.log(holders.empty()
                          ? "writing waits for a lock, and by now nobody else's session holds one"
                          : fmt::format("writing waits for a lock; open transactions that hold some: {}", holders));
  } catch (const StoreFailure&) {
    // What happened to the connection shows at the next attempt.
  }
}

std::optional<PgFailure> PgWriter::attempt_batch(Batch batch) {
  try {
    PgConnection& connection = session_.get();
    const std::uint64_t round_trips_before = connection.round_trips();
    if (took_place_before(connection)) return std::nullopt;
    const bool careful = careful_batches_ > 0;
    if (careful) --careful_batches_;
    if (try_batch(connection, batch, careful ? PgTx::Mode::kWriteBehindSavepoint : PgTx::Mode::kWrite) ==
        Tried::kMustBeCareful) {
      ++counters_.repeated_batches;
      careful_batches_ = kCarefulBatches;
      CS_CHECK(try_batch(connection, batch, PgTx::Mode::kWriteBehindSavepoint) == Tried::kDone);
    }
    counters_.round_trips += connection.round_trips() - round_trips_before;
    return std::nullopt;
  } catch (const StoreFailure& failure) {
    return end_failed(failure.error);
  }
}

PgFailure PgWriter::end_failed(const StoreError& error) {
  PgConnection* const connection = session_.known();
  if (connection == nullptr || !connection->failure()) return {Kind::kLost, error};  // There is no connection yet.
  const PgFailure failure = *connection->failure();
  try {
    if (failure.kind == Kind::kLost) {
      if (transaction_ && transaction_->in_doubt()) doubt_ = last_number_;
    } else if (transaction_) {
      transaction_->roll_back();
    } else {
      connection->recover();
    }
  } catch (const StoreFailure& lost) {
    return {Kind::kLost, lost.error};
  }
  return failure;
}

/// Whether the commit that was not answered was a commit all the same.
bool PgWriter::took_place_before(PgConnection& connection) {
  transaction_.reset();
  if (!doubt_) return false;
  ++counters_.doubtful_commits;
  const bool took_place = commit_markers::last_commit(connection, marker_) == *doubt_;
  doubt_.reset();
  return took_place;
}

PgWriter::Tried PgWriter::try_batch(PgConnection& connection, Batch batch, PgTx::Mode mode) {
  const bool careful = mode == PgTx::Mode::kWriteBehindSavepoint;
  transaction_.emplace(connection,
                       surroundings_.turns ? PgTransaction::Kind::kWriteInOurTurn : PgTransaction::Kind::kWrite,
                       marker_, ++last_number_);
  for (const auto& unit : batch) {
    if (run_unit(*unit, mode)) continue;
    transaction_->roll_back();
    // With nobody else to save, a transaction that holds nothing is what was wanted.
    return batch.size() == 1 ? Tried::kDone : Tried::kMustBeCareful;
  }
  try {
    transaction_->commit();
  } catch (const StoreFailure&) {
    // A statement that nobody waited for has failed; whose it was will show.
    if (careful || batch.size() == 1 || connection.failure()->kind != Kind::kStatement) throw;
    transaction_->roll_back();
    return Tried::kMustBeCareful;
  }
  return Tried::kDone;
}

/// False if only the whole transaction can undo what is to be undone.
bool PgWriter::run_unit(Unit& unit, PgTx::Mode mode) {
  PgConnection& connection = transaction_->connection();
  PgTx tx(*transaction_, mode);
  auto error = attempt([&] {
    unit.run(tx);
    if (!tx.abandoned()) tx.keep_writes();
  });
  if (connection.failure()) {
    error = connection.failure()->error;
    if (connection.failure()->kind != Kind::kStatement) throw StoreFailure(*error);
  }
  if (error) {
    surroundings_.watch.write_failed(*error);
    unit.fail(*error);
  }
  if (!error && !tx.abandoned()) return true;
  if (tx.has_savepoint()) tx.undo_writes();
  return tx.has_savepoint() || !(tx.written() || connection.failure());
}

}  // namespace countersign::store
