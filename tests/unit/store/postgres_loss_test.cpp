// The database goes away: in the middle of a transaction, at its commit, for a moment and for good.

#include <gtest/gtest.h>

#include <atomic>

#include "breaking_proxy.h"
#include "ledger.h"
#include "queue_executor.h"
#include "store/postgres/postgres_store.h"
#include "support/postgres_cluster.h"

namespace countersign::store {
namespace {

using Break = BreakingProxy::Break;

std::string through(const BreakingProxy& proxy, const std::string& url) {
  const auto database = url.substr(0, url.find('?'));
  return database + "?host=" + proxy.folder().string() + "&user=postgres";
}

class Loss : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto direct = open(url_, std::chrono::seconds(30));
    ASSERT_TRUE(migrate(*direct, kLedgerSchema, WallTime{}));
  }
  static std::unique_ptr<Store> open(const std::string& url, Duration retry_for, bool turns = true) {
    auto opened = open_postgres({.url = SecretString(url),
                                 .clock = system_clock(),
                                 .random = system_random(),
                                 .retry_for = retry_for,
                                 .turns = turns});
    EXPECT_TRUE(opened) << opened.error().detail;
    return std::move(opened).value();
  }
  std::unique_ptr<Store> open_through_proxy(Duration retry_for = std::chrono::seconds(30), bool turns = true) {
    return open(through(proxy_, url_), retry_for, turns);
  }
  std::string rows() const { return testing::PostgresCluster::run(url_, "SELECT count(*) FROM entry"); }
  std::string counter() const { return testing::PostgresCluster::run(url_, "SELECT value FROM counter"); }

  const std::string url_ = testing::PostgresCluster::shared().new_database();
  BreakingProxy proxy_{testing::PostgresCluster::shared().folder() / ".s.PGSQL.5432"};
};

Result<Done, StoreError> add(Store& store, std::int64_t number) {
  return store.transact_now([number](Tx& tx) { return add_entry(tx, number); });
}

TEST_F(Loss, InTheMiddleIsRepeatedUnseen) {
  const auto store = open_through_proxy();
  for (const auto how : {Break::kBefore, Break::kAfter}) {
    proxy_.break_at("BEGIN ISOLATION LEVEL SERIALIZABLE", how);
    const auto added = add(*store, how == Break::kBefore ? 1 : 2);
    EXPECT_TRUE(added) << added.error().detail;
  }
  EXPECT_EQ(rows(), "2");
  EXPECT_EQ(counter(), "2");
  EXPECT_EQ(store->stats().reconnects, 2U);
  EXPECT_EQ(store->stats().doubtful_commits, 0U);
}

TEST_F(Loss, CommitThatDidNotArriveIsRepeated) {
  const auto store = open_through_proxy();
  proxy_.break_at("COMMIT", Break::kBefore);
  const auto added = add(*store, 1);
  EXPECT_TRUE(added) << added.error().detail;
  EXPECT_EQ(rows(), "1");
  EXPECT_EQ(counter(), "1");
  EXPECT_EQ(store->stats().doubtful_commits, 1U);
}

TEST_F(Loss, CommitWhoseAnswerWasLostIsNotRepeated) {
  static const Sql kCount{"UPDATE counter SET value = value + 1"};
  const auto store = open_through_proxy();
  proxy_.break_at("COMMIT", Break::kAfter);
  std::atomic<int> runs{0};
  const auto answer = store->transact_now([&](Tx& tx) {
    tx.exec(kCount, {});
    return ++runs;
  });
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(*answer, 1);
  EXPECT_EQ(counter(), "1");
  EXPECT_EQ(store->stats().doubtful_commits, 1U);
}

