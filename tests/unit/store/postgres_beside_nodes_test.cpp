// Batches of several nodes that are open at the same time, kept apart by the keys of their units.

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <latch>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "breaking_proxy.h"
#include "ledger.h"
#include "queue_executor.h"
#include "store/postgres/postgres_store.h"
#include "support/patient_options.h"
#include "support/postgres_cluster.h"

namespace countersign::store {
namespace {

const Sql kNote{"SELECT note FROM entry WHERE number = ?1"};
const Sql kKeep{"UPDATE entry SET note = ?2 WHERE number = ?1"};
const Sql kAdd{"INSERT INTO entry (number, note) VALUES (?1, ?2)"};

class BesideNodes : public ::testing::Test {
 protected:
  BesideNodes() {
    const auto store = open();
    EXPECT_TRUE(migrate(*store, kLedgerSchema, WallTime{}));
    for (int number = 1; number <= 4; ++number) {
      EXPECT_TRUE(store->transact_now([number](Tx& tx) { return add_entry(tx, number, ""); }));
    }
  }

  std::unique_ptr<Store> open() { return open(url_); }
  static std::unique_ptr<Store> open(const std::string& url) {
    auto opened = open_postgres(testing::patient_options(url));
    EXPECT_TRUE(opened) << opened.error().detail;
    return std::move(opened).value();
  }

  using Body = std::function<Done(Tx&)>;

  static Key key(int number) { return {Key::Kind::kSubject, "", std::to_string(number)}; }
  static std::string read(Tx& tx, int number) {
    std::string found;
    tx.one(kNote, {number}, [&](const Row& row) { found = row.bytes(0); });
    return found;
  }
  static void add_letter(Tx& tx, int number) {
    const std::string longer = read(tx, number) + "x";
    tx.put(kKeep, {number, Blob{longer}});
  }
  static Body under_key(int number) {
    return [number](Tx& tx) {
      const Beside beside(tx);
      static_cast<void>(tx.take(key(number)));
      add_letter(tx, number);
      return Done{};
    };
  }
  std::string note_of(int number) const {
    return testing::PostgresCluster::run(
        url_, "SELECT encode(note, 'escape') FROM entry WHERE number = " + std::to_string(number));
  }

