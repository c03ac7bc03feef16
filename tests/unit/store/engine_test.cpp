// What every engine must do. The engines that it runs on are listed in engines.cpp.

#include <latch>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "engine_fixture.h"

namespace countersign::store {
namespace {

TEST_P(EngineFixture, EveryTypeComesBackAsItWent) {
  static const Sql kCreate{
      "CREATE TABLE kind (key {{bigint}} PRIMARY KEY, i {{bigint}}, t TEXT, b {{blob}}, id {{blob}}, at {{bigint}})"
      " {{table}}"};
  static const Sql kInsert{"INSERT INTO kind (key, i, t, b, id, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"};
  static const Sql kSelect{"SELECT i, t, b, id, at FROM kind ORDER BY key"};
  const SubjectId id{Id{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xff}}};
  const std::string bytes("\0\xff\0", 3);
  const auto done = store_->transact_now([&](Tx& tx) {
    tx.exec(kCreate, {});
    tx.exec(kInsert, {1, std::numeric_limits<std::int64_t>::min(), "née €", Blob{bytes}, id, from_micros(-7)});
    tx.exec(kInsert, {2, true, std::string_view(), Blob{}, id.id, std::optional<WallTime>(from_micros(8))});
    tx.exec(kInsert, {3, std::optional<bool>(), nullptr, std::optional<Blob>(), std::optional<SubjectId>(), nullptr});
    return Done{};
  });
  ASSERT_TRUE(done) << done.error().detail;

