// What is particular to the embedded engine: its files, its line, its copies.

#include "store/sqlite/sqlite_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <fstream>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "ledger.h"
#include "queue_executor.h"
#include "scratch_folder.h"

namespace countersign::store {
namespace {

class Sqlite : public ::testing::Test {
 protected:
  std::unique_ptr<Store> open(SqliteOptions options = {}) {
    options.file = file_;
    auto opened = open_sqlite(std::move(options));
    EXPECT_TRUE(opened) << opened.error().detail;
    EXPECT_TRUE(migrate(**opened, kLedgerSchema, WallTime{}));
    return std::move(*opened);
  }
  StoreError error_of_open() {
    const auto opened = open_sqlite({.file = file_});
    EXPECT_FALSE(opened);
    return opened ? StoreError{} : opened.error();
  }
  static Ledger ledger(Store& store) { return store.read_now(read_ledger).value_or(Ledger{-1, -1}); }

  ScratchFolder folder_;
  std::filesystem::path file_ = folder_.path() / "store.db";
  QueueExecutor home_;
};

/// Keeps the writer busy until it is let go.
class HeldWriter {
 public:
  HeldWriter(Store& store, Executor& home) {
    store.transact(
        home,
        [this](Tx&) {
          held_.count_down();
          go_on_.wait();
          return Done{};
        },
        [](const auto&) {});
    held_.wait();
  }
  void let_go() { go_on_.count_down(); }

 private:
  std::latch held_{1};
  std::latch go_on_{1};
};

TEST_F(Sqlite, FullLineRefusesAndGoesOn) {
  const auto store = open({.queue_max = 10});
  HeldWriter held(*store, home_);
  std::vector<bool> answers;
  QueueExecutor refused;
  for (int i = 0; i < 10; ++i) {
    store->transact(home_, [i](Tx& tx) { return add_entry(tx, i); }, [](const auto& result) { EXPECT_TRUE(result); });
  }
  store->transact(
      refused, [](Tx& tx) { return add_entry(tx, 10); },
      [](const auto& result) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, StoreError::Code::kOverloaded);
      });
  refused.run(1);  // Answered although the writer is still held.
  held.let_go();
  home_.run(11);
  EXPECT_EQ(store->stats().refused, 1U);
  EXPECT_EQ(ledger(*store), (Ledger{10, 10}));
}

TEST_F(Sqlite, WhatIsQueuedTogetherIsCommittedAndAnsweredTogether) {
  const auto store = open({.batch_max = 64});
  HeldWriter held(*store, home_);
  const auto commits = store->stats().commits;
  for (int i = 0; i < 100; ++i) {
    store->transact(home_, [i](Tx& tx) { return add_entry(tx, i); }, [](const auto& result) { EXPECT_TRUE(result); });
  }
  held.let_go();
  home_.run(101);
  EXPECT_EQ(store->stats().commits - commits, 3U);  // The holder, 64, 36.
  EXPECT_EQ(home_.wake_ups(), 3U);
}

TEST_F(Sqlite, UndoneUnitMakesItsBatchRunAgainButOnlyOnce) {
  const auto store = open();
  std::array<int, 3> runs{};
  const auto three_together = [&](std::int64_t first) {
    runs = {};
    HeldWriter held(*store, home_);
    for (std::size_t i = 0; i < 3; ++i) {
      store->transact(
          home_,
          [&runs, i, number = first + static_cast<std::int64_t>(i)](Tx& tx) {
            ++runs[i];
            add_entry(tx, number);
            if (i == 1) tx.abandon();
            return Done{};
          },
          [](const auto& result) { EXPECT_TRUE(result); });
    }
    held.let_go();
    home_.run(4);
  };
  three_together(10);
  EXPECT_EQ(runs, (std::array{2, 2, 1}));
  EXPECT_EQ(store->stats().repeated_batches, 1U);
  EXPECT_EQ(ledger(*store), (Ledger{2, 2}));
  // For a while now each unit has its own savepoint.
  three_together(20);
  EXPECT_EQ(runs, (std::array{1, 1, 1}));
  EXPECT_EQ(store->stats().repeated_batches, 1U);
  EXPECT_EQ(ledger(*store), (Ledger{4, 4}));
}

