// Moving a database to another one: everything is there afterwards, whatever happened on the way, and at no moment
// could a server have started on both.

#include "store/upkeep/move.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "store/migrations/migrations.h"
#include "store/postgres/postgres_store.h"
#include "store/sqlite/sqlite_store.h"
#include "store/upkeep/catalogue.h"
#include "store/upkeep/move_state.h"
#include "store/upkeep/value.h"
#include "support/fake_time.h"
#include "support/patient_options.h"
#include "support/postgres_cluster.h"
#include "unit/store/scratch_folder.h"
#include "unit/store/upkeep/dump.h"

namespace countersign::store {
namespace {

using ::testing::HasSubstr;
using Kind = MoveError::Kind;
using Moved = Result<MoveSummary, MoveError>;
using Steps = std::span<const Migration>;

/// Thrown out of the progress, as a crash would end it there.
struct Crash {};

class Move : public ::testing::Test {
 protected:
  void SetUp() override {
    url_ = testing::PostgresCluster::shared().new_database();
    file_ = folder_.path() / "old.db";
  }

  static std::unique_ptr<Store> open(const std::string& place) {
    auto opened = place.starts_with("postgresql:") ? open_postgres(testing::patient_options(place))
                                                   : open_sqlite({.file = place});
    EXPECT_TRUE(opened) << opened.error().detail;
    return std::move(opened).value();
  }
  void make_old(int rows, Steps steps = all_migrations()) const {
    ASSERT_TRUE(migrate(*open(file_), steps, WallTime{}));
    fill_sqlite(file_, rows);
  }
  Moved move(
      const std::string& from, const std::string& to, Steps steps = all_migrations(),
      const std::function<void(const MoveProgress&)>& on_progress = [](const auto&) {}) {
    const auto old_store = open(from);
    const auto new_store = open(to);
    return move_database({*old_store, "old"}, {*new_store, "new"}, steps, {from_micros(1), random_}, on_progress);
  }
  static std::optional<MoveState::Role> role(const std::string& place) {
    const auto state = open(place)->read_now(read_move_state);
    EXPECT_TRUE(state) << state.error().detail;
    return *state ? std::optional((*state)->role) : std::nullopt;
  }
  static void expect_error(const Moved& moved, Kind kind, const std::string& part) {
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().kind, kind) << moved.error().detail;
    EXPECT_THAT(moved.error().detail, HasSubstr(part));
  }

