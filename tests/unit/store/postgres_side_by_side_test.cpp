// Units of one batch that run beside each other in one database transaction (store/postgres/side_by_side.h).

#include <gtest/gtest.h>

#include <exception>
#include <functional>
#include <latch>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/trace.h"
#include "breaking_proxy.h"
#include "ledger.h"
#include "queue_executor.h"
#include "store/postgres/postgres_store.h"
#include "support/patient_options.h"
#include "support/postgres_cluster.h"

namespace countersign::store {
namespace {

using Kind = Key::Kind;

const Sql kNoteOf{"SELECT note FROM entry WHERE number = ?1"};
const Sql kSetNote{"UPDATE entry SET note = ?2 WHERE number = ?1"};

std::string note(Tx& tx, int number) {
  std::string found;
  tx.one(kNoteOf, {number}, [&](const Row& row) { found = row.bytes(0); });
  return found;
}

class SideBySideUnits : public ::testing::Test {
 protected:
  /// Without turns no other node counts: all batches are serializable.
  std::unique_ptr<Store> open(bool turns = true) { return open(url_, turns); }
  static std::unique_ptr<Store> open(const std::string& url, bool turns = true) {
    auto opened = open_postgres(testing::patient_options(url, turns));
    EXPECT_TRUE(opened) << opened.error().detail;
    auto store = std::move(opened).value();
    EXPECT_TRUE(migrate(*store, kLedgerSchema, WallTime{}));
    for (int number = 1; number <= 40; ++number) {
      EXPECT_TRUE(store->transact_now([number](Tx& tx) {
        if (!has_entry(tx, number)) add_entry(tx, number, "");
        return Done{};
      }));
    }
    return store;
  }

  using Body = std::function<Done(Tx&)>;
  using Answers = std::vector<std::optional<StoreError::Code>>;

  /// Runs the units in one batch; the error of each.
  static Answers batch(Store& store, const std::vector<Body>& bodies) {
    QueueExecutor home;
    std::latch all_there(1);
    std::latch taken(1);
    store.transact(
        home,
        [&](Tx&) {
          taken.count_down();
          all_there.wait();
          return Done{};
        },
        [](const auto&) {});
    taken.wait();
    Answers answers(bodies.size());
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      store.transact(home, bodies[i], [&answers, i](const Result<Done, StoreError>& result) {
        if (!result) answers[i] = result.error().code;
      });
    }
    all_there.count_down();
    home.run(bodies.size() + 1);
    return answers;
  }

  static Key key(int number) { return {Kind::kSubject, "", std::to_string(number)}; }

  /// Reads the note of an entry, then writes it with one letter more.
  static Body adding_letter(int number) {
    return [number](Tx& tx) {
      const Beside beside(tx);
      EXPECT_TRUE(tx.take(key(number)));
      const std::string longer = note(tx, number) + "x";
      tx.put(kSetNote, {number, Blob{longer}});
      return Done{};
    };
  }

  void are_told_that_what_they_read_is_stale(bool turns);
  void both_want_to_be_alone(bool turns);

  static std::string note_of(Store& store, int number) {
    return store.read_now([number](Tx& tx) { return note(tx, number); }).value_or("?");
  }