  /// False if it does not happen for long.
  static bool comes(const std::function<bool()>& happened) {
    for (int i = 0; i < 300'000; ++i) {
      if (happened()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }

  /// A unit that has run its first statements under the key and then waits, with its batch open.
  class Open {
   public:
    Open(Store& store, int number) {
      store.transact(
          home_,
          [this, number](Tx& tx) {
            const Beside beside(tx);
            static_cast<void>(tx.take(key(number)));
            add_letter(tx, number);
            static_cast<void>(read(tx, number));  // Its keys are had.
            if (!is_open_.try_wait()) is_open_.count_down();
            may_end_.wait();
            return Done{};
          },
          [](const auto& done) { EXPECT_TRUE(done) << done.error().detail; });
      is_open_.wait();
    }
    ~Open() {
      may_end_.count_down();
      home_.run(1);
    }
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;

   private:
    QueueExecutor home_;
    std::latch is_open_{1};
    std::latch may_end_{1};
  };

  const std::string url_ = testing::PostgresCluster::shared().new_database();
};

TEST_F(BesideNodes, UnitsWithOtherKeysWaitForNobody) {
  const auto a = open();
  const auto b = open();
  const Open open(*a, 1);
  EXPECT_TRUE(b->transact_now(under_key(2)));
  EXPECT_EQ(note_of(2), "x");
  EXPECT_EQ(note_of(1), "") << "the other is still open";
}

TEST_F(BesideNodes, AUnitWhoseKeyAnotherHasComesLater) {
  const auto a = open();
  const auto b = open();
  QueueExecutor home;
  std::atomic<bool> answered = false;
  {
    const Open open(*a, 1);
    b->transact(home, under_key(1), [&](const auto& done) {
      EXPECT_TRUE(done);
      answered = true;
    });
    EXPECT_TRUE(comes([&] { return b->stats().put_off > 0; }));
    EXPECT_FALSE(answered);
    EXPECT_EQ(note_of(1), "");
  }
  home.run(1);
  EXPECT_EQ(note_of(1), "xx");
  EXPECT_EQ(b->stats().conflicts, 0U);
}

// The others of its batch do not wait for it.
TEST_F(BesideNodes, AUnitThatComesLaterHoldsUpNoOther) {
  const auto a = open();
  const auto b = open();
  QueueExecutor home;
  {
    const Open open(*a, 1);
    b->transact(home, under_key(1), [](const auto& done) { EXPECT_TRUE(done); });
    EXPECT_TRUE(comes([&] { return b->stats().put_off > 0; }));
    EXPECT_TRUE(b->transact_now(under_key(2)));
  }
  home.run(1);
  EXPECT_EQ(note_of(1), "xx");
  EXPECT_EQ(note_of(2), "x");
}

TEST_F(BesideNodes, WhoNeedsTheTurnIsAlone) {
  const auto a = open();
  const auto b = open();
  QueueExecutor home;
  std::atomic<bool> answered = false;
  {
    const Open open(*a, 1);
    b->transact(
        home,
        [](Tx& tx) {
          const std::string seen = read(tx, 1) + "!";  // Nothing of the row itself makes it wait.
          tx.put(kKeep, {2, Blob{seen}});
          EXPECT_FALSE(tx.is_shared());
          return Done{};
        },
        [&](const auto& done) {
          EXPECT_TRUE(done);
          answered = true;
        });
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_FALSE(answered);
  }
  home.run(1);
  EXPECT_EQ(note_of(2), "x!");
}

// An operator cancels what waits, say. What runs without the turn has nothing that keeps it from the others.
TEST_F(BesideNodes, WhoDoesNotGetTheTurnDoesNothingWithoutIt) {
  const auto a = open();
  const auto b = open();
  QueueExecutor home;
  constexpr std::size_t kUnits = 6;
  std::atomic<int> answered = 0;
  {
    const Open open(*a, 1);
    for (std::size_t i = 0; i < kUnits; ++i) {
      b->transact(
          home,
          [](Tx& tx) {
            const std::string seen = read(tx, 1) + "!";
            tx.put(kKeep, {2, Blob{seen}});
            return Done{};
          },
          [&](const auto& done) {
            EXPECT_TRUE(done) << done.error().detail;
            ++answered;
          });
    }
    for (int i = 0; i < 4; ++i) {
      EXPECT_TRUE(comes([&] {
        return testing::PostgresCluster::run(url_, R"sql(
            SELECT count(pg_cancel_backend(pid)) FROM pg_locks
            WHERE locktype = 'advisory' AND NOT granted
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        )sql") == "1";
      }));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_EQ(note_of(2), "") << "the other is still open";
  }
  home.run(kUnits);
  EXPECT_EQ(answered, kUnits);
  EXPECT_EQ(note_of(2), "x!");
}

/// All at once, on three nodes: those with keys, those that promise nothing, and those that promise and then do not.
TEST_F(BesideNodes, LoseNothing) {
  constexpr int kUnits = 120;
  std::vector<std::unique_ptr<Store>> nodes;
  for (int i = 0; i < 3; ++i) nodes.push_back(open());
  std::vector<std::thread> threads;
  for (const auto& node : nodes) {
    threads.emplace_back([&store = *node] {
      QueueExecutor home;
      for (int i = 0; i < kUnits; ++i) {
        const int number = 1 + i % 4;
        Body body = under_key(number);
        if (i % 10 == 3) {
          body = [number](Tx& tx) {
            add_letter(tx, number);
            return Done{};
          };
        }
        if (i % 10 == 7) {
          body = [number](Tx& tx) {
            {
              const Beside beside(tx);
              static_cast<void>(tx.take(key(number)));
              static_cast<void>(read(tx, number));
            }
            tx.alone();
            add_letter(tx, number);
            return Done{};
          };
        }
        store.transact(home, body, [](const auto& done) { EXPECT_TRUE(done) << done.error().detail; });
      }
      home.run(kUnits);
    });
  }
  for (auto& thread : threads) thread.join();
  for (int number = 1; number <= 4; ++number) EXPECT_EQ(note_of(number), std::string(3 * kUnits / 4, 'x'));
}

// A key that is first wanted by a unit that has written fails the batch, which then has the turn.
TEST_F(BesideNodes, AKeyThatIsTakenLateIsHadAllTheSame) {
  const auto a = open();
  const auto b = open();
  QueueExecutor home;
  {
    const Open open(*a, 1);
    b->transact(
        home,
        [](Tx& tx) {
          const Beside beside(tx);
          static_cast<void>(tx.take(key(0)));
          tx.put(kAdd, {5, Blob{"new"}});
          static_cast<void>(tx.take(key(1)));
          tx.put(kKeep, {1, Blob{"theirs"}});
          return Done{};
        },
        [](const auto& done) { EXPECT_TRUE(done) << done.error().detail; });
    EXPECT_TRUE(comes([&] { return b->stats().repeated_batches > 0; }));
  }
  home.run(1);
  EXPECT_EQ(note_of(1), "theirs");
  EXPECT_EQ(note_of(5), "new");
}

// Nothing says which of two nodes comes first where each has what the other wants; both get it.
TEST_F(BesideNodes, NeverWaitForEachOther) {
  const auto a = open();
  const auto b = open();
  const auto both = [](int first, int second) -> Body {
    return [=](Tx& tx) {
      const Beside beside(tx);
      static_cast<void>(tx.take(key(first)));
      static_cast<void>(read(tx, first));
      static_cast<void>(tx.take(key(second)));
      add_letter(tx, first);
      add_letter(tx, second);
      return Done{};
    };
  };
  std::vector<std::thread> threads;
  for (Store* const store : {a.get(), b.get()}) {
    threads.emplace_back([&, store, is_a = store == a.get()] {
      for (int i = 0; i < 100; ++i) EXPECT_TRUE(store->transact_now(is_a ? both(1, 2) : both(2, 1)));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(note_of(1), std::string(200, 'x'));
  EXPECT_EQ(note_of(2), std::string(200, 'x'));
}

// An operator's open transaction, say.
TEST_F(BesideNodes, ALockedRowHoldsUpOnlyWhoTouchesIt) {
  const auto impatient = [&](Duration retry_for) {
    auto opened = open_postgres({.url = SecretString(url_),
                                 .clock = system_clock(),
                                 .random = system_random(),
                                 .lock_timeout = std::chrono::milliseconds(300),
                                 .retry_for = retry_for});
    EXPECT_TRUE(opened) << opened.error().detail;
    return std::move(opened).value();
  };
  const auto a = impatient(std::chrono::minutes(10));
  const auto gives_up = impatient(std::chrono::seconds(2));
  const auto b = open();
  const auto outsider = open_postgres(testing::patient_options(url_, false));
  ASSERT_TRUE(outsider);
  QueueExecutor theirs;
  std::latch locked(1);
  std::latch go_on(1);
  (*outsider)->transact(
      theirs,
      [&](Tx& tx) {
        // The row keeps what it holds: who has no key must change none that a unit may have read.
        tx.put(kKeep, {1, Blob{read(tx, 1)}});
        static_cast<void>(read(tx, 1));
        locked.count_down();
        go_on.wait();
        return Done{};
      },
      [](const auto& done) { EXPECT_TRUE(done); });
  locked.wait();
  QueueExecutor home;
  std::atomic<bool> answered = false;
  a->transact(home, under_key(1), [&](const auto& done) {
    EXPECT_TRUE(done) << done.error().detail;
    answered = true;
  });
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(a->transact_now(under_key(2 + i % 2)));
  EXPECT_FALSE(answered);
  // Nor does it keep the turn from others, or keep a key to itself for ever.
  EXPECT_TRUE(b->transact_now([](Tx& tx) {
    add_letter(tx, 4);
    return Done{};
  }));
  const auto in_vain = gives_up->transact_now(under_key(1));
  ASSERT_FALSE(in_vain);
  EXPECT_EQ(in_vain.error().code, StoreError::Code::kConflict) << in_vain.error().detail;
  EXPECT_TRUE(gives_up->transact_now(under_key(2)));
  go_on.count_down();
  theirs.run(1);
  home.run(1);
  EXPECT_EQ(note_of(1), "x");
  EXPECT_EQ(note_of(2), std::string(11, 'x'));
}

// An operator's UPDATE of many rows, say: who touches none of them waits for one of those who do, not for all.
TEST_F(BesideNodes, ManyLockedRowsHoldUpOthersNoLongerThanOne) {
  constexpr int kLocked = 30;
  const auto store = open();
  for (int number = 5; number < 5 + kLocked; ++number)
    EXPECT_TRUE(store->transact_now([number](Tx& tx) { return add_entry(tx, number, ""); }));
  const auto outsider = open_postgres(testing::patient_options(url_, false));
  ASSERT_TRUE(outsider);
  QueueExecutor theirs;
  std::latch locked(1);
  std::latch go_on(1);
  (*outsider)->transact(
      theirs,
      [&](Tx& tx) {
        for (int number = 5; number < 5 + kLocked; ++number) add_letter(tx, number);
        static_cast<void>(read(tx, 1));
        if (!locked.try_wait()) locked.count_down();
        go_on.wait();
        return Done{};
      },
      [](const auto& done) { EXPECT_TRUE(done); });
  locked.wait();
  QueueExecutor home;
  for (int number = 5; number < 5 + kLocked; ++number)
    store->transact(home, under_key(number), [](const auto& done) { EXPECT_TRUE(done) << done.error().detail; });
  EXPECT_TRUE(store->transact_now(under_key(1)));  // By now all of them are known to wait.
  // 50 ms each. Were it all of them each time, no machine would take less than 6 s; a slow one does at the first or
  // another try.
  Duration least = Duration::max();
  for (int tries = 0; tries < 8 && least >= std::chrono::seconds(5); ++tries) {
    const MonotonicTime before = system_clock().monotonic();
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(store->transact_now(under_key(2)));
    least = std::min(least, system_clock().monotonic() - before);
  }
  EXPECT_LT(least, std::chrono::seconds(5));
  go_on.count_down();
  theirs.run(1);
  home.run(kLocked);
  for (int number = 5; number < 5 + kLocked; ++number) EXPECT_EQ(note_of(number), "xx");
}

// A commit that was sent before its connection was lost, and arrives after its writer has looked it up.
TEST_F(BesideNodes, ACommitThatArrivesLateFails) {
  BreakingProxy proxy(testing::PostgresCluster::shared().folder() / ".s.PGSQL.5432");
  const auto store = open(url_.substr(0, url_.find('?')) + "?host=" + proxy.folder().string() + "&user=postgres");
  proxy.break_at("COMMIT", BreakingProxy::Break::kLate);
  std::atomic<int> runs{0};
  std::string late;
  // With another key in the second run, since the lost session still has the first.
  const auto answer = store->transact_now([&](Tx& tx) {
    const Beside beside(tx);
    const int run = ++runs;
    if (run == 2) late = proxy.release();
    static_cast<void>(tx.take(key(100 + run)));
    static_cast<void>(read(tx, 100 + run));
    tx.put(kAdd, {100 + run, Blob{"note"}});
    return run;
  });
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(*answer, 2);
  EXPECT_NE(late.find("22012"), std::string::npos) << late;
  EXPECT_EQ(testing::PostgresCluster::run(url_, "SELECT sum(number) FROM entry WHERE number > 100"), "102");
  EXPECT_TRUE(store->transact_now(under_key(1))) << "its own later commits are not shut out";
}

}  // namespace
}  // namespace countersign::store
