#pragma once

#include "store/sqlite/connection.h"
#include "store/tx.h"

namespace countersign::store::sqlite {

/// Tx on an SQLite connection with an open transaction. One object serves one unit.
class Tx final : public store::Tx {
 public:
  /// The unit may only read; write; or write behind a savepoint, so that it can be rolled back alone.
  enum class Mode { kRead, kWrite, kWriteBehindSavepoint };

  /// `share` is empty for kRead.
  Tx(Connection& connection, Mode mode, Share share = {}) : connection_(connection), mode_(mode), share_(share) {}

  std::int64_t exec(const Sql& sql, std::initializer_list<Param> params) override;
  bool one(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const store::Row&)> read) override;
  void all(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const store::Row&)> read) override;
  [[nodiscard]] Share share() override { return share_; }
  void script(std::string_view statements) override;
  [[nodiscard]] Space space() override;
  void give_back(std::int64_t pages) override;
  void abandon() override { abandoned_ = true; }

  [[nodiscard]] bool abandoned() const override { return abandoned_; }
  [[nodiscard]] std::uint64_t statements() const { return statements_; }

  /// Ends the unit with its writes, or without them. False if there are some and no savepoint: then only the whole
  /// transaction can be rolled back. Only while the transaction is open.
  void keep_writes();
  [[nodiscard]] bool undo_writes();

 private:
  sqlite3_stmt* start(const Sql& sql, std::initializer_list<Param> params);
  void before_write();

  Connection& connection_;
  Mode mode_;
  Share share_;
  std::uint64_t statements_ = 0;
  bool written_ = false;
  bool abandoned_ = false;
};

}  // namespace countersign::store::sqlite