TEST_F(Sqlite, WhatRunsTwiceIsCountedOnce) {
  const auto store = open();
  HeldWriter held(*store, home_);
  int runs = 0;
  int counted = 0;
  store->transact(
      home_,
      [&](Tx& tx) {
        ++runs;
        tx.when_durable([&] { ++counted; });
        return add_entry(tx, 1);
      },
      [](const auto&) {});
  store->transact(home_, [](Tx& tx) { return add_entry(tx, 2), tx.abandon(), Done{}; }, [](const auto&) {});
  held.let_go();
  home_.run(3);
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(counted, 1);
}

TEST_F(Sqlite, UnitAloneIsUndoneWithoutASecondRun) {
  const auto store = open();
  int runs = 0;
  EXPECT_TRUE(store->transact_now([&](Tx& tx) { return ++runs, add_entry(tx, 1), tx.abandon(), Done{}; }));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(store->stats().repeated_batches, 0U);
  EXPECT_EQ(ledger(*store), (Ledger{0, 0}));
}

TEST_F(Sqlite, SecondOpenerIsRefusedWithASentence) {
  auto store = open();
  const auto error = error_of_open();
  EXPECT_EQ(error.code, StoreError::Code::kInUse);
  EXPECT_NE(error.detail.find(file_.string() + " is in use by process " + std::to_string(::getpid())),
            std::string::npos)
      << error.detail;
  // By another name it is the same file.
  std::filesystem::create_symlink(file_, folder_.path() / "link.db");
  EXPECT_FALSE(open_sqlite({.file = folder_.path() / "link.db"}));
  store.reset();
  EXPECT_EQ(ledger(*open()), (Ledger{0, 0}));
}

TEST_F(Sqlite, DamagedFileIsRefusedWithASentence) {
  std::ofstream(file_) << std::string(8192, 'x');
  const auto error = error_of_open();
  EXPECT_EQ(error.code, StoreError::Code::kDamaged);
  EXPECT_NE(error.detail.find(file_.string() + " is damaged or no database"), std::string::npos) << error.detail;
}

TEST_F(Sqlite, DamagedPageFailsTheUnitThatMeetsIt) {
  {
    const auto store = open();
    for (int i = 0; i < 200; ++i) {
      ASSERT_TRUE(store->transact_now([i](Tx& tx) { return add_entry(tx, i, std::string(500, 'x')); }));
    }
  }
  {
    std::fstream raw(file_, std::ios::in | std::ios::out | std::ios::binary);
    raw.seekp(0, std::ios::end);
    const auto size = static_cast<std::int64_t>(raw.tellp());
    for (std::int64_t page = 6; page * 4096 < size; ++page) {
      raw.seekp(page * 4096);
      raw << std::string(100, '\xff');
    }
  }
  const auto store = open();
  const auto read = store->read_now(read_ledger);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, StoreError::Code::kDamaged);
}

TEST_F(Sqlite, DatabaseOfAnotherApplicationIsLeftAlone) {
  {
    const auto store = open();
    store->stop();
  }
  {
    // The application id stands at offset 68 of the header.
    std::fstream raw(file_, std::ios::in | std::ios::out | std::ios::binary);
    raw.seekp(68);
    raw << std::string(4, '\0');
  }
  const auto error = error_of_open();
  EXPECT_EQ(error.code, StoreError::Code::kSchema);
  EXPECT_NE(error.detail.find("another application"), std::string::npos) << error.detail;
}

TEST_F(Sqlite, MissingFolderIsRefusedWithASentence) {
  file_ = folder_.path() / "nowhere" / "store.db";
  const auto error = error_of_open();
  EXPECT_EQ(error.code, StoreError::Code::kUnavailable);
  EXPECT_NE(error.detail.find("No such file"), std::string::npos) << error.detail;
}

