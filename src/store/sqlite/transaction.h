#pragma once

#include "store/sqlite/connection.h"
#include "store/tx.h"

namespace countersign::store {

/// Tx on an SQLite connection on which a transaction is open. One object serves one unit.
class SqliteTx final : public Tx {
 public:
  SqliteTx(Connection& connection, Connection::Access access) : connection_(connection), access_(access) {}

  std::int64_t exec(const Sql& sql, std::initializer_list<Param> params) override;
  bool one(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const Row&)> read) override;
  void all(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const Row&)> read) override;
  void script(std::string_view statements) override;
  void abandon() override { abandoned_ = true; }

  [[nodiscard]] bool abandoned() const { return abandoned_; }

  /// Ends the unit, with its writes or without them. Only while the transaction is open.
  void keep_writes();
  void undo_writes();

 private:
  sqlite3_stmt* start(const Sql& sql, std::initializer_list<Param> params);
  void before_write();

  Connection& connection_;
  Connection::Access access_;
  bool savepoint_open_ = false;
  bool abandoned_ = false;
};

}  // namespace countersign::store
