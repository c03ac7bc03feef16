#include "store/sqlite/connection.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <mutex>

#include "base/check.h"
#include "store/dialect.h"
#include "store/placeholders.h"
#include "store/sqlite/memory.h"

namespace countersign::store::sqlite {

namespace {

StoreError::Code code_of(int sqlite_code, int system_errno) {
  switch (sqlite_code & 0xff) {
    case SQLITE_FULL:
      return StoreError::Code::kFull;
    case SQLITE_IOERR:  // SQLite says "full" for ENOSPC alone.
      return system_errno == EDQUOT || system_errno == EFBIG ? StoreError::Code::kFull : StoreError::Code::kUnavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return StoreError::Code::kDamaged;
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
      return StoreError::Code::kFailed;
    default:
      return StoreError::Code::kUnavailable;
  }
}

}  // namespace

void configure_sqlite() {
  static std::once_flag once;
  std::call_once(once, [] {
    // Its memory statistics take a global mutex at every allocation, and nobody reads them.
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    keep_free_blocks();
    // What a savepoint saves stays in memory: no page of the database in a temporary file.
    sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
  });
}

void Connection::CloseDb::operator()(sqlite3* db) const { sqlite3_close(db); }
void Connection::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Connection::Connection(const std::string& path, Access access, int cache_kib, const std::string& vfs) {
  configure_sqlite();
  const int mode = access == Access::kWrite ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &db, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                                   vfs.empty() ? nullptr : vfs.c_str());
  db_.reset(db);
  if (code != SQLITE_OK) fail(code);

  sqlite3_busy_timeout(db, kBusyTimeoutMs);
  // Checkpoints are the writer's alone: see Writer.
  sqlite3_wal_autocheckpoint(db, 0);
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, access == Access::kRead ? 1 : 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // "x" is a column and never, by mistake, a text.
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  run_once(
      fmt::format("PRAGMA cache_size = -{}; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;"
                  "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON;"
                  "PRAGMA secure_delete = ON; PRAGMA synchronous = FULL;",
                  cache_kib));
}

sqlite3_stmt* Connection::prepared(const Sql& sql, std::initializer_list<Param> params) {
  if (sql.number() >= statements_.size()) statements_.resize(sql.number() + 1);
  auto& statement = statements_[sql.number()];
  if (!statement) {
    const std::string text = render(sql, sqlite_tokens());
    check_values(text, params);
    sqlite3_stmt* made = nullptr;
    const int code = sqlite3_prepare_v3(db_.get(), text.data(), static_cast<int>(text.size()),
                                        SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    if (code != SQLITE_OK) fail(code);
    CS_CHECK(made != nullptr);
    statement.reset(made);
  }
  CS_CHECK(sqlite3_stmt_busy(statement.get()) == 0);
  return statement.get();
}

void Connection::run(const Sql& sql) {
  sqlite3_stmt* const statement = prepared(sql, {});
  const int code = sqlite3_step(statement);
  sqlite3_reset(statement);
  if (code != SQLITE_DONE) fail(code);
}

void Connection::run_once(const std::string& statements) {
  const int code = sqlite3_exec(db_.get(), statements.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

std::string Connection::query_once(const std::string& statement) {
  sqlite3_stmt* made = nullptr;
  int code = sqlite3_prepare_v2(db_.get(), statement.c_str(), -1, &made, nullptr);
  const std::unique_ptr<sqlite3_stmt, Finalize> query(made);
  if (code != SQLITE_OK) fail(code);
  code = sqlite3_step(made);
  if (code == SQLITE_DONE) return {};
  if (code != SQLITE_ROW) fail(code);
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(made, 0));
  return text == nullptr ? std::string() : std::string(text);
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }

void Connection::roll_back() noexcept {
  if (in_transaction()) sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Connection::fail(int code) const {
  const int system_errno = db_ ? sqlite3_system_errno(db_.get()) : 0;
  const char* const message = db_ ? sqlite3_errmsg(db_.get()) : sqlite3_errstr(code);
  throw StoreFailure({code_of(code, system_errno), fmt::format("SQLite error {}: {}", code, message)});
}

}  // namespace countersign::store::sqlite
