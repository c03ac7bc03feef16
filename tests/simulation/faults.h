#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <thread>

#include "store/error.h"
#include "store/tx.h"

namespace countersign::simulation {

/// Breaks a unit of work at its n-th statement with that error, in every run of the unit.
struct Breakage {
  int at_statement = 0;
  store::StoreError::Code code = store::StoreError::Code::kUnavailable;
};

/// Holds a node up before a unit's n-th statement, so that another's come in between.
struct Delay {
  int at_statement = 0;
  std::chrono::microseconds length{};
};

/// A transaction whose database is slow, or fails in the middle.
class BreakingTx final : public store::Tx {
 public:
  BreakingTx(store::Tx& tx, std::optional<Breakage> breakage, std::optional<Delay> delay = {})
      : tx_(tx), breakage_(breakage), delay_(delay) {}

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
  [[nodiscard]] bool take(std::span<const store::Key> keys) override { return tx_.take(keys); }
  void will_take(store::Named what, std::string_view account, std::string_view id) override {
    tx_.will_take(what, account, id);
  }
  void alone() override { tx_.alone(); }
  [[nodiscard]] bool is_shared() const override { return tx_.is_shared(); }
  void latch(const store::Key& key) override { tx_.latch(key); }
  void unlatch(const store::Key& key) override { tx_.unlatch(key); }
  void begin_beside() override { tx_.begin_beside(); }
  void end_beside() override { tx_.end_beside(); }
  void abandon() override { tx_.abandon(); }
  [[nodiscard]] bool abandoned() const override { return tx_.abandoned(); }
  /// What the unit wants to hear of its end; once it has run.
  void pass_on_tells() {
    for (auto& [tell, even_abandoned] : take_tells()) {
      if (even_abandoned)
        tx_.when_answered(std::move(tell));
      else
        tx_.when_durable(std::move(tell));
    }
  }

 private:
  void count() {
    ++statements_;
    if (delay_ && statements_ == delay_->at_statement) std::this_thread::sleep_for(delay_->length);
    if (breakage_ && statements_ >= breakage_->at_statement)
      throw store::StoreFailure({breakage_->code, "the simulated disk gave up"});
  }

  store::Tx& tx_;
  std::optional<Breakage> breakage_;
  std::optional<Delay> delay_;
  int statements_ = 0;
};

}  // namespace countersign::simulation
