#pragma once

#include "store/sqlite/connection.h"
#include "store/tx.h"

namespace countersign::store {

/// Tx on an SQLite connection on which a transaction is open. One object serves one unit.
class SqliteTx final : public Tx {
 public:
  /// What the unit may do: only look; write; or write behind a savepoint, so that it can be undone by itself.
  enum class Mode { kRead, kWrite, kWriteBehindSavepoint };

  SqliteTx(Connection& connection, Mode mode) : connection_(connection), mode_(mode) {}

  std::int64_t exec(const Sql& sql, std::initializer_list<Param> params) override;
  bool one(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const Row&)> read) override;
  void all(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const Row&)> read) override;
  void script(std::string_view statements) override;
  [[nodiscard]] Space space() override;
  void give_back(std::int64_t pages) override;
  void abandon() override { abandoned_ = true; }

  [[nodiscard]] bool abandoned() const override { return abandoned_; }

  /// Ends the unit with its writes, or without them. False if there are some and no savepoint: then only the whole
  /// transaction can be rolled back. Only while the transaction is open.
  void keep_writes();
  [[nodiscard]] bool undo_writes();

 private:
  sqlite3_stmt* start(const Sql& sql, std::initializer_list<Param> params);
  void before_write();

  Connection& connection_;
  Mode mode_;
  bool written_ = false;
  bool abandoned_ = false;
};

}  // namespace countersign::store
