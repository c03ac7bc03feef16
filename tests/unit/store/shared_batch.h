#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "store/migrations/migrations.h"
#include "store/postgres/connection.h"
#include "store/postgres/postgres_store.h"
#include "store/tx.h"
#include "support/fake_time.h"
#include "support/patient_options.h"
#include "support/postgres_cluster.h"

namespace countersign::store {

/// A batch of one node beside those of others: a transaction on a connection of its own, which isolates it from the
/// others as little as the writers' (READ COMMITTED). Its units run by calls, in any order.
class SharedBatch {
 public:
  /// A slow machine has a transaction open for as long as it needs.
  static constexpr postgres::Deadlines kFar{std::chrono::minutes(5), std::chrono::minutes(10), std::chrono::minutes(5),
                                            std::chrono::minutes(10)};

  explicit SharedBatch(const std::string& url)
      : connection_(*ConnectionString::parse(SecretString(url)), kFar, system_clock(), {}) {
    connection_.put("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
  }

  /// A unit of it.
  class Unit final : public Tx {
   public:
    Unit(SharedBatch& batch, UnitNumber number) : batch_(batch), number_(number) {}
    std::int64_t exec(const Sql& sql, std::initializer_list<Param> params) override {
      return postgres::changed_rows(batch_.connection_.get(sql, params).get());
    }
    void put(const Sql& sql, std::initializer_list<Param> params) override { batch_.connection_.put(sql, params); }
    bool one(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const Row&)> read) override {
      const auto result = batch_.connection_.get(sql, params);
      if (postgres::row_count(result.get()) == 0) return false;
      read(postgres::Row(result.get(), 0));
      return true;
    }
    void all(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const Row&)> read) override {
      const auto result = batch_.connection_.get(sql, params);
      for (int row = 0; row < postgres::row_count(result.get()); ++row) read(postgres::Row(result.get(), row));
    }
    Share share() override { return {&batch_.parts_, number_}; }
    [[nodiscard]] bool is_shared() const override { return true; }
    void script(std::string_view) override {}
    void abandon() override {}
    [[nodiscard]] bool abandoned() const override { return false; }

   private:
    SharedBatch& batch_;
    UnitNumber number_;
  };

  [[nodiscard]] Unit unit(UnitNumber number = 0) { return {*this, number}; }
  void undo(UnitNumber number) { parts_.undo(number); }

  /// Writes what its units share, and waits until the server has done so.
  void write() {
    Unit rest(*this, 1000);
    parts_.write(rest);
    connection_.settle();
  }
  /// Writes it and commits, in one go. The failure, if it ended in nothing.
  std::optional<postgres::Failure> end() {
    try {
      Unit rest(*this, 1000);
      if (!written_) parts_.write(rest);
      written_ = true;
      connection_.put("COMMIT");
      connection_.end_segment();
      connection_.settle();
      return std::nullopt;
    } catch (const StoreFailure&) {
      auto failure = connection_.failure();
      connection_.recover();
      connection_.put("ROLLBACK");
      connection_.end_segment();
      connection_.settle();
      return failure;
    }
  }
  /// After write().
  void commit() {
    written_ = true;
    EXPECT_FALSE(end());
  }

 private:
  postgres::Connection connection_;
  SharedParts parts_;
  bool written_ = false;
};

inline AccountId new_account() {
  static testing::SeededRandom random;
  AccountId account;
  random.fill(account.id.raw);
  return account;
}

/// A database with the tables of the product, for batches of several nodes.
class SharedDatabase : public ::testing::Test {
 protected:
  SharedDatabase() {
    auto opened = open_postgres(testing::patient_options(url_));
    EXPECT_TRUE(opened) << opened.error().detail;
    store_ = std::move(opened).value();
    EXPECT_TRUE(migrate(*store_, all_migrations(), WallTime{}));
  }

  /// How many sessions of this database wait for a lock.
  [[nodiscard]] int waiting() const {
    return std::stoi(testing::PostgresCluster::run(
        url_, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"));
  }

  const std::string url_ = testing::PostgresCluster::shared().new_database();
  std::unique_ptr<Store> store_;
};

}  // namespace countersign::store
