// What happens when the disk fails: nothing is acknowledged that is not there, and the engine goes on afterwards.

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <vector>

#include "fault_vfs.h"
#include "ledger.h"
#include "queue_executor.h"
#include "scratch_folder.h"
#include "store/sqlite/sqlite_store.h"

namespace countersign::store {
namespace {

class SqliteFaults : public ::testing::Test {
 protected:
  void SetUp() override {
    FaultVfs::heal();
    open();
    ASSERT_TRUE(migrate(*store_, kLedgerSchema, WallTime{}));
  }
  void TearDown() override { FaultVfs::heal(); }

  void open() {
    store_.reset();
    auto opened = open_sqlite({.file = folder_.path() / "store.db", .cache_kib = 64, .vfs = FaultVfs::name()});
    ASSERT_TRUE(opened) << opened.error().detail;
    store_ = std::move(*opened);
  }

  Result<Done, StoreError> add(std::int64_t number, std::string_view note = "note") {
    return store_->transact_now([number, note](Tx& tx) { return add_entry(tx, number, note); });
  }
  Ledger ledger() { return store_->read_now(read_ledger).value_or(Ledger{-1, -1}); }

  /// Puts `count` units into one batch, by holding the writer with another unit meanwhile, and answers their codes.
  std::vector<std::optional<StoreError::Code>> one_batch(std::int64_t first, int count) {
    std::latch held(1);
    std::latch go_on(1);
    std::vector<std::optional<StoreError::Code>> answers;
    store_->transact(
        home_,
        [&](Tx&) {
          held.count_down();
          go_on.wait();
          return Done{};
        },
        [](const auto&) {});
    held.wait();
    for (int i = 0; i < count; ++i) {
      store_->transact(
          home_, [number = first + i](Tx& tx) { return add_entry(tx, number); },
          [&](const Result<Done, StoreError>& result) {
            answers.push_back(result ? std::nullopt : std::optional(result.error().code));
          });
    }
    go_on.count_down();
    home_.run(static_cast<std::size_t>(count) + 1);
    return answers;
  }

  ScratchFolder folder_;
  QueueExecutor home_;
  std::unique_ptr<Store> store_;
};

using Codes = std::vector<std::optional<StoreError::Code>>;

TEST_F(SqliteFaults, FullDiskFailsTheWholeBatchAndRecovers) {
  ASSERT_TRUE(add(1));
  FaultVfs::fill_disk();
  EXPECT_EQ(one_batch(10, 20), Codes(20, StoreError::Code::kFull));
  EXPECT_EQ(ledger(), (Ledger{1, 1}));  // Reading goes on.
  FaultVfs::heal();
  EXPECT_EQ(one_batch(10, 20), Codes(20, std::nullopt));
  open();
  EXPECT_EQ(ledger(), (Ledger{21, 21}));
}

TEST_F(SqliteFaults, FullDiskInTheMiddleOfAUnitTakesNobodyAlong) {
  // More than the page cache holds, so that pages are written, and fail, long before the commit.
  const std::string large(200'000, 'x');
  FaultVfs::fill_disk();
  const auto full = store_->transact_now([&](Tx& tx) {
    for (int i = 0; i < 10; ++i) add_entry(tx, i, large);
    return Done{};
  });
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, StoreError::Code::kFull);
  FaultVfs::heal();
  EXPECT_EQ(ledger(), (Ledger{0, 0}));
  EXPECT_TRUE(add(1, large));
  EXPECT_EQ(ledger(), (Ledger{1, 1}));
}

TEST_F(SqliteFaults, FailedSyncIsNotAcknowledged) {
  ASSERT_TRUE(add(1));
  FaultVfs::fail_syncs();
  EXPECT_EQ(one_batch(10, 5), Codes(5, StoreError::Code::kUnavailable));
  EXPECT_EQ(store_->stats().failed_commits, 1U);
  EXPECT_EQ(ledger(), (Ledger{1, 1}));
  FaultVfs::heal();
  EXPECT_EQ(one_batch(10, 5), Codes(5, std::nullopt));
  open();
  EXPECT_EQ(ledger(), (Ledger{6, 6}));
}

TEST_F(SqliteFaults, WriteErrorAtAnyPlaceIsAllOrNothing) {
  std::int64_t committed = 0;
  for (int place = 0; place < 60; ++place) {
    FaultVfs::fail_writes_after(place % 20);
    if (add(place)) ++committed;
    FaultVfs::heal();
    ASSERT_EQ(ledger(), (Ledger{committed, committed})) << "after " << place;
  }
  EXPECT_GT(committed, 0);
  EXPECT_LT(committed, 60);
  open();
  EXPECT_EQ(ledger(), (Ledger{committed, committed}));
}

TEST_F(SqliteFaults, AnswerComesAfterTheSync) {
  int so_far = FaultVfs::writes_to_log();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(add(i));  // Nobody else writes.
    EXPECT_GT(FaultVfs::writes_to_log(), so_far);
    so_far = FaultVfs::writes_to_log();
    EXPECT_EQ(FaultVfs::unsynced_writes_to_log(), 0) << "after " << i;
  }
}

// SQLite writes each page by two calls (store/sqlite/gathered_log.h).
TEST_F(SqliteFaults, ACommitIsFewWritesToTheLog) {
  ASSERT_TRUE(add(1));  // The first also writes the log's head.
  int before = FaultVfs::writes_to_log();
  ASSERT_TRUE(add(2, std::string(80'000, 'x')));  // Some 22 pages.
  EXPECT_EQ(FaultVfs::writes_to_log() - before, 1);
  before = FaultVfs::writes_to_log();
  ASSERT_TRUE(add(3, std::string(200'000, 'x')));  // Some 52 pages, of which a write has 31 at most.
  EXPECT_EQ(FaultVfs::writes_to_log() - before, 2);
  EXPECT_EQ(ledger(), (Ledger{3, 3}));
}

// A unit of more pages than the cache holds, which writes some of them twice and reads them back from the log.
TEST_F(SqliteFaults, WhatIsGatheredIsReadBack) {
  constexpr int kRows = 100;
  const std::string large(10'000, 'x');
  const auto written = store_->transact_now([&](Tx& tx) {
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < kRows; ++i) add_entry(tx, round * kRows + i, large);
      const Ledger so_far = read_ledger(tx);
      if (so_far != Ledger{(round + 1) * kRows, (round + 1) * kRows}) return so_far;
    }
    return read_ledger(tx);
  });
  ASSERT_TRUE(written) << written.error().detail;
  EXPECT_EQ(*written, (Ledger{2 * kRows, 2 * kRows}));
  EXPECT_EQ(ledger(), (Ledger{2 * kRows, 2 * kRows}));
  open();
  EXPECT_EQ(ledger(), (Ledger{2 * kRows, 2 * kRows}));
}

}  // namespace
}  // namespace countersign::store
