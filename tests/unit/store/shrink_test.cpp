// The file of the embedded engine gives back what is deleted: new ones by themselves, older ones after one vacuum.

#include "store/upkeep/shrink.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>

#include "scratch_folder.h"
#include "store/sqlite/sqlite_store.h"

namespace countersign::store {
namespace {

constexpr int kRows = 4000;
constexpr std::size_t kRowBytes = 3000;

class Shrink : public ::testing::Test {
 protected:
  /// A file as releases before this made them: of ours, and unable to shrink.
  void make_old_file() const {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file_.c_str(), &db), SQLITE_OK);
    ASSERT_EQ(
        sqlite3_exec(db, "PRAGMA application_id = 0x4353676e; PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr),
        SQLITE_OK);
    sqlite3_close(db);
  }
  std::unique_ptr<Store> open() {
    auto opened = open_sqlite({.file = file_});
    EXPECT_TRUE(opened) << opened.error().detail;
    return std::move(*opened);
  }
  static void fill_and_purge(Store& store) {
    static const Sql kInsert{"INSERT INTO filling (id, content) VALUES (?1, ?2) ON CONFLICT DO NOTHING"};
    static const Sql kPurge{"DELETE FROM filling WHERE id > 10"};
    EXPECT_TRUE(store.transact_now([](Tx& tx) {
      tx.script("CREATE TABLE IF NOT EXISTS filling (id INTEGER PRIMARY KEY, content TEXT NOT NULL)");
      return Done{};
    }));
    EXPECT_TRUE(store.transact_now([](Tx& tx) {
      const std::string content(kRowBytes, 'x');
      for (int i = 0; i < kRows; ++i) tx.exec(kInsert, {i, content});
      return Done{};
    }));
    EXPECT_TRUE(store.transact_now([](Tx& tx) { return tx.exec(kPurge, {}); }));
  }
  /// Steps until there is nothing more to give back; answers how many.
  static int shrink_all(Store& store, std::int64_t pages) {
    for (int steps = 1;; ++steps) {
      const auto step = store.transact_now([&](Tx& tx) { return shrink(tx, pages); });
      if (!step || !step->more) return steps;
    }
  }
  static Tx::Space space(Store& store) {
    return *store.read_now([](Tx& tx) { return tx.space(); });
  }
  [[nodiscard]] std::uintmax_t size() const { return std::filesystem::file_size(file_); }

  ScratchFolder folder_;
  std::filesystem::path file_ = folder_.path() / "store.db";
};

TEST_F(Shrink, ANewFileGivesBackWhatIsPurgedStepByStep) {
  {
    const auto store = open();
    fill_and_purge(*store);
    const auto full = space(*store);
    ASSERT_GT(full.free, full.pages / 2);
    const auto one = store->transact_now([](Tx& tx) { return shrink(tx, 64); });
    ASSERT_TRUE(one && one->more);
    EXPECT_EQ(one->space.pages, full.pages - 64);  // So much and no more, so that nobody waits for long.
    shrink_all(*store, 64);
    const auto after = space(*store);
    EXPECT_LE(after.free, unused_pages_to_keep(after));
  }
  EXPECT_LT(size(), 2'000'000U);  // Of 12 MB that were there.
}

TEST_F(Shrink, KeepsALittleForWhatIsWrittenNext) {
  const auto store = open();
  fill_and_purge(*store);
  shrink_all(*store, 1'000'000);
  EXPECT_GE(space(*store).free, 256);
  EXPECT_EQ(unused_pages_to_keep({.pages = 1'000'000}), 50'000);
}

TEST_F(Shrink, AnOlderFileStaysAsItIsUntilItIsVacuumed) {
  make_old_file();
  {
    const auto store = open();
    fill_and_purge(*store);
    EXPECT_EQ(shrink_all(*store, 64), 1);  // And does not try for ever.
  }
  const auto before = size();
  ASSERT_GT(before, 10'000'000U);
  const auto done = vacuum_sqlite(file_);
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(done->bytes_before, before);
  EXPECT_LT(size(), 200'000U);
  const auto store = open();
  fill_and_purge(*store);
  EXPECT_GT(shrink_all(*store, 64), 10);
}

TEST_F(Shrink, AVacuumLeavesTheFileOfARunningServerAlone) {
  const auto store = open();
  fill_and_purge(*store);
  const auto done = vacuum_sqlite(file_);
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().detail.find("is in use by process"), std::string::npos) << done.error().detail;
}

TEST_F(Shrink, AVacuumNeedsAFileOfOurs) {
  EXPECT_FALSE(vacuum_sqlite(folder_.path() / "absent.db"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "absent.db"));
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file_.c_str(), &db), SQLITE_OK);
  sqlite3_exec(db, "CREATE TABLE theirs (a)", nullptr, nullptr, nullptr);
  sqlite3_close(db);
  EXPECT_FALSE(vacuum_sqlite(file_));
}

TEST_F(Shrink, TheBackupOfAnOlderFileCanShrink) {
  make_old_file();
  {
    const auto store = open();
    fill_and_purge(*store);
    ASSERT_TRUE(backup_sqlite(file_, folder_.path() / "copy.db"));
    ASSERT_TRUE(backup_sqlite(folder_.path() / "copy.db", folder_.path() / "copy2.db"));  // And one of its own copy.
  }
  std::filesystem::rename(folder_.path() / "copy2.db", file_);
  const auto store = open();
  fill_and_purge(*store);
  EXPECT_GT(shrink_all(*store, 64), 10);
}

TEST_F(Shrink, AFileCanBeLookedAtWhileItsServerRunsButNotChanged) {
  const auto server = open();
  fill_and_purge(*server);
  const auto look = open_sqlite_to_look(file_);
  ASSERT_TRUE(look) << look.error().detail;
  static const Sql kCount{"SELECT count(*) FROM filling"};
  const auto count = [&] {
    return *(*look)->read_now([](Tx& tx) {
      std::int64_t rows = 0;
      tx.one(kCount, {}, [&](const Row& row) { rows = row.integer(0); });
      return rows;
    });
  };
  EXPECT_EQ(count(), 11);
  static const Sql kAll{"DELETE FROM filling"};
  EXPECT_FALSE((*look)->transact_now([](Tx& tx) { return tx.exec(kAll, {}); }));
  EXPECT_TRUE(server->transact_now([](Tx& tx) { return tx.exec(kAll, {}); }));
  EXPECT_EQ(count(), 0);  // What is there now, not what was there at the beginning.
}

}  // namespace
}  // namespace countersign::store
