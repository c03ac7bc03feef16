#pragma once

#include "store/postgres/side_by_side.h"
#include "store/postgres/transaction.h"
#include "store/tx.h"

namespace countersign::store::postgres {

/// Tx on an open Transaction. One object serves one unit.
class Tx final : public store::Tx {
 public:
  /// The unit may only read; write; or write behind a savepoint, so that it can be rolled back alone.
  enum class Mode { kRead, kWrite, kWriteBehindSavepoint };

  /// `share` is empty for kRead. `strand`: of a unit that runs beside others, which is not behind a savepoint.
  Tx(Transaction& transaction, Mode mode, Share share = {}, Strand* strand = nullptr)
      : transaction_(transaction), mode_(mode), share_(share), strand_(strand) {}

  std::int64_t exec(const Sql& sql, std::initializer_list<Param> params) override;
  void put(const Sql& sql, std::initializer_list<Param> params) override;
  bool one(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const store::Row&)> read) override;
  void all(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const store::Row&)> read) override;
  [[nodiscard]] Share share() override {
    if (strand_ != nullptr) strand_->touch();
    return share_;
  }
  void script(std::string_view statements) override;
  [[nodiscard]] bool take(std::span<const Key> keys) override { return strand_ == nullptr || strand_->take(keys); }
  void will_take(Named what, std::string_view account, std::string_view id) override {
    if (strand_ != nullptr) strand_->will_take(what, account, id);
  }
  [[nodiscard]] bool is_shared() const override { return transaction_.is_beside_nodes(); }
  void latch(const Key& key) override {
    if (strand_ != nullptr) strand_->latch(key);
  }
  void unlatch(const Key& key) override {
    if (strand_ != nullptr) strand_->unlatch(key);
  }
  void alone() override {
    if (strand_ != nullptr) strand_->alone();
  }
  void begin_beside() override {
    if (strand_ != nullptr) strand_->begin_beside();
  }
  void end_beside() override {
    if (strand_ != nullptr) strand_->end_beside();
  }
  void abandon() override { abandoned_ = true; }

  [[nodiscard]] bool abandoned() const override { return abandoned_; }
  [[nodiscard]] std::uint64_t statements() const { return statements_; }
  /// Whether there is something to roll back.
  [[nodiscard]] bool written() const { return written_; }
  /// Whether the unit can be rolled back alone, even after a failed statement.
  [[nodiscard]] bool has_savepoint() const { return has_savepoint_; }

  /// Ends the unit: keeps its writes after waiting for every answer, or rolls them back. Behind a savepoint.
  void keep_writes();
  void undo_writes();

 private:
  void before(const Sql& sql);
  QueryResult get(const Sql& sql, std::initializer_list<Param> params);

  Transaction& transaction_;
  Mode mode_;
  Share share_;
  Strand* strand_;
  std::uint64_t statements_ = 0;
  bool has_savepoint_ = false;
  bool written_ = false;
  bool abandoned_ = false;
};

}  // namespace countersign::store::postgres
