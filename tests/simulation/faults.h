#pragma once

#include <optional>
#include <string_view>

#include "store/error.h"
#include "store/tx.h"

namespace countersign::simulation {

/// Breaks a unit of work at its n-th statement with that error, in every run of the unit.
struct Breakage {
  int at_statement = 0;
  store::StoreError::Code code = store::StoreError::Code::kUnavailable;
};

/// A transaction whose database fails in the middle.
class BreakingTx final : public store::Tx {
 public:
  BreakingTx(store::Tx& tx, std::optional<Breakage> breakage) : tx_(tx), breakage_(breakage) {}

  std::int64_t exec(const store::Sql& sql, std::initializer_list<store::Param> params) override {
    count();
    return tx_.exec(sql, params);
  }
  void put(const store::Sql& sql, std::initializer_list<store::Param> params) override {
    count();
    tx_.put(sql, params);
  }
  bool one(const store::Sql& sql, std::initializer_list<store::Param> params,
           FunctionRef<void(const store::Row&)> read) override {
    count();
    return tx_.one(sql, params, read);
  }
  void all(const store::Sql& sql, std::initializer_list<store::Param> params,
           FunctionRef<void(const store::Row&)> read) override {
    count();
    tx_.all(sql, params, read);
  }
  [[nodiscard]] store::Share share() override { return tx_.share(); }
  void script(std::string_view statements) override { tx_.script(statements); }
  void abandon() override { tx_.abandon(); }
  [[nodiscard]] bool abandoned() const override { return tx_.abandoned(); }

 private:
  void count() {
    if (breakage_ && ++statements_ >= breakage_->at_statement)
      throw store::StoreFailure({breakage_->code, "the simulated disk gave up"});
  }

  store::Tx& tx_;
  std::optional<Breakage> breakage_;
  int statements_ = 0;
};

}  // namespace countersign::simulation