TEST_F(Sqlite, FilesAreReadableByTheirOwnerAlone) {
  const auto store = open();
  ASSERT_TRUE(store->transact_now([](Tx& tx) { return add_entry(tx, 1); }));
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    struct stat status{};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U) << entry.path();
  }
}

TEST_F(Sqlite, StoppingLeavesOneFileAndNoLog) {
  const auto store = open();
  ASSERT_TRUE(store->transact_now([](Tx& tx) { return add_entry(tx, 1); }));
  EXPECT_GT(std::filesystem::file_size(file_.string() + "-wal"), 0U);
  store->stop();
  EXPECT_EQ(std::filesystem::file_size(file_.string() + "-wal"), 0U);
}

TEST_F(Sqlite, LogIsMovedIntoTheFileWhileWorking) {
  const auto store = open({.checkpoint_pages = 20, .idle_checkpoint_after = std::chrono::hours(1)});
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(store->transact_now([i](Tx& tx) { return add_entry(tx, i, "note"); }));
  // Each of the 500 commits adds pages; without checkpoints the log would hold at least one page for each.
  EXPECT_LT(std::filesystem::file_size(file_.string() + "-wal"), 60U * 4200);
}

TEST_F(Sqlite, LogIsEmptiedWhenNothingHappens) {
  const auto store = open({.idle_checkpoint_after = Duration(1000)});
  ASSERT_TRUE(store->transact_now([](Tx& tx) { return add_entry(tx, 1); }));
  // Ends by the test's time-out if the log stays.
  while (std::filesystem::file_size(file_.string() + "-wal") != 0) std::this_thread::yield();
  EXPECT_EQ(ledger(*store), (Ledger{1, 1}));
  ASSERT_TRUE(store->transact_now([](Tx& tx) { return add_entry(tx, 2); }));
  EXPECT_EQ(ledger(*store), (Ledger{2, 2}));
}

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_F(Sqlite, DeletedContentIsGoneFromTheFiles) {
  static const Sql kDelete{"DELETE FROM entry WHERE number = ?1"};
  const std::string note = "the-note-that-must-go";
  const auto store = open({.idle_checkpoint_after = std::chrono::hours(1)});
  ASSERT_TRUE(store->transact_now([&](Tx& tx) { return add_entry(tx, 1, note); }));
  EXPECT_NE(content(file_.string() + "-wal").find(note), std::string::npos);
  ASSERT_TRUE(store->transact_now([](Tx& tx) { return tx.exec(kDelete, {1}); }));
  store->stop();
  EXPECT_EQ(content(file_).find(note), std::string::npos);
  EXPECT_EQ(content(file_.string() + "-wal").find(note), std::string::npos);
}

TEST_F(Sqlite, BackupIsConsistentWhileWritersWork) {
  auto store = open();
  const std::filesystem::path copy = folder_.path() / "copy.db";
  std::atomic<bool> enough{false};
  std::thread writer([&] {
    for (int i = 0; !enough; ++i) EXPECT_TRUE(store->transact_now([i](Tx& tx) { return add_entry(tx, i); }));
  });
  while (ledger(*store).entries < 50) std::this_thread::yield();
  const auto done = backup_sqlite(file_, copy);
  enough = true;
  writer.join();
  ASSERT_TRUE(done) << done.error().detail;

  // The place is taken now, and nothing is overwritten.
  EXPECT_FALSE(backup_sqlite(file_, copy));
  EXPECT_FALSE(std::filesystem::exists(copy.string() + ".part"));

  const auto original = ledger(*store);
  store.reset();
  file_ = copy;
  const auto restored = ledger(*open());
  EXPECT_GE(restored.entries, 50);
  EXPECT_LE(restored.entries, original.entries);
  EXPECT_EQ(restored.entries, restored.counter);
}

TEST_F(Sqlite, BackupOfNothingLeavesNothing) {
  EXPECT_FALSE(backup_sqlite(file_, folder_.path() / "copy.db"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

}  // namespace
}  // namespace countersign::store
