#include "store/sqlite/writer.h"

#include <sqlite3.h>

#include <utility>

#include "base/check.h"
#include "store/attempt.h"

namespace countersign::store::sqlite {

namespace {

constexpr Sql kBeginWrite{"BEGIN IMMEDIATE"};
constexpr Sql kCommit{"COMMIT"};

std::string file_of(sqlite3* database) {
  const char* const path = sqlite3_db_filename(database, "main");
  return path == nullptr ? std::string() : std::string(path);
}

}  // namespace

Writer::Writer(Connection& connection, StoreWatch* watch)
    : connection_(connection), watch_(watch), files_(file_of(connection.handle())) {
  sqlite3_wal_hook(
      connection_.handle(),
      [](void* log_pages, sqlite3*, const char*, int pages) {
        *static_cast<int*>(log_pages) = pages;
        return SQLITE_OK;
      },
      &log_pages_);
}

void Writer::run_batch(std::span<const std::unique_ptr<Unit>> batch) {
  using enum Tx::Mode;
  counters_.units += batch.size();
  log_used_ = true;
  try {
    const bool careful = careful_batches_ > 0;
    if (careful) --careful_batches_;
    if (!try_batch(batch, careful ? kWriteBehindSavepoint : kWrite)) {
      ++counters_.repeated_batches;
      careful_batches_ = kCarefulBatches;
      CS_CHECK(try_batch(batch, kWriteBehindSavepoint));
    }
    ++counters_.commits;
  } catch (const StoreFailure& failure) {
    connection_.roll_back();
    ++counters_.failed_commits;
    failed(failure.error);
    for (const auto& unit : batch) unit->fail(failure.error);
  }
}

bool Writer::try_batch(Batch batch, Tx::Mode mode) {
  connection_.run(kBeginWrite);
  SharedParts parts;
  UnitNumber number = 0;
  for (const auto& unit : batch) {
    if (run_unit(*unit, mode, {&parts, number++})) continue;
    connection_.roll_back();
    return batch.size() == 1;  // Nobody else to save: a transaction that holds nothing is what was wanted.
  }
  Tx rest(connection_, Tx::Mode::kWrite, {&parts, number});
  parts.write(rest);
  counters_.statements += rest.statements();
  if (auto missing = files_.missing()) throw StoreFailure({StoreError::Code::kUnavailable, *std::move(missing)});
  connection_.run(kCommit);
  parts.committed();
  return true;
}

void Writer::failed(const StoreError& error) {
  if (watch_ != nullptr) watch_->write_failed(error);
}

bool Writer::run_unit(Unit& unit, Tx::Mode mode, Share share) {
  Tx tx(connection_, mode, share);
  const auto error = attempt([&] { unit.run(tx); });
  counters_.statements += tx.statements();
  // A full disk, an I/O error or want of memory can make SQLite roll back everything, earlier units included.
  if (!connection_.in_transaction()) {
    throw StoreFailure(error.value_or(StoreError{StoreError::Code::kUnavailable, "the transaction was rolled back"}));
  }
  if (error) {
    failed(*error);
    unit.fail(*error);
  }
  if (error || tx.abandoned()) {
    share.parts->undo(share.unit);
    return tx.undo_writes();
  }
  tx.keep_writes();
  return true;
}

void Writer::checkpoint_if_grown(int pages) {
  // The log starts again from its beginning once all of it is checkpointed and nobody reads from it.
  if (log_pages_ < pages_checkpointed_) pages_checkpointed_ = 0;
  if (log_pages_ - pages_checkpointed_ < pages) return;
  int length = 0;
  int moved = 0;
  const int code = sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &length, &moved);
  if (code != SQLITE_OK && code != SQLITE_BUSY) ++counters_.failed_checkpoints;
  pages_checkpointed_ = log_pages_;
}

void Writer::checkpoint_and_empty_log() {
  sqlite3_busy_timeout(connection_.handle(), 0);
  const int code =
      sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(connection_.handle(), Connection::kBusyTimeoutMs);
  if (code != SQLITE_OK && code != SQLITE_BUSY) ++counters_.failed_checkpoints;
  if (code != SQLITE_OK) return;
  log_used_ = false;
  log_pages_ = 0;
  pages_checkpointed_ = 0;
}

}  // namespace countersign::store::sqlite
