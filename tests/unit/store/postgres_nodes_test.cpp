// Several nodes on one database: each is a store of its own, as another process would have it.

#include <gtest/gtest.h>

#include <latch>
#include <thread>
#include <vector>

#include "ledger.h"
#include "queue_executor.h"
#include "store/migrations/migrations.h"
#include "store/postgres/postgres_store.h"
#include "support/patient_options.h"
#include "support/postgres_cluster.h"

namespace countersign::store {
namespace {

class Nodes : public ::testing::Test {
 protected:
  std::unique_ptr<Store> open(bool turns = true) {
    auto opened = try_open(turns);
    EXPECT_TRUE(opened) << opened.error().detail;
    return std::move(opened).value();
  }
  Result<std::unique_ptr<Store>, StoreError> try_open(bool turns = true) {
    return open_postgres(testing::patient_options(url_, turns));
  }
  /// Gives up on locks, and on everything, soon.
  std::unique_ptr<Store> open_impatient() {
    auto opened = open_postgres({.url = SecretString(url_),
                                 .clock = system_clock(),
                                 .random = system_random(),
                                 .lock_timeout = std::chrono::milliseconds(200),
                                 .retry_for = std::chrono::milliseconds(300)});
    EXPECT_TRUE(opened) << opened.error().detail;
    return std::move(opened).value();
  }
  std::unique_ptr<Store> open_migrated(bool turns = true) {
    auto store = open(turns);
    EXPECT_TRUE(migrate(*store, kLedgerSchema, WallTime{}));
    return store;
  }

