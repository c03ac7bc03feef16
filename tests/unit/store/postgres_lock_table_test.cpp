// A PostgreSQL whose table of locks is full: units are put off to the turn, wait, and lose nothing.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "ledger.h"
#include "queue_executor.h"
#include "store/postgres/postgres_store.h"
#include "support/postgres_cluster.h"

namespace countersign::store {
namespace {

const Sql kAddEntry{"INSERT INTO entry (number, note) VALUES (?1, ?2)"};
const Sql kCountEntries{"SELECT count(*) FROM entry"};

class LockTable : public ::testing::Test {
 protected:
  static testing::PostgresCluster& small() {
    static testing::PostgresCluster cluster(
        testing::PostgresCluster::Commits::kUnsynced,
        {"max_locks_per_transaction=10", "max_connections=20", "max_worker_processes=0", "max_wal_senders=0",
         "autovacuum=off", "autovacuum_max_workers=1"});
    return cluster;
  }

  LockTable() : a_(open()), b_(open()) { EXPECT_TRUE(migrate(*a_, kLedgerSchema, WallTime{})); }

  std::unique_ptr<Store> open() {
    auto opened = open_postgres({.url = SecretString(url_),
                                 .clock = system_clock(),
                                 .random = system_random(),
                                 .log =
                                     [this](std::string_view line) {
                                       const std::lock_guard lock(mutex_);
                                       log_ += std::string(line) + "\n";
                                     },
                                 .retry_for = std::chrono::minutes(5)});
    EXPECT_TRUE(opened) << opened.error().detail;
    return std::move(opened).value();
  }

  /// Somebody's session that takes all that is left, but for `room` locks.
  class Full {
   public:
    Full(const std::string& url, int room) : connection_(PQconnectdb(url.c_str()), PQfinish) {
      EXPECT_EQ(PQstatus(connection_.get()), CONNECTION_OK);
      // They stay although the statement fails. One after the other: the last that there is place for is the last.
      run("SELECT count(pg_advisory_lock(0, n)) FROM generate_series(1, 100000) n", PGRES_FATAL_ERROR);
      for (int n = 1; n <= room; ++n) run(fmt::format("SELECT pg_advisory_unlock(0, {})", n), PGRES_TUPLES_OK);
    }
    // Its session ends some time later, and whoever comes next would find the table full.
    ~Full() { run("SELECT pg_advisory_unlock_all()", PGRES_TUPLES_OK); }
    Full(const Full&) = delete;
    Full& operator=(const Full&) = delete;

   private:
    void run(const std::string& statement, ExecStatusType wanted) {
      const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection_.get(), statement.c_str()), PQclear);
      EXPECT_EQ(PQresultStatus(result.get()), wanted) << PQresultErrorMessage(result.get());
    }
    std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  };

  std::string log() {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  /// False if it is not said for long.
  bool is_said(std::string_view words) {
    for (int i = 0; i < 60'000 && log().find(words) == std::string::npos; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return log().find(words) != std::string::npos;
  }

  /// With keys of its own, some dozens in all of a batch.
  void add(Store& store, int number) {
    ++asked_;
    store.transact(
        home_,
        [number](Tx& tx) {
          const Beside beside(tx);
          for (const auto kind : {Key::Kind::kIdempotency, Key::Kind::kSubject, Key::Kind::kAddress})
            static_cast<void>(tx.take({kind, "", std::to_string(number)}));
          std::int64_t count = 0;
          tx.one(kCountEntries, {}, [&](const Row& row) { count = row.integer(0); });
          tx.put(kAddEntry, {number, Blob{"note"}});
          return Done{};
        },
        [this](const auto& done) {
          EXPECT_TRUE(done) << done.error().detail;
          ++answered_;
        });
  }
  void expect_all() {
    home_.run(asked_);
    EXPECT_EQ(testing::PostgresCluster::run(url_, "SELECT count(*) FROM entry"), std::to_string(asked_));
  }

  const std::string url_ = small().new_database();
  std::mutex mutex_;
  std::string log_;  // Guarded by mutex_.
  QueueExecutor home_;
  std::size_t asked_ = 0;
  std::size_t answered_ = 0;
  std::unique_ptr<Store> a_;
  std::unique_ptr<Store> b_;
};

TEST_F(LockTable, WhereKeysHaveNoRoomTheTurnHas) {
  const Full others(url_, 6);
  for (int number = 1; number <= 60; ++number) add(number % 2 == 0 ? *a_ : *b_, number);
  expect_all();
  EXPECT_TRUE(is_said("53200")) << log();
  EXPECT_TRUE(is_said("max_locks_per_transaction")) << "what to raise: " << log();
  EXPECT_TRUE(is_said("writing goes on while no other node writes")) << log();
}

TEST_F(LockTable, WhereNothingHasRoomUnitsWaitUntilThereIsSome) {
  {
    const Full others(url_, 0);
    for (int number = 1; number <= 20; ++number) add(number % 2 == 0 ? *a_ : *b_, number);
    EXPECT_TRUE(is_said("53200"));
    EXPECT_EQ(home_.wake_ups(), 0U) << "nobody is refused, and nobody is answered";
  }
  expect_all();
}

// Of many tables, each with its indexes, also the turn alone needs locks in the table.
TEST_F(LockTable, AUnitThatTouchesManyTablesWaitsToo) {
  constexpr int kTables = 40;
  static const auto kAll = [] {
    std::string text = "SELECT 1";
    for (int i = 0; i < kTables; ++i) text += fmt::format(" + (SELECT count(*) FROM many_{})", i);
    return text;
  }();
  for (int i = 0; i < kTables; ++i)
    testing::PostgresCluster::run(url_, fmt::format("CREATE TABLE many_{} (number BIGINT PRIMARY KEY)", i));
  static const Sql kRead{kAll.c_str()};
  {
    const Full others(url_, 3);
    a_->transact(
        home_,
        [](Tx& tx) {
          tx.put(kAddEntry, {1, Blob{"note"}});
          tx.one(kRead, {}, [](const Row&) {});
          return Done{};
        },
        [this](const auto& done) {
          EXPECT_TRUE(done) << done.error().detail;
          ++answered_;
        });
    ++asked_;
    EXPECT_TRUE(is_said("53200"));
    EXPECT_EQ(home_.wake_ups(), 0U);
  }
  expect_all();
}

}  // namespace
}  // namespace countersign::store