  const std::string url_ = testing::PostgresCluster::shared().new_database();
};

TEST_F(SideBySideUnits, TravelTogether) {
  const auto store = open();
  std::vector<Body> bodies;
  for (int number = 1; number <= 40; ++number) bodies.push_back(adding_letter(number));
  const auto before = store->stats();
  EXPECT_EQ(batch(*store, bodies), Answers(40));
  // One for all that they read, one for all that they write.
  EXPECT_EQ(store->stats().round_trips - before.round_trips, 2U);
  EXPECT_EQ(store->stats().commits - before.commits, 2U);
  for (int number = 1; number <= 40; ++number) EXPECT_EQ(note_of(*store, number), "x");
}

TEST_F(SideBySideUnits, WithOneKeyFollowEachOther) {
  const auto store = open();
  std::vector<Body> bodies(30, adding_letter(7));
  EXPECT_EQ(batch(*store, bodies), Answers(30));
  EXPECT_EQ(note_of(*store, 7), std::string(30, 'x'));
  EXPECT_EQ(store->stats().repeated_batches, 0U);
}

// What is learned from a read may name the key that covers it; another may have been there in between.
TEST_F(SideBySideUnits, AreToldThatWhatTheyReadIsStale) {
  for (const bool turns : {false, true}) are_told_that_what_they_read_is_stale(turns);
}

void SideBySideUnits::are_told_that_what_they_read_is_stale(bool turns) {
  const auto store = open(turns);
  const std::string before = note_of(*store, 3);
  int stale = 0;
  std::vector<Body> bodies(20, [&](Tx& tx) {
    const Beside beside(tx);
    std::string found = note(tx, 3);
    if (!tx.take(key(3))) {
      ++stale;
      found = note(tx, 3);
    }
    found += "x";
    tx.put(kSetNote, {3, Blob{found}});
    return Done{};
  });
  EXPECT_EQ(batch(*store, bodies), Answers(20));
  EXPECT_EQ(note_of(*store, 3), before + std::string(20, 'x'));
  EXPECT_EQ(stale, turns ? 20 : 19) << "the first may have been overtaken only by another node";
}

TEST_F(SideBySideUnits, ThatPromiseNothingRunAlone) {
  const auto store = open();
  const Body plain = [](Tx& tx) {
    const std::string longer = note(tx, 5) + "p";
    tx.put(kSetNote, {5, Blob{longer}});
    return Done{};
  };
  std::vector<Body> bodies;
  for (int i = 0; i < 10; ++i) {
    bodies.push_back(plain);
    bodies.push_back(adding_letter(5));
  }
  EXPECT_EQ(batch(*store, bodies), Answers(20));
  EXPECT_EQ(note_of(*store, 5), std::string(10, 'x') + std::string(10, 'p'));
  EXPECT_EQ(store->stats().repeated_batches, 0U);
}

TEST_F(SideBySideUnits, RunAloneFromWhereTheirPromiseEnds) {
  const auto store = open();
  std::vector<Body> bodies;
  for (int number = 1; number <= 10; ++number) bodies.push_back(adding_letter(number));
  bodies.push_back([](Tx& tx) {
    {
      const Beside beside(tx);
      EXPECT_TRUE(tx.take(key(40)));
      EXPECT_EQ(note(tx, 40), "");
    }
    // By now the others have ended, whose entries no key of this one covers.
    for (int number = 1; number <= 10; ++number) EXPECT_EQ(note(tx, number), "x");
    return Done{};
  });
  EXPECT_EQ(batch(*store, bodies), Answers(11));
  EXPECT_EQ(store->stats().repeated_batches, 0U);
}

// Two that have begun and both want to be alone, or take keys in orders that differ, wait for each other.
TEST_F(SideBySideUnits, ThatWaitForEachOtherRunAgainOneAfterTheOther) {
  const auto crossing = [](int first, int second) -> Body {
    return [=](Tx& tx) {
      const Beside beside(tx);
      EXPECT_TRUE(tx.take(key(first)));
      const std::string of_first = note(tx, first) + "a";
      static_cast<void>(tx.take(key(second)));
      const std::string of_second = note(tx, second) + "b";
      tx.put(kSetNote, {first, Blob{of_first}});
      tx.put(kSetNote, {second, Blob{of_second}});
      return Done{};
    };
  };
  const auto store = open();
  EXPECT_EQ(batch(*store, {crossing(1, 2), crossing(2, 1)}), Answers(2));
  EXPECT_EQ(note_of(*store, 1), "ab");
  EXPECT_EQ(note_of(*store, 2), "ba");
  EXPECT_EQ(store->stats().repeated_batches, 1U);
}

TEST_F(SideBySideUnits, ThatBothWantToBeAloneRunAgainOneAfterTheOther) { both_want_to_be_alone(false); }
TEST_F(SideBySideUnits, ThatBothWantToBeAloneArePutOff) { both_want_to_be_alone(true); }

void SideBySideUnits::both_want_to_be_alone(bool turns) {
  const auto store = open(turns);
  const Body wants_to_be_alone = [](Tx& tx) {
    const Beside beside(tx);
    EXPECT_TRUE(tx.take(key(1)));
    const std::string longer = note(tx, 1) + "x";
    tx.alone();
    tx.put(kSetNote, {1, Blob{longer}});
    return Done{};
  };
  const Body another = [](Tx& tx) {
    const Beside beside(tx);
    EXPECT_TRUE(tx.take(key(2)));
    EXPECT_EQ(note(tx, 2), "");
    tx.alone();
    return Done{};
  };
  EXPECT_EQ(batch(*store, {wants_to_be_alone, another, wants_to_be_alone}), Answers(3));
  EXPECT_EQ(note_of(*store, 1), "xx");
  EXPECT_EQ(store->stats().repeated_batches, turns ? 0U : 1U)
      << "where they are put off, they are alone from the start";
}

TEST_F(SideBySideUnits, FailAndAreUndoneEachForItself) {
  using enum StoreError::Code;
  const auto store = open();
  const Body throws = [](Tx& tx) -> Done {
    const Beside beside(tx);
    EXPECT_TRUE(tx.take(key(11)));
    tx.put(kSetNote, {11, Blob{"wrong"}});
    static_cast<void>(note(tx, 11));
    throw std::runtime_error("a bug");
  };
  const Body breaks = [](Tx& tx) {  // By a statement that nobody waits for.
    const Beside beside(tx);
    static const Sql kInsert{"INSERT INTO entry (number, note) VALUES (?1, ?2)"};
    tx.put(kInsert, {12, Blob{"twice"}});
    return Done{};
  };
  const Body abandons = [](Tx& tx) {
    const Beside beside(tx);
    EXPECT_TRUE(tx.take(key(13)));
    tx.put(kSetNote, {13, Blob{"wrong"}});
    tx.abandon();
    return Done{};
  };
  const auto answers = batch(*store, {adding_letter(1), throws, adding_letter(11), breaks, adding_letter(12), abandons,
                                      adding_letter(13), adding_letter(1)});
  const Answers expected{{}, kFailed, {}, kFailed, {}, {}, {}, {}};
  EXPECT_EQ(answers, expected);
  EXPECT_EQ(note_of(*store, 1), "xx");
  for (const int number : {11, 12, 13}) EXPECT_EQ(note_of(*store, number), "x");
}

// Where units wait in the middle, each keeps its own exceptions and its own span.
TEST_F(SideBySideUnits, KeepWhatIsOfTheirThread) {
  const auto store = open();
  std::vector<Body> bodies;
  for (int number = 1; number <= 20; ++number) {
    bodies.push_back([number](Tx& tx) {
      const Beside beside(tx);
      EXPECT_TRUE(tx.take(key(number)));
      trace::SpanContext context;
      context.span[0] = static_cast<std::uint8_t>(number);
      const trace::Scope scope(context);
      try {
        throw number;
      } catch (int) {
        EXPECT_EQ(note(tx, number), "");  // The others throw theirs meanwhile.
        try {
          throw;
        } catch (int again) {
          EXPECT_EQ(again, number);
        }
      }
      EXPECT_EQ(std::uncaught_exceptions(), 0);
      EXPECT_EQ(trace::current().span[0], number);
      return Done{};
    });
  }
  EXPECT_EQ(batch(*store, bodies), Answers(20));
  EXPECT_EQ(store->stats().repeated_batches, 0U);
}

// A connection that is lost ends all of them where they wait; then they run again, and the commit once.
TEST_F(SideBySideUnits, RunAgainAfterALoss) {
  using enum BreakingProxy::Break;
  for (const auto& [text, how] :
       {std::pair("break here", kBefore), std::pair("COMMIT", kBefore), std::pair("COMMIT", kAfter)}) {
    BreakingProxy proxy(testing::PostgresCluster::shared().folder() / ".s.PGSQL.5432");
    const std::string url = testing::PostgresCluster::shared().new_database();
    const auto store = open(url.substr(0, url.find('?')) + "?host=" + proxy.folder().string() + "&user=postgres");
    std::vector<Body> bodies;
    for (int number = 1; number <= 20; ++number) bodies.push_back(adding_letter(number));
    bodies[9] = [](Tx& tx) {
      const Beside beside(tx);
      EXPECT_TRUE(tx.take(key(10)));
      const std::string longer = note(tx, 10) + "break here";
      tx.put(kSetNote, {10, Blob{longer}});
      EXPECT_EQ(note(tx, 10), "break here");
      return Done{};
    };
    proxy.break_at(text, how);
    EXPECT_EQ(batch(*store, bodies), Answers(20));
    EXPECT_EQ(store->stats().reconnects, 1U);
    for (int number = 1; number <= 20; ++number) {
      EXPECT_EQ(note_of(*store, number), number == 10 ? "break here" : "x") << text;
    }
  }
}

// With one that heeds no turn, as where a database has none.
TEST_F(SideBySideUnits, RunAgainAfterAConflict) {
  const auto store = open(false);
  const auto outsider = open_postgres(testing::patient_options(url_, false));
  ASSERT_TRUE(outsider);
  int runs = 0;
  const auto answers = batch(*store, {[&](Tx& tx) {
                                        const Beside beside(tx);
                                        EXPECT_TRUE(tx.take(key(1)));
                                        const std::string longer = note(tx, 1) + "x";
                                        if (++runs == 1) {
                                          EXPECT_TRUE((*outsider)->transact_now([](Tx& theirs) {
                                            theirs.exec(kSetNote, {1, Blob{"theirs "}});
                                            return Done{};
                                          }));
                                        }
                                        tx.put(kSetNote, {1, Blob{longer}});
                                        EXPECT_NE(note(tx, 1), "");
                                        return Done{};
                                      },
                                      adding_letter(2), adding_letter(3)});
  EXPECT_EQ(answers, Answers(3));
  EXPECT_EQ(note_of(*store, 1), "theirs x");
  EXPECT_EQ(note_of(*store, 2), "x");
  EXPECT_EQ(store->stats().conflicts, 1U);
}

}  // namespace
}  // namespace countersign::store