  ScratchFolder folder_;
  testing::SeededRandom random_{1};
  std::string url_;
  std::string file_;
};

TEST_F(Move, CatalogueIsTheSameInBothEnginesAndHasEveryTable) {
  make_old(0);
  ASSERT_TRUE(migrate(*open(url_), all_migrations(), WallTime{}));
  const auto of_sqlite = open(file_)->read_now(read_catalogue);
  const auto of_postgres = open(url_)->read_now(read_catalogue);
  ASSERT_TRUE(of_sqlite && of_postgres);
  EXPECT_TRUE(*of_sqlite == *of_postgres);

  std::set<std::string> named;
  static const std::regex kCreate{R"(CREATE TABLE (\w+))"};
  for (const auto& step : all_migrations()) {
    const std::string sql(step.sql);
    for (std::sregex_iterator it(sql.begin(), sql.end(), kCreate), end; it != end; ++it) named.insert((*it)[1]);
  }
  std::set<std::string> found;
  for (const auto& table : *of_sqlite) found.insert(table.name);
  EXPECT_EQ(found, named);
}

TEST_F(Move, EverythingArrivesThereAndBack) {
  make_old(700);
  const Dump old = dump_sqlite(file_);
  for (const auto& [table, rows] : old) EXPECT_EQ(rows.size(), 700U) << table;
  const auto there = move(file_, url_);
  ASSERT_TRUE(there) << there.error().detail;
  EXPECT_EQ(there->rows, std::ssize(old) * 700);
  EXPECT_TRUE(dump_postgres(url_) == old);
  EXPECT_EQ(role(file_), MoveState::Role::kLeft);
  EXPECT_EQ(role(url_), std::nullopt);

  const std::string third = folder_.path() / "third.db";
  const auto back = move(url_, third);
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_TRUE(dump_sqlite(third) == old);
  EXPECT_TRUE(dump_sqlite(file_) == old) << "the old one is as it was";
}

/// A step that comes later needs no change here: its tables and columns are moved because they are there.
TEST_F(Move, TablesAndColumnsOfLaterStepsArrive) {
  std::vector<Migration> steps(all_migrations().begin(), all_migrations().end());
  const int last = static_cast<int>(steps.size());
  steps.push_back(
      {last + 1, "later",
       "ALTER TABLE accounts ADD COLUMN motto TEXT; ALTER TABLE events ADD COLUMN extra {{blob}};"
       "CREATE TABLE later (a TEXT NOT NULL, b {{bigint}} NOT NULL, c {{blob}}, PRIMARY KEY (b, a)) {{table}}"});
  make_old(300, steps);
  const Dump old = dump_sqlite(file_);
  EXPECT_THAT(*old.at("accounts").begin(), HasSubstr("motto="));
  ASSERT_TRUE(move(file_, url_, steps));
  EXPECT_TRUE(dump_postgres(url_) == old);
}

TEST_F(Move, WhatCannotBeCopiedIsRefused) {
  std::vector<Migration> steps(all_migrations().begin(), all_migrations().end());
  const int last = static_cast<int>(steps.size());
  steps.push_back({last + 1, "odd", "CREATE TABLE odd (a {{bigint}} NOT NULL PRIMARY KEY, b REAL) {{table}}"});
  make_old(1, steps);
  expect_error(move(file_, url_, steps), Kind::kRefused, "column odd.b is of type REAL");
  steps.back().sql = "CREATE TABLE keyless (a {{bigint}} NOT NULL) {{table}}";
  file_ += "2";
  url_ = testing::PostgresCluster::shared().new_database();
  make_old(1, steps);
  expect_error(move(file_, url_, steps), Kind::kRefused, "table keyless has no primary key");
}

TEST_F(Move, EndsWellWhereverItWasEnded) {
  make_old(400);
  const Dump old = dump_sqlite(file_);
  int ended = 0;
  // Every table is told once in each run, so each gets a page or two further than the one before.
  const int told_max = static_cast<int>(old.size()) + 2;
  while (true) {
    int told = 0;
    try {
      const auto moved = move(file_, url_, all_migrations(), [&](const MoveProgress& progress) {
        if (progress.phase == MoveProgress::Phase::kCopying && ++told > told_max) throw Crash{};
      });
      ASSERT_TRUE(moved) << moved.error().detail;
      break;
    } catch (const Crash&) {
      ++ended;
      ASSERT_EQ(role(file_), MoveState::Role::kLeaving);
      ASSERT_EQ(role(url_), MoveState::Role::kArriving);
      ASSERT_LT(ended, 100);
    }
  }
  EXPECT_GT(ended, 4);
  EXPECT_TRUE(dump_postgres(url_) == old);
}

TEST_F(Move, EndedBetweenTheTwoLastCommitsIsFinished) {
  make_old(10);
  const Dump old = dump_sqlite(file_);
  EXPECT_THROW((void)move(file_, url_, all_migrations(),
                          [](const MoveProgress& progress) {
                            if (progress.phase == MoveProgress::Phase::kComparing) throw Crash{};
                          }),
               Crash);
  // As it stands when only the old one has been put out of force.
  run_sqlite(file_, "UPDATE move_state SET role = 'left'");
  ASSERT_TRUE(move(file_, url_));
  EXPECT_EQ(role(url_), std::nullopt);
  EXPECT_TRUE(dump_postgres(url_) == old);
  expect_error(move(file_, url_), Kind::kRefused, "old was moved to new");
}

TEST_F(Move, CopyThatDiffersStaysClosed) {
  for (const auto* const damage :
       {"DELETE FROM events WHERE id IN (SELECT id FROM events LIMIT 1)", "UPDATE counters SET count = count + 1"}) {
    file_ += "x";
    url_ = testing::PostgresCluster::shared().new_database();
    make_old(10);
    EXPECT_THROW((void)move(file_, url_, all_migrations(),
                            [](const MoveProgress& progress) {
                              if (progress.phase == MoveProgress::Phase::kComparing) throw Crash{};
                            }),
                 Crash);
    testing::PostgresCluster::run(url_, damage);
    expect_error(move(file_, url_), Kind::kDiffers, damage[0] == 'D' ? "9 rows against 10" : "with other content");
    EXPECT_EQ(role(url_), MoveState::Role::kArriving);
    EXPECT_EQ(role(file_), MoveState::Role::kLeaving);
  }
}

TEST_F(Move, DatabaseWithDataIsLeftAlone) {
  make_old(1);
  ASSERT_TRUE(migrate(*open(url_), all_migrations(), WallTime{}));
  testing::PostgresCluster::run(url_, "INSERT INTO key_checks VALUES ('x', 'y')");
  const Dump before = dump_postgres(url_);
  expect_error(move(file_, url_), Kind::kRefused, "new holds data already, in table key_checks");
  EXPECT_TRUE(dump_postgres(url_) == before);
  EXPECT_EQ(role(file_), std::nullopt);
}

TEST_F(Move, OtherSchemasAreRefused) {
  make_old(1, all_migrations().first(1));
  expect_error(move(file_, url_), Kind::kRefused, "another schema than this version (1 steps, not");
  const std::string nothing = folder_.path() / "nothing.db";
  expect_error(move(nothing, url_), Kind::kRefused, "no database of Countersign");

  file_ += "2";
  make_old(1);
  std::vector<Migration> newer(all_migrations().begin(), all_migrations().end());
  newer.push_back({static_cast<int>(newer.size()) + 1, "newer", "CREATE TABLE newer (a TEXT NOT NULL PRIMARY KEY)"});
  ASSERT_TRUE(migrate(*open(url_), newer, WallTime{}));
  expect_error(move(file_, url_), Kind::kRefused, "newer");
  EXPECT_EQ(role(file_), std::nullopt);
}

TEST_F(Move, GoingElsewhereClosesTheFirstCopyForGood) {
  make_old(10);
  EXPECT_THROW((void)move(file_, url_, all_migrations(), [](const auto&) { throw Crash{}; }), Crash);
  const std::string first = url_;
  url_ = testing::PostgresCluster::shared().new_database();
  ASSERT_TRUE(move(file_, url_));
  expect_error(move(file_, first), Kind::kRefused, "old was moved to new");
  EXPECT_EQ(role(first), MoveState::Role::kArriving);

  file_ += "2";
  make_old(10);
  expect_error(move(file_, first), Kind::kRefused, "unfinished copy of another move");
  expect_error(move(first, folder_.path() / "third.db"), Kind::kRefused, "holds an unfinished copy");
}

TEST_F(Move, GivenUpLetsTheOldOneStartAndTheCopyNever) {
  make_old(10);
  EXPECT_FALSE(give_up_move({*open(file_), "old"}));
  EXPECT_THROW((void)move(file_, url_, all_migrations(), [](const auto&) { throw Crash{}; }), Crash);
  ASSERT_TRUE(give_up_move({*open(file_), "old"}));
  EXPECT_EQ(role(file_), std::nullopt);
  EXPECT_EQ(role(url_), MoveState::Role::kArriving);
  expect_error(move(file_, url_), Kind::kRefused, "unfinished copy of another move");

  url_ = testing::PostgresCluster::shared().new_database();
  ASSERT_TRUE(move(file_, url_));
  const auto late = give_up_move({*open(file_), "old"});
  ASSERT_FALSE(late) << "the new one may be in use by now";
  EXPECT_THAT(late.error().detail, HasSubstr("old was moved to new"));
}

TEST(Values, ComeBackAsTheyWentAndNeverCollide) {
  const std::vector<Values> all{{},
                                {Value()},
                                {Value(), Value()},
                                {std::int64_t{-1}},
                                {std::string()},
                                {std::string("b")},
                                {std::string("a"), std::string("b")},
                                {std::string("ab")},
                                {std::numeric_limits<std::int64_t>::min(), std::string("\0n", 2)}};
  std::set<std::string> texts;
  for (const auto& values : all) {
    EXPECT_TRUE(decode_values(encode_values(values)) == values);
    texts.insert(encode_values(values));
  }
  EXPECT_EQ(texts.size(), all.size());
  EXPECT_THROW((void)decode_values("i1234"), StoreFailure);
  EXPECT_THROW((void)decode_values("x"), StoreFailure);
}

}  // namespace
}  // namespace countersign::store