  int row_number = 0;
  const auto read = store_->read_now([&](Tx& tx) {
    row_number = 0;
    tx.all(kSelect, {}, [&](const Row& row) {
      switch (++row_number) {
        case 1:
          EXPECT_EQ(row.integer(0), std::numeric_limits<std::int64_t>::min());
          EXPECT_EQ(row.string(1), "née €");
          EXPECT_EQ(row.bytes(2), bytes);
          EXPECT_EQ(row.id<SubjectId>(3), id);
          EXPECT_EQ(row.time(4), from_micros(-7));
          EXPECT_EQ(row.optional_string(1), "née €");
          break;
        case 2:
          // Empty is not NULL, neither as text nor as bytes.
          EXPECT_TRUE(row.boolean(0));
          EXPECT_FALSE(row.is_null(1));
          EXPECT_EQ(row.text(1), "");
          EXPECT_FALSE(row.is_null(2));
          EXPECT_EQ(row.blob(2), "");
          EXPECT_EQ(row.id<Id>(3), id.id);
          EXPECT_EQ(row.optional_time(4), from_micros(8));
          break;
        default:
          for (int column = 0; column < 5; ++column) EXPECT_TRUE(row.is_null(column));
          EXPECT_EQ(row.optional_integer(0), std::nullopt);
          EXPECT_EQ(row.optional_bytes(2), std::nullopt);
          EXPECT_EQ(row.optional_id<SubjectId>(3), std::nullopt);
      }
    });
    return Done{};
  });
  EXPECT_TRUE(read) << read.error().detail;
  EXPECT_EQ(row_number, 3);
}

TEST_P(EngineFixture, ColumnOfAnotherTypeIsAFailureOfTheStore) {
  static const Sql kSelect{"SELECT name, value, NULL FROM counter"};
  const auto fails = [&](auto take) {
    const auto read = store_->read_now([&](Tx& tx) {
      tx.one(kSelect, {}, [&](const Row& row) { take(row); });
      return Done{};
    });
    return !read && read.error().code == StoreError::Code::kUnreadable;
  };
  EXPECT_TRUE(fails([](const Row& row) { (void)row.integer(0); }));
  EXPECT_TRUE(fails([](const Row& row) { (void)row.text(1); }));
  EXPECT_TRUE(fails([](const Row& row) { (void)row.blob(0); }));
  EXPECT_TRUE(fails([](const Row& row) { (void)row.integer(2); }));
  EXPECT_FALSE(fails([](const Row& row) { (void)row.integer(1); }));
}

TEST_P(EngineFixture, TextWithANulIsRefusedAndBytesWithOneAreNot) {
  static const Sql kName{"UPDATE counter SET name = ?1"};
  const auto refused = store_->transact_now([](Tx& tx) { return tx.exec(kName, {std::string_view("a\0b", 3)}); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, StoreError::Code::kFailed);
  EXPECT_TRUE(store_->transact_now([](Tx& tx) { return add_entry(tx, 1, std::string_view("a\0b", 3)); }));
  EXPECT_EQ(ledger(), (Ledger{1, 1}));
}

TEST_P(EngineFixture, WhatIsPutIsThereForWhatFollowsAndAfterTheCommit) {
  static const Sql kInsert{"INSERT INTO entry (number, note) VALUES (?1, ?2)"};
  const auto seen = store_->transact_now([](Tx& tx) {
    for (int i = 0; i < 10; ++i) tx.put(kInsert, {i, Blob{"note"}});
    const bool there = has_entry(tx, 9);
    tx.put(kInsert, {10, Blob{"note"}});
    return there;
  });
  EXPECT_TRUE(seen.value_or(false));
  ASSERT_TRUE(store_->transact_now([](Tx& tx) { return tx.put(kInsert, {11, Blob{"alone"}}), Done{}; }));
  EXPECT_EQ(ledger().entries, 12);
}

TEST_P(EngineFixture, PutThatFailsRollsBackItsUnitAlone) {
  static const Sql kInsert{"INSERT INTO entry (number, note) VALUES (?1, ?2)"};
  ASSERT_TRUE(add(7));
  std::vector<bool> answers;
  // 7 is there already; its neighbours must not suffer, wherever the failure shows.
  for (const int number : {8, 7, 9, 10}) {
    store_->transact(
        home_,
        [number](Tx& tx) {
          tx.put(kInsert, {number, Blob{"note"}});
          return Done{};
        },
        [&](const Result<Done, StoreError>& result) {
          answers.push_back(result.has_value());
          if (!result) {
            EXPECT_EQ(result.error().code, StoreError::Code::kFailed);
          }
        });
  }
  home_.run(4);
  EXPECT_EQ(answers, (std::vector<bool>{true, false, true, true}));
  EXPECT_EQ(ledger().entries, 4);
  // Alone in its batch it fails as well.
  const auto alone = store_->transact_now([](Tx& tx) { return tx.put(kInsert, {7, Blob{"note"}}), Done{}; });
  EXPECT_FALSE(alone);
}

TEST_P(EngineFixture, ErrorsDoNotQuoteWhatIsStored) {
  static const Sql kInsert{"INSERT INTO counter (name, value) VALUES (?1, ?2)"};
  const auto insert = [](Tx& tx) { return tx.exec(kInsert, {"marie@example.com", 1}); };
  ASSERT_TRUE(store_->transact_now(insert));
  const auto again = store_->transact_now(insert);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().detail.find("marie"), std::string::npos) << again.error().detail;
}

TEST_P(EngineFixture, ExecCountsRows) {
  static const Sql kInsert{"INSERT INTO entry (number, note) VALUES (?1, ?2) ON CONFLICT (number) DO NOTHING"};
  static const Sql kUpdate{"UPDATE entry SET note = ?1 WHERE number < ?2"};
  const auto counts = store_->transact_now([](Tx& tx) {
    return std::vector<std::int64_t>{tx.exec(kInsert, {1, Blob{"a"}}), tx.exec(kInsert, {2, Blob{"a"}}),
                                     tx.exec(kInsert, {2, Blob{"b"}}), tx.exec(kUpdate, {Blob{"c"}, 10}),
                                     tx.exec(kUpdate, {Blob{"d"}, 0})};
  });
  ASSERT_TRUE(counts) << counts.error().detail;
  EXPECT_EQ(*counts, (std::vector<std::int64_t>{1, 1, 0, 2, 0}));
}

TEST_P(EngineFixture, OneAnswersTheFirstRowAndReturningWritesAllOfThem) {
  static const Sql kUpdate{"UPDATE entry SET note = ?1 RETURNING number"};
  static const Sql kChanged{"SELECT count(*) FROM entry WHERE note = ?1"};
  ASSERT_TRUE(add(1) && add(2) && add(3));
  int rows = 0;
  const auto changed = store_->transact_now([&](Tx& tx) {
    rows = 0;
    tx.one(kUpdate, {Blob{"x"}}, [&](const Row&) { ++rows; });
    std::int64_t count = 0;
    tx.one(kChanged, {Blob{"x"}}, [&](const Row& row) { count = row.integer(0); });
    return count;
  });
  EXPECT_EQ(rows, 1);
  EXPECT_EQ(changed.value_or(-1), 3);
  EXPECT_FALSE(store_->read_now([](Tx& tx) { return has_entry(tx, 9); }).value_or(true));
}

TEST_P(ServingEngine, CommitsSurviveReopening) {
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(add(i));
  open();
  EXPECT_EQ(ledger(), (Ledger{100, 100}));
}

TEST_P(EngineFixture, UnitThatThrowsLeavesTheOthers) {
  std::vector<std::string> answers;
  const auto note = [&](const Result<Done, StoreError>& result) {
    answers.push_back(result ? "done" : result.error().detail);
  };
  for (int i = 0; i < 50; ++i) {
    store_->transact(home_, [i](Tx& tx) { return add_entry(tx, i); }, note);
    store_->transact(
        home_,
        [i](Tx& tx) -> Done {
          add_entry(tx, 1000 + i);
          throw std::runtime_error("thrown");
        },
        note);
  }
  home_.run(100);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(answers[i], i % 2 == 0 ? "done" : "thrown");
  EXPECT_EQ(ledger(), (Ledger{50, 50}));
}

TEST_P(EngineFixture, BrokenConstraintRollsBackItsUnitAlone) {
  ASSERT_TRUE(add(7));
  std::vector<bool> answers;
  for (const int number : {8, 7, 9}) {
    store_->transact(
        home_, [number](Tx& tx) { return add_entry(tx, number); },
        [&](const Result<Done, StoreError>& result) {
          answers.push_back(result.has_value());
          if (!result) {
            EXPECT_EQ(result.error().code, StoreError::Code::kFailed);
          }
        });
  }
  home_.run(3);
  EXPECT_EQ(answers, (std::vector<bool>{true, false, true}));
  EXPECT_EQ(ledger(), (Ledger{3, 3}));
}

TEST_P(EngineFixture, AbandonedUnitLeavesNothingAndStillAnswers) {
  std::vector<int> answers;
  const auto note = [&](const Result<int, StoreError>& result) { answers.push_back(result.value_or(-1)); };
  const auto keep = [](Tx& tx) { return add_entry(tx, 1), 1; };
  const auto give_up = [](Tx& tx) {
    add_entry(tx, 2);
    tx.abandon();
    add_entry(tx, 3);
    return 2;
  };
  const auto give_up_unwritten = [](Tx& tx) { return tx.abandon(), 3; };
  store_->transact(home_, keep, note);
  store_->transact(home_, give_up, note);
  store_->transact(home_, give_up_unwritten, note);
  home_.run(3);
  EXPECT_EQ(answers, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(ledger(), (Ledger{1, 1}));
}

TEST_P(EngineFixture, WhatIsCountedIsToldOnceAndOnlyOfWhatHappened) {
  std::vector<std::string> told;
  const auto unit = [&](std::int64_t number, std::function<void(Tx&)> more) {
    store_->transact(
        home_,
        [&told, number, more](Tx& tx) {
          tx.when_durable([&told, number] { told.push_back("did " + std::to_string(number)); });
          tx.when_answered([&told, number] { told.push_back("asked " + std::to_string(number)); });
          add_entry(tx, number);
          more(tx);
          return Done{};
        },
        [&told, number](const Result<Done, StoreError>& result) {
          told.push_back((result ? "answer " : "error ") + std::to_string(number));
        });
  };
  // In one batch or in several: units that are undone make their neighbours run again.
  unit(1, [](Tx&) {});
  unit(2, [](Tx& tx) { tx.abandon(); });
  unit(3, [](Tx& tx) { add_entry(tx, 1); });  // A broken constraint.
  unit(4, [](Tx&) {});
  home_.run(4);
  EXPECT_EQ(told, (std::vector<std::string>{"did 1", "asked 1", "answer 1", "asked 2", "answer 2", "error 3", "did 4",
                                            "asked 4", "answer 4"}));
}

TEST_P(EngineFixture, LaterUnitsSeeEarlierOnes) {
  std::vector<bool> seen;
  for (int i = 0; i < 100; ++i) {
    store_->transact(
        home_,
        [i](Tx& tx) {
          const bool earlier = i == 0 || has_entry(tx, i - 1);
          add_entry(tx, i);
          return earlier;
        },
        [&](const Result<bool, StoreError>& result) { seen.push_back(result.value_or(false)); });
  }
  home_.run(100);
  EXPECT_EQ(seen, std::vector<bool>(100, true));
}

TEST_P(EngineFixture, ContinuationsComeInTheOrderOfCommitsOnTheirOwnHome) {
  QueueExecutor other;
  std::vector<int> at_home;
  std::vector<int> elsewhere;
  const auto me = std::this_thread::get_id();
  for (int i = 0; i < 200; ++i) {
    const bool even = i % 2 == 0;
    store_->transact(
        even ? static_cast<Executor&>(home_) : other, [i](Tx& tx) { return add_entry(tx, i), i; },
        [&, even, me](const Result<int, StoreError>& result) {
          EXPECT_EQ(std::this_thread::get_id(), me);
          (even ? at_home : elsewhere).push_back(result.value_or(-1));
        });
  }
  other.run(100);
  home_.run(100);
  ASSERT_EQ(at_home.size() + elsewhere.size(), 200U);
  for (int i = 0; i < 200; ++i) EXPECT_EQ((i % 2 == 0 ? at_home : elsewhere)[static_cast<std::size_t>(i / 2)], i);
}

TEST_P(EngineFixture, ManyThreadsLoseNothingAndCountExactly) {
  constexpr int kThreads = 8;
  constexpr int kEach = 500;
  std::latch all_there(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      QueueExecutor home;
      int done = 0;
      all_there.arrive_and_wait();
      for (int i = 0; i < kEach; ++i) {
        store_->transact(
            home, [number = t * kEach + i](Tx& tx) { return add_entry(tx, number); },
            [&](const Result<Done, StoreError>& result) { done += result ? 1 : 0; });
        // At most 16 under way from each thread, so that the line never fills up.
        if (i >= 16) home.run(1);
      }
      home.run(16);
      EXPECT_EQ(done, kEach);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(ledger(), (Ledger{kThreads * kEach, kThreads * kEach}));
}

TEST_P(ServingEngine, ReadSeesTheLastCommitNotWhatIsUnderWay) {
  ASSERT_TRUE(add(1));
  std::latch written(1);
  std::latch looked(1);
  store_->transact(
      home_,
      [&](Tx& tx) {
        add_entry(tx, 2);
        written.count_down();
        looked.wait();
        return Done{};
      },
      [](const auto& result) { EXPECT_TRUE(result); });
  written.wait();
  // Would wait for ever if reading waited for the writer.
  EXPECT_EQ(ledger(), (Ledger{1, 1}));
  looked.count_down();
  home_.run(1);
  EXPECT_EQ(ledger(), (Ledger{2, 2}));
}

TEST_P(ServingEngine, ReadStaysOnItsSnapshot) {
  std::latch begun(1);
  std::latch changed(1);
  store_->read(
      home_,
      [&](Tx& tx) {
        const Ledger before = read_ledger(tx);
        begun.count_down();
        changed.wait();
        return std::pair(before, read_ledger(tx));
      },
      [](const auto& result) {
        ASSERT_TRUE(result);
        EXPECT_EQ(result->first, (Ledger{0, 0}));
        EXPECT_EQ(result->second, (Ledger{0, 0}));
      });
  begun.wait();
  ASSERT_TRUE(add(1));
  changed.count_down();
  home_.run(1);
}

TEST_P(EngineFixture, ReadThatThrowsAnswersAndTheNextWorks) {
  const auto thrown = store_->read_now([](Tx&) -> Done { throw std::runtime_error("thrown"); });
  ASSERT_FALSE(thrown);
  EXPECT_EQ(thrown.error().code, StoreError::Code::kFailed);
  EXPECT_EQ(thrown.error().detail, "thrown");
  EXPECT_EQ(ledger(), (Ledger{0, 0}));
}

TEST_P(EngineFixture, WritingInAReadIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH((void)store_->read_now([](Tx& tx) { return add_entry(tx, 1); }), "invariant broken");
}

TEST_P(EngineFixture, MoveOnlyWorkAndOutcomes) {
  const auto answer =
      store_->transact_now([held = std::make_unique<int>(5)](Tx&) { return std::make_unique<int>(*held + 1); });
  ASSERT_TRUE(answer);
  EXPECT_EQ(**answer, 6);
}

TEST_P(EngineFixture, StopDoesWhatIsQueuedAndThenRefuses) {
  int done = 0;
  for (int i = 0; i < 300; ++i) {
    store_->transact(
        home_, [i](Tx& tx) { return add_entry(tx, i); },
        [&](const Result<Done, StoreError>& result) { done += result ? 1 : 0; });
  }
  store_->stop();
  home_.run(300);
  EXPECT_EQ(done, 300);

  const auto late = add(1000);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, StoreError::Code::kShutDown);
  const auto late_read = store_->read_now(read_ledger);
  ASSERT_FALSE(late_read);
  EXPECT_EQ(late_read.error().code, StoreError::Code::kShutDown);
  store_->stop();
}

// A span says by them why its unit failed.
TEST(StoreErrors, HaveEachANameOfItsOwn) {
  using enum StoreError::Code;
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(kUnknown); ++code)
    EXPECT_TRUE(names.insert(name_of(static_cast<StoreError::Code>(code))).second) << code;
  EXPECT_EQ(name_of(kUnavailable), "unavailable");
  EXPECT_EQ(name_of(kInUse), "in_use");
  EXPECT_EQ(name_of(kOverloaded), "overloaded");
  EXPECT_EQ(name_of(kUnreadable), "unreadable");
  EXPECT_EQ(name_of(kUnknown), "unknown");
}

}  // namespace
}  // namespace countersign::store
