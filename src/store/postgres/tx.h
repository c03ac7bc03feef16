#pragma once

#include "store/postgres/transaction.h"
#include "store/tx.h"

namespace countersign::store {

/// Tx on an open PgTransaction. One object serves one unit.
class PgTx final : public Tx {
 public:
  /// What the unit may do: only look; write; or write behind a savepoint, so that it can be undone by itself.
  enum class Mode { kRead, kWrite, kWriteBehindSavepoint };

  PgTx(PgTransaction& transaction, Mode mode) : transaction_(transaction), mode_(mode) {}

  std::int64_t exec(const Sql& sql, std::initializer_list<Param> params) override;
  void put(const Sql& sql, std::initializer_list<Param> params) override;
  bool one(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const Row&)> read) override;
  void all(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const Row&)> read) override;
  void script(std::string_view statements) override;
  void abandon() override { abandoned_ = true; }

  [[nodiscard]] bool abandoned() const override { return abandoned_; }
  /// Whether there is something to undo.
  [[nodiscard]] bool written() const { return written_; }
  /// Whether the unit can be undone by itself, also after a failed statement.
  [[nodiscard]] bool has_savepoint() const { return has_savepoint_; }

  /// Ends the unit with its writes, for which every answer is waited for, or without them. Behind a savepoint.
  void keep_writes();
  void undo_writes();

 private:
  void before(const Sql& sql);

  PgTransaction& transaction_;
  Mode mode_;
  bool has_savepoint_ = false;
  bool written_ = false;
  bool abandoned_ = false;
};

}  // namespace countersign::store
