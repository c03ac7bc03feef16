#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "ledger.h"
#include "queue_executor.h"
#include "scratch_folder.h"
#include "store/migrations/migrations.h"
#include "store/store.h"

namespace countersign::store {

/// One engine that the shared suite runs on. A further engine is a further value in engines.cpp.
struct Engine {
  std::string name;
  /// Opens the database that belongs to `folder`.
  std::unique_ptr<Store> (*open)(const std::filesystem::path& folder);

  friend void PrintTo(const Engine& engine, std::ostream* out) { *out << engine.name; }
};

/// SQLite in a file, and PostgreSQL: those whose commits hold several units.
[[nodiscard]] std::vector<Engine> serving_engines();

class EngineFixture : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override { open(); }

  void open() {
    store_.reset();
    store_ = GetParam().open(folder_.path());
    const auto migrated = migrate(*store_, kLedgerSchema, WallTime{});
    ASSERT_TRUE(migrated) << migrated.error().detail;
  }

  Result<Done, StoreError> add(std::int64_t number) {
    return store_->transact_now([number](Tx& tx) { return add_entry(tx, number); });
  }

  Ledger ledger() {
    const auto ledger = store_->read_now(read_ledger);
    EXPECT_TRUE(ledger) << ledger.error().detail;
    return ledger.value_or(Ledger{-1, -1});
  }

  ScratchFolder folder_;
  QueueExecutor home_;
  std::unique_ptr<Store> store_;
};

/// An engine with the tables of the product.
class ProductEngine : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    store_ = GetParam().open(folder_.path());
    const auto migrated = migrate(*store_, all_migrations(), WallTime{});
    ASSERT_TRUE(migrated) << migrated.error().detail;
  }

  ScratchFolder folder_;
  std::unique_ptr<Store> store_;
};

/// One that a server runs on: a second open finds what the first one wrote, and readers work beside the writer.
class ServingEngine : public EngineFixture {};

}  // namespace countersign::store
