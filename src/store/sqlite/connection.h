#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/error.h"
#include "store/param.h"
#include "store/sql.h"

struct sqlite3;
struct sqlite3_stmt;

namespace countersign::store::sqlite {

/// Settings of the whole process, which SQLite takes only before its first use. Connections make them; so does whoever
/// uses SQLite before it has one.
void configure_sqlite();

/// One connection to an SQLite database with its prepared statements. Used by one thread at a time. Every call throws
/// StoreFailure when SQLite reports an error.
class Connection {
 public:
  enum class Access { kRead, kWrite };

  /// How long a call waits for a lock: no other process should use the file, but an operator's shell may hold it
  /// briefly.
  static constexpr int kBusyTimeoutMs = 1000;

  /// `path` may be `:memory:`. The file must exist.
  Connection(const std::string& path, Access access, int cache_kib, const std::string& vfs);

  /// The statement, prepared at its first use, which checks the names of `params`; binds nothing. Requesting one that
  /// is still being stepped is a bug.
  [[nodiscard]] sqlite3_stmt* prepared(const Sql& sql, std::initializer_list<Param> params);

  /// Runs a prepared statement without parameters or rows.
  void run(const Sql& sql);
  /// Runs statements not worth preparing.
  void run_once(const std::string& statements);
  /// The first column of the first row, as text; empty if there is none.
  [[nodiscard]] std::string query_once(const std::string& statement);

  /// Also false after SQLite rolled a transaction back by itself, as it does for some errors.
  [[nodiscard]] bool in_transaction() const;
  /// Rolls back if a transaction is open. Never throws: after a failure in_transaction() is unchanged.
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

}  // namespace countersign::store::sqlite