  const std::string url_ = testing::PostgresCluster::shared().new_database();
};

Ledger ledger(Store& store) { return store.read_now(read_ledger).value_or(Ledger{-1, -1}); }

/// Runs the unit of `make(number)` `count` times on each of the stores at once, with numbers that differ, sixteen under
/// way on each.
template <class Make>
void on_all(const std::vector<Store*>& stores, int count, Make make) {
  std::latch ready(static_cast<std::ptrdiff_t>(stores.size()));
  std::vector<std::thread> threads;
  for (std::size_t node = 0; node < stores.size(); ++node) {
    threads.emplace_back([&, node] {
      QueueExecutor home;
      ready.arrive_and_wait();
      const auto answered = [](const auto& result) { EXPECT_TRUE(result) << result.error().detail; };
      for (int i = 0; i < count; ++i) {
        stores[node]->transact(home, make(static_cast<int>(node) * count + i), answered);
        if (i >= 16) home.run(1);
      }
      home.run(16);
    });
  }
  for (auto& thread : threads) thread.join();
}

auto adding(int number) {
  return [number](Tx& tx) { return add_entry(tx, number); };
}

TEST_F(Nodes, InTurnsCountExactlyAndNeverConflict) {
  const auto a = open_migrated();
  const auto b = open_migrated();
  const auto c = open_migrated();
  on_all({a.get(), b.get(), c.get()}, 300, adding);
  EXPECT_EQ(ledger(*a), (Ledger{900, 900}));
  EXPECT_EQ(a->stats().conflicts + b->stats().conflicts + c->stats().conflicts, 0U);
}

// What is put without waiting fails at the commit; whoever fails there has had a turn all the same, and must end it.
TEST_F(Nodes, WhoWaitsForALockInVainLetsTheOthersHaveTheirTurns) {
  static const Sql kTouch{"UPDATE entry SET note = ?2 WHERE number = ?1"};
  const auto outsider = open_migrated(false);
  const auto a = open_impatient();
  const auto b = open();
  ASSERT_TRUE(a->transact_now(adding(1)));
  ASSERT_TRUE(b->transact_now(adding(2)));
  QueueExecutor home;
  std::latch locked(1);
  std::latch go_on(1);
  outsider->transact(
      home,
      [&](Tx& tx) {
        tx.exec(kTouch, {1, Blob{"theirs"}});
        locked.count_down();
        go_on.wait();
        return Done{};
      },
      [](const auto& done) { EXPECT_TRUE(done); });
  locked.wait();
  const auto in_vain = a->transact_now([](Tx& tx) {
    EXPECT_TRUE(has_entry(tx, 1));
    tx.put(kTouch, {1, Blob{"ours"}});
    return Done{};
  });
  ASSERT_FALSE(in_vain);
  EXPECT_EQ(in_vain.error().code, StoreError::Code::kConflict) << in_vain.error().detail;
  for (int i = 0; i < 3; ++i) {
    const auto elsewhere = b->transact_now(adding(10 + i));
    EXPECT_TRUE(elsewhere) << elsewhere.error().detail;
  }
  go_on.count_down();
  home.run(1);
  const auto again = a->transact_now([](Tx& tx) {
    tx.put(kTouch, {1, Blob{"ours"}});
    return Done{};
  });
  EXPECT_TRUE(again) << again.error().detail;
}

TEST_F(Nodes, WithoutTurnsConflictsAreRepeatedAndCountExactly) {
  const auto a = open_migrated(false);
  const auto b = open_migrated(false);
  // On a busy machine one node may be through before the other has begun, so more than one try.
  int entries = 0;
  const auto conflicts = [&] { return a->stats().conflicts + b->stats().conflicts; };
  for (int round = 0; round < 20 && conflicts() == 0; ++round) {
    on_all({a.get(), b.get()}, 200, [round](int number) { return adding(round * 400 + number); });
    entries += 400;
  }
  EXPECT_EQ(ledger(*a), (Ledger{entries, entries}));
  EXPECT_GT(conflicts(), 0U);
}

TEST_F(Nodes, OppositeOrdersOfKeysGetThrough) {
  static const Sql kInsert{"INSERT INTO counter (name, value) VALUES (?1, 0)"};
  static const Sql kCount{"UPDATE counter SET value = value + 1 WHERE name = ?1"};
  static const Sql kValues{"SELECT value FROM counter WHERE name <> 'entries'"};
  const auto a = open_migrated();
  const auto b = open_migrated();
  ASSERT_TRUE(a->transact_now([](Tx& tx) { return tx.exec(kInsert, {"x"}) + tx.exec(kInsert, {"y"}); }));
  on_all({a.get(), b.get()}, 200, [](int number) {
    return [forward = number % 2 == 0](Tx& tx) {
      tx.exec(kCount, {forward ? "x" : "y"});
      tx.exec(kCount, {forward ? "y" : "x"});
      return Done{};
    };
  });
  std::vector<std::int64_t> values;
  ASSERT_TRUE(a->read_now([&](Tx& tx) {
    values.clear();
    tx.all(kValues, {}, [&](const Row& row) { values.push_back(row.integer(0)); });
    return Done{};
  }));
  EXPECT_EQ(values, (std::vector<std::int64_t>{400, 400}));
  EXPECT_EQ(a->stats().conflicts + b->stats().conflicts, 0U);
}

TEST_F(Nodes, OneOfThemWinsEachKey) {
  static const Sql kClaim{"INSERT INTO entry (number, note) VALUES (?1, ?2) ON CONFLICT (number) DO NOTHING"};
  static const Sql kWon{"UPDATE counter SET value = value + 1 WHERE name = 'entries'"};
  int first = 0;
  for (const bool turns : {true, false}) {
    const auto a = open_migrated(turns);
    const auto b = open_migrated(turns);
    on_all({a.get(), b.get()}, 100, [first](int number) {
      return [key = first + number % 100](Tx& tx) {
        if (tx.exec(kClaim, {key, Blob{"note"}}) == 1) tx.exec(kWon, {});
        return Done{};
      };
    });
    first += 100;
    EXPECT_EQ(ledger(*a), (Ledger{first, first}));
  }
}

TEST_F(Nodes, ThatStartAtOnceMakeTheSchemaOnce) {
  constexpr std::size_t kNodes = 4;
  std::latch ready(kNodes);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kNodes; ++i) {
    threads.emplace_back([&] {
      ready.arrive_and_wait();
      const auto store = open();
      const auto migrated = migrate(*store, all_migrations(), WallTime{});
      EXPECT_TRUE(migrated) << migrated.error().detail;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(testing::PostgresCluster::run(url_, "SELECT count(*) FROM schema_migrations"),
            std::to_string(all_migrations().size()));
}

TEST_F(Nodes, DatabaseOfAnotherApplicationIsLeftAlone) {
  testing::PostgresCluster::run(url_, "CREATE TABLE accounts (x int)");
  const auto opened = try_open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, StoreError::Code::kSchema);
  EXPECT_NE(opened.error().detail.find("another application"), std::string::npos) << opened.error().detail;
}

TEST_F(Nodes, SessionsAreDurableWhateverTheDatabaseSays) {
  testing::PostgresCluster::run(url_,
                                "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || "
                                "' SET synchronous_commit = off'; END $$");
  static const Sql kShow{"SELECT setting FROM pg_settings WHERE name = 'synchronous_commit'"};
  const auto store = open();
  std::string setting;
  ASSERT_TRUE(
      store->transact_now([&](Tx& tx) { return tx.one(kShow, {}, [&](const Row& row) { setting = row.string(0); }); }));
  EXPECT_EQ(setting, "on");
}

TEST_F(Nodes, UnitThatWaitsForALockTooLongAnswersAConflict) {
  const auto holder = open_migrated(false);
  auto opened = open_postgres({.url = SecretString(url_),
                               .clock = system_clock(),
                               .random = system_random(),
                               .lock_timeout = std::chrono::milliseconds(20),
                               .turns = false});
  ASSERT_TRUE(opened);
  QueueExecutor home;
  std::latch held(1);
  std::latch go_on(1);
  holder->transact(
      home,
      [&](Tx& tx) {
        add_entry(tx, 1);
        held.count_down();
        go_on.wait();
        return Done{};
      },
      [](const auto& result) { EXPECT_TRUE(result); });
  held.wait();
  const auto late = (*opened)->transact_now([](Tx& tx) { return add_entry(tx, 2); });
  go_on.count_down();
  home.run(1);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, StoreError::Code::kConflict);
  EXPECT_EQ(ledger(*holder), (Ledger{1, 1}));
}

TEST_F(Nodes, WhatTheServerSaysIsLoggedWithoutData) {
  std::vector<std::string> lines;
  auto opened = open_postgres({.url = SecretString(url_),
                               .clock = system_clock(),
                               .random = system_random(),
                               .log = [&](std::string_view line) { lines.emplace_back(line); }});
  ASSERT_TRUE(opened);
  ASSERT_TRUE((*opened)->transact_now([](Tx& tx) {
    tx.script("DO $$ BEGIN RAISE WARNING 'take care' USING DETAIL = 'of marie'; END $$");
    return Done{};
  }));
  (*opened)->stop();
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines.back(), "PostgreSQL WARNING 01000: take care");
}

}  // namespace
}  // namespace countersign::store
