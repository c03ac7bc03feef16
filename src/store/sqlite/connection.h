#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/error.h"
#include "store/sql.h"

struct sqlite3;
struct sqlite3_stmt;

namespace countersign::store {

/// One connection to an SQLite database with its prepared statements. Used by one thread at a time.
/// Every call throws StoreFailure when SQLite reports an error.
class Connection {
 public:
  enum class Access { kRead, kWrite };

  /// How long a call waits for a lock: another process has no business in the file, but an operator's shell may hold
  /// it for a moment.
  static constexpr int kBusyTimeoutMs = 1000;

  /// `path` may be `:memory:`. The file must exist.
  Connection(const std::string& path, Access access, int cache_kib, const std::string& vfs);

  /// The statement of that number, prepared at its first use, ready to be bound. It is a bug to ask for one that is
  /// still being stepped.
  [[nodiscard]] sqlite3_stmt* prepared(const Sql& sql);

  /// Runs a prepared statement without parameters or rows.
  void run(const Sql& sql);
  /// Runs statements that are not worth keeping.
  void run_once(const std::string& statements);
  /// The first column of the first row, as text; empty if there is none.
  [[nodiscard]] std::string query_once(const std::string& statement);

  /// False also after SQLite has rolled a transaction back of its own accord, as it does for some errors.
  [[nodiscard]] bool in_transaction() const;
  /// Rolls back if a transaction is open. Never throws: what can go wrong leaves in_transaction() as it is.
  void roll_back() noexcept;

  [[nodiscard]] sqlite3* handle() const { return db_.get(); }
  [[noreturn]] void fail(int code) const;

 private:
  struct CloseDb {
    void operator()(sqlite3* db) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  std::unique_ptr<sqlite3, CloseDb> db_;
  std::vector<std::unique_ptr<sqlite3_stmt, Finalize>>
      statements_;  // By Sql::number(); after db_, so closed before it.
};

}  // namespace countersign::store