TEST_F(Loss, CommitThatArrivesLateFails) {
  // Without turns, since the lost session still has its turn; and with another entry in the second run, since it still
  // has its lock on the first.
  const auto store = open_through_proxy(std::chrono::seconds(30), false);
  proxy_.break_at("COMMIT", Break::kLate);
  static const Sql kInsert{"INSERT INTO entry (number, note) VALUES (?1, ?2)"};
  std::atomic<int> runs{0};
  std::string late;
  const auto answer = store->transact_now([&](Tx& tx) {
    const int run = ++runs;
    // After the look-up, and before anything of the second run could be in its way.
    if (run == 2) late = proxy_.release();
    tx.exec(kInsert, {run, Blob{"note"}});
    return run;
  });
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(*answer, 2);
  EXPECT_NE(late.find("40001"), std::string::npos);
  EXPECT_EQ(testing::PostgresCluster::run(url_, "SELECT sum(number) FROM entry"), "2");
}

TEST_F(Loss, ReadsAreRepeatedUnseen) {
  const auto store = open_through_proxy();
  proxy_.break_at("READ ONLY", Break::kBefore);
  const auto read = store->read_now(read_ledger);
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(*read, (Ledger{0, 0}));
}

TEST_F(Loss, ForGoodIsAnErrorUntilItComesBack) {
  const auto store = open_through_proxy(std::chrono::milliseconds(50));
  ASSERT_TRUE(add(*store, 1));
  proxy_.break_at("BEGIN", Break::kBeforeForGood);
  const auto write = add(*store, 2);
  ASSERT_FALSE(write);
  EXPECT_EQ(write.error().code, StoreError::Code::kUnavailable);
  proxy_.mend();
  EXPECT_TRUE(add(*store, 3));
  proxy_.break_at("READ ONLY", Break::kBeforeForGood);
  const auto read = store->read_now(read_ledger);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, StoreError::Code::kUnavailable);
  proxy_.mend();
  EXPECT_EQ(store->read_now(read_ledger).value_or(Ledger{}), (Ledger{2, 2}));
}

TEST_F(Loss, AtACommitForGoodIsUnknown) {
  const auto store = open_through_proxy(std::chrono::milliseconds(50));
  int number = 0;
  for (const auto how : {Break::kBeforeForGood, Break::kAfterForGood}) {
    proxy_.break_at("COMMIT", how);
    const auto added = add(*store, ++number);
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, StoreError::Code::kUnknown);
    proxy_.mend();
    // What was in doubt is of no concern to the next one.
    EXPECT_TRUE(add(*store, ++number));
  }
  EXPECT_EQ(rows(), "3");
}

/// A server of its own, to be killed.
class Outage : public ::testing::Test {
 protected:
  std::unique_ptr<Store> open(Duration retry_for) {
    auto opened = open_postgres({.url = SecretString(through(proxy_, url_)),
                                 .clock = system_clock(),
                                 .random = system_random(),
                                 .retry_for = retry_for});
    EXPECT_TRUE(opened) << opened.error().detail;
    EXPECT_TRUE(migrate(**opened, kLedgerSchema, WallTime{}));
    return std::move(opened).value();
  }

  testing::PostgresCluster cluster_;
  const std::string url_ = cluster_.new_database();
  BreakingProxy proxy_{cluster_.folder() / ".s.PGSQL.5432"};
};

TEST_F(Outage, ForAMomentShowsAsASlowAnswer) {
  const auto store = open(std::chrono::minutes(2));
  QueueExecutor home;
  int done = 0;
  int under_way = 0;
  const auto start = [&](int number) {
    store->transact(
        home, [number](Tx& tx) { return add_entry(tx, number); },
        [&](const Result<Done, StoreError>& result) {
          EXPECT_TRUE(result) << result.error().detail;
          ++done;
        });
    ++under_way;
  };
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20; ++i) start(round * 100 + i);
    cluster_.kill();
    for (int i = 20; i < 40; ++i) start(round * 100 + i);
    cluster_.start();
    home.run(40);
  }
  EXPECT_EQ(done, 120);
  EXPECT_EQ(store->read_now(read_ledger).value_or(Ledger{}), (Ledger{120, 120}));
  EXPECT_GE(store->stats().reconnects, 3U);
}

}  // namespace
}  // namespace countersign::store
