// What the units of one commit share: audit events in one row, counters in memory. Whatever each unit does, and
// whichever of them end in nothing, what is left is as if they had run one after the other in commits of their own.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <atomic>
#include <latch>
#include <vector>

#include "engine_fixture.h"
#include "store/repository/counters.h"
#include "store/repository/events.h"
#include "store/repository/webhooks.h"
#include "support/fake_time.h"

namespace countersign::store {
namespace {

constexpr std::string_view kShared = "what is counted";

/// How a unit ends.
enum class End : std::uint8_t { kKept, kAbandoned, kThrown };

class OneCommit : public ProductEngine {
 protected:
  using Step = std::function<End(Tx&, Moment&)>;

  /// Runs them in the store one behind the other, with one commit for all: they wait behind a unit that waits for them.
  void together(const std::vector<Step>& steps) {
    std::atomic_flag begun;
    std::latch all_there(1);
    const auto nothing = [](const Result<Done, StoreError>&) {};
    store_->transact(
        home_,
        [&](Tx&) {
          begun.test_and_set();
          begun.notify_one();
          all_there.wait();
          return Done{};
        },
        nothing);
    begun.wait(false);  // Else some of them might be in one commit with it, and the rest in the next.
    for (const Step& step : steps) {
      store_->transact(
          home_,
          [this, &step](Tx& tx) {
            Moment moment{clock_.now(), random_};
            switch (step(tx, moment)) {
              case End::kAbandoned:
                tx.abandon();
                break;
              case End::kThrown:
                throw StoreFailure({StoreError::Code::kFailed, "as it was told"});
              case End::kKept:
                break;
            }
            return Done{};
          },
          nothing);
    }
    const auto before = store_->stats();
    all_there.count_down();
    home_.run(steps.size() + 1);
    commits_ = store_->stats().commits - before.commits;
    statements_ = store_->stats().statements - before.statements;
  }

  Step appends(std::string type, End end = End::kKept, AccountId account = {}) {
    return [this, type, end, account](Tx& tx, Moment& moment) {
      append_event(tx, ids_, {.account = account, .type = type, .data = "{}", .created_at = moment.now}, moment);
      return end;
    };
  }

  std::vector<EventRow> events(const EventFilter& filter = {}) {
    return store_->read_now([&](Tx& tx) { return list_events(tx, AccountId{}, filter).rows; }).value();
  }
  std::vector<std::string> types(const EventFilter& filter = {}) {
    std::vector<std::string> all;
    for (auto& event : events(filter)) all.push_back(event.type);
    return all;
  }
  std::int64_t bundles() {
    static const Sql kCount{"SELECT count(*) AS n FROM event_bundles"};
    return store_
        ->read_now([](Tx& tx) {
          std::int64_t n = 0;
          tx.one(kCount, {}, [&](const Row& row) { n = row.integer(0); });
          return n;
        })
        .value();
  }
  domain::Window window() {
    return store_->read_now([](Tx& tx) { return find_counter(tx, AccountId{}, kShared); }).value();
  }

  QueueExecutor home_;
  testing::SeededRandom random_;
  testing::FakeClock clock_;
  EventIds ids_;
  std::uint64_t commits_ = 0;
  std::uint64_t statements_ = 0;
};

TEST_P(OneCommit, EventsOfAllUnitsAreOneRowForEachAccount) {
  AccountId other;
  other.id.raw.back() = 1;
  std::vector<Step> steps;
  for (int i = 0; i < 20; ++i) steps.push_back(appends("of.one"));
  steps.push_back(appends("of.other", End::kKept, other));
  together(steps);
  ASSERT_LE(commits_, 2U);
  EXPECT_EQ(bundles(), 2);
  EXPECT_EQ(statements_, 2U);
  EXPECT_EQ(types(), std::vector<std::string>(20, "of.one"));
}

TEST_P(OneCommit, AUnitThatEndsInNothingLeavesNoEvent) {
  together({appends("first"), appends("abandoned", End::kAbandoned), appends("second"), appends("thrown", End::kThrown),
            [&](Tx& tx, Moment& moment) {
              appends("third")(tx, moment);
              return appends("fourth")(tx, moment);
            }});
  EXPECT_EQ(types(), (std::vector<std::string>{"first", "second", "third", "fourth"}));
  const auto all = events();
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_LT(all[i - 1].id, all[i].id);
  together({appends("nothing", End::kAbandoned)});
  EXPECT_EQ(bundles(), 1);
}

TEST_P(OneCommit, AnEventThatCannotBeStoredFailsItsUnitAlone) {
  together({appends("first"), appends(std::string("a\0b", 3)), appends("second")});
  EXPECT_EQ(types(), (std::vector<std::string>{"first", "second"}));
}

// Events of a version before the bundles, events of this one, and pages of any size: each once, in order.
TEST_P(OneCommit, PagesGoOnWithinABundleAndAfterEventsOfEarlierVersions) {
  static const Sql kOld{
      "INSERT INTO events (account_id, id, type, actor, request_id, data, created_at) "
      "VALUES (:account_id, :id, 'old', '', '', '{}', :created_at)"};
  const AccountId account{};
  std::vector<EventId> old;
  for (int i = 0; i < 5; ++i) {
    Moment moment{clock_.now(), random_};
    old.push_back(EventId::make(moment));
    ASSERT_TRUE(store_->transact_now([&](Tx& tx) {
      tx.put(kOld, {{"account_id", account}, {"id", old.back()}, {"created_at", moment.now}});
      return Done{};
    }));
    clock_.advance(std::chrono::seconds(1));
  }
  for (int n = 0; n < 3; ++n) {
    together({appends("a"), appends("b"), appends("c"), appends("d"), appends("e")});
    clock_.advance(std::chrono::minutes(1));
  }
  const auto all = types({.limit = 100});
  ASSERT_EQ(all.size(), 20U);
  for (int limit = 1; limit <= 21; ++limit) {
    std::vector<std::string> paged;
    std::optional<EventId> after;
    for (bool more = true; more; more = after.has_value()) {
      const auto page =
          store_->read_now([&](Tx& tx) { return list_events(tx, account, {.after = after, .limit = limit}); }).value();
      EXPECT_LE(page.rows.size(), static_cast<std::size_t>(limit));
      for (const auto& event : page.rows) paged.push_back(event.type);
      after = page.next;
    }
    EXPECT_EQ(paged, all) << limit;
  }
  EXPECT_EQ(types({.type = "c"}).size(), 3U);
  EXPECT_EQ(types({.type = "old"}).size(), 5U);
  const WallTime second = clock_.now() - std::chrono::minutes(2);
  EXPECT_EQ(types({.made = {.since = second}}).size(), 10U);
  EXPECT_EQ(types({.made = {.since = second, .until = second + std::chrono::milliseconds(1)}}).size(), 5U);
  EXPECT_EQ(types({.made = {.until = second}}).size(), 10U);
}

TEST_P(OneCommit, ATransactionsEventsAreFoundInTheBundlesOfOthers) {
  Moment moment{clock_.now(), random_};
  const auto mine = TransactionId::make(moment);
  const auto about = [&](std::string type, std::optional<TransactionId> transaction) {
    return [this, type, transaction](Tx& tx, Moment& now) {
      append_event(
          tx, ids_,
          {.account = {}, .type = type, .transaction = transaction, .subject = {}, .data = "{}", .created_at = now.now},
          now);
      return End::kKept;
    };
  };
  together({about("x", {}), about("held", mine), about("y", TransactionId::make(moment))});
  clock_.advance(std::chrono::hours(1));
  together({about("z", {}), about("claimed", mine)});
  EXPECT_EQ(types({.transaction = mine}), (std::vector<std::string>{"held", "claimed"}));
  EXPECT_EQ(types({.transaction = mine, .type = "claimed"}), (std::vector<std::string>{"claimed"}));
}

// A commit that takes long, and another node's events in between: by their own time all are found, each once. Where
// other nodes write, the list is in the order of the commits.
TEST_P(OneCommit, EventsOfALongCommitAreFoundByTheirTime) {
  using Types = std::vector<std::string>;
  const WallTime start = clock_.now();
  const auto at = [&](std::string type, Duration later, EventIds& ids) {
    return [this, type, time = start + later, &ids](Tx& tx, Moment&) {
      Moment then{time, random_};
      append_event(tx, ids, {.account = {}, .type = type, .data = "{}", .created_at = time}, then);
      return End::kKept;
    };
  };
  EventIds of_other;
  together({at("other", std::chrono::milliseconds(1500), of_other)});
  together({at("first", {}, ids_), at("second", std::chrono::seconds(1), ids_),
            at("late", std::chrono::seconds(10), ids_), at("later", std::chrono::seconds(11), ids_)});
  const bool other_nodes = GetParam().name == "postgres";
  EXPECT_EQ(types(), other_nodes ? (Types{"other", "first", "second", "late", "later"})
                                 : (Types{"first", "second", "other", "late", "later"}));
  EXPECT_EQ(types({.made = {.since = start + std::chrono::seconds(9)}}), (Types{"late", "later"}));
  EXPECT_EQ(types({.made = {.since = start, .until = start + std::chrono::milliseconds(1200)}}),
            (Types{"first", "second"}));
  EXPECT_EQ(
      types({.made = {.since = start + std::chrono::milliseconds(1200), .until = start + std::chrono::seconds(2)}}),
      (Types{"other"}));
}

// Then ids go on from the last one, and their time is what a range of time means.
TEST_P(OneCommit, AClockThatIsSetBackHidesNoEvent) {
  const WallTime start = clock_.now();
  together({appends("before")});
  clock_.jump(-std::chrono::minutes(10));
  together({appends("after")});
  std::vector<std::string> found;
  for (WallTime since = start - std::chrono::minutes(20); since < start + std::chrono::minutes(1);
       since += std::chrono::minutes(1)) {
    for (auto& type : types({.made = {.since = since, .until = since + std::chrono::minutes(1)}}))
      found.push_back(std::move(type));
  }
  EXPECT_EQ(found, (std::vector<std::string>{"before", "after"}));
}

/// A unit among several that run side by side, in one transaction.
class OneOfSeveral final : public Tx {
 public:
  OneOfSeveral(Tx& tx, SharedParts& parts, UnitNumber unit) : tx_(tx), share_{&parts, unit} {}
  std::int64_t exec(const Sql& sql, std::initializer_list<Param> params) override { return tx_.exec(sql, params); }
  bool one(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const Row&)> read) override {
    return tx_.one(sql, params, read);
  }
  void all(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const Row&)> read) override {
    tx_.all(sql, params, read);
  }
  Share share() override { return share_; }
  void script(std::string_view statements) override { tx_.script(statements); }
  void abandon() override {}
  [[nodiscard]] bool abandoned() const override { return false; }

 private:
  Tx& tx_;
  Share share_;
};

// Units that run side by side count between each other, and end in any order.
TEST_P(OneCommit, UnitsThatCountBetweenEachOtherAreUndoneExactly) {
  const domain::Rate rate{10, std::chrono::seconds(10)};
  const WallTime start = clock_.now();
  const WallTime next = start + rate.per;
  ASSERT_TRUE(store_->transact_now([&](Tx& tx) {
    SharedParts parts;
    OneOfSeveral a(tx, parts, 0);
    OneOfSeveral b(tx, parts, 1);
    OneOfSeveral c(tx, parts, 2);
    const auto left = [&] { return find_counter(a, {}, kShared).count; };
    for (OneOfSeveral* unit : {&a, &b, &c}) EXPECT_TRUE(count_in_counter(*unit, {}, kShared, rate, start));
    parts.undo(1);
    parts.undo(2);
    EXPECT_EQ(left(), 1);
    for (OneOfSeveral* unit : {&b, &c}) EXPECT_TRUE(count_in_counter(*unit, {}, kShared, rate, start));
    take_back(b, {}, kShared);
    parts.undo(2);
    EXPECT_EQ(left(), 1);
    // What is taken back from a window that is over gives no room in the next one.
    EXPECT_TRUE(count_in_counter(b, {}, kShared, rate, start));
    EXPECT_TRUE(count_in_counter(c, {}, kShared, rate, next));
    take_back(a, {}, kShared);
    take_back(b, {}, kShared);
    EXPECT_EQ(left(), 1);
    parts.write(a);
    return Done{};
  }));
  EXPECT_EQ(window().count, 1);
  EXPECT_EQ(window().start, next);
}

struct Turn {
  UnitNumber unit;
  int what;  ///< 0: it ends in nothing; 1, 2: it takes one back; else it counts.
  std::int64_t later;

  friend std::ostream& operator<<(std::ostream& out, const Turn& t) {
    return out << t.unit << (t.what == 0 ? " ends" : t.what <= 2 ? " -1" : " +1") << " at +" << t.later;
  }
};

TEST_P(OneCommit, AWindowHasWhatUnitsSideBySideHaveLeft) {
  EXPECT_TRUE(rc::check("units that count between each other", [&] {
    const domain::Rate rate{*rc::gen::inRange<std::int64_t>(1, 8), Duration(20)};
    const auto turns = *rc::gen::container<std::vector<Turn>>(
        rc::gen::build<Turn>(rc::gen::set(&Turn::unit, rc::gen::inRange<UnitNumber>(0, 4)),
                             rc::gen::set(&Turn::what, rc::gen::inRange(0, 9)),
                             rc::gen::set(&Turn::later, rc::gen::inRange<std::int64_t>(0, 6))));
    AccountId account;
    random_.fill(account.id.raw);
    std::vector<std::pair<domain::Window, std::int64_t>> seen;  // With the number of events that are left in it.
    const auto ran = store_->transact_now([&](Tx& tx) {
      SharedParts parts;
      WallTime now = clock_.now();
      std::optional<UnitNumber> in_row;                   // Who counted first: its end would end the others as well.
      std::vector<std::pair<UnitNumber, WallTime>> left;  // Whose, and the begin of its window.
      for (const Turn& turn : turns) {
        OneOfSeveral unit(tx, parts, turn.unit);
        const auto is_its = [&](const auto& one) { return one.first == turn.unit; };
        now += Duration(turn.later);
        if (turn.what > 2) {
          if (!in_row) in_row = turn.unit;
          if (count_in_counter(unit, account, kShared, rate, now))
            left.emplace_back(turn.unit, find_counter(unit, account, kShared).start);
        } else if (turn.what > 0) {
          const auto last = std::ranges::find_if(left.rbegin(), left.rend(), is_its);
          if (last == left.rend()) continue;
          take_back(unit, account, kShared);
          left.erase(std::next(last).base());
        } else if (in_row && turn.unit != *in_row) {
          parts.undo(turn.unit);
          std::erase_if(left, is_its);
        }
        const auto window = find_counter(unit, account, kShared);
        seen.emplace_back(window, std::ranges::count(left, window.start, &std::pair<UnitNumber, WallTime>::second));
      }
      return Done{};
    });
    RC_ASSERT(ran.has_value());
    for (const auto& [window, number] : seen) RC_ASSERT(window.count == number);
  }));
}

// The limit holds for all units of a commit, and one that is undone gives its place to the next.
TEST_P(OneCommit, UnitsCountTogether) {
  const domain::Rate rate{3, std::chrono::hours(1)};
  std::vector<bool> allowed(6);
  const auto counts = [&](std::size_t i, End end = End::kKept) {
    return [&, i, end](Tx& tx, Moment& moment) {
      allowed[i] = count_in_counter(tx, {}, kShared, rate, moment.now);
      return end;
    };
  };
  together({counts(0), counts(1, End::kAbandoned), counts(2, End::kThrown), counts(3), counts(4), counts(5)});
  EXPECT_EQ(allowed, (std::vector<bool>{true, true, true, true, true, false}));
  EXPECT_EQ(window().count, 3);
  ASSERT_LE(commits_, 2U);
  EXPECT_EQ(statements_, 3U) << "the first counts in the row, the second reads it, and it is written once";
}

// Beside each other, they end in nothing, or take back, after others have counted.
TEST_P(OneCommit, UnitsThatCountAmongOthersTakeBackTheirOwn) {
  const domain::Rate rate{9, std::chrono::hours(1)};
  const auto counts = [&](End end, bool takes_back = false) {
    return [&rate, end, takes_back](Tx& tx, Moment& moment) {
      const Beside beside(tx);
      EXPECT_TRUE(count_in_counter(tx, {}, kShared, rate, moment.now));
      static_cast<void>(find_counter(tx, {}, "another"));  // Meanwhile the others count.
      if (takes_back) take_back(tx, {}, kShared);
      return end;
    };
  };
  together({counts(End::kKept), counts(End::kAbandoned), counts(End::kKept, true), counts(End::kThrown),
            counts(End::kAbandoned, true), counts(End::kThrown)});
  EXPECT_EQ(window().count, 1);
}

TEST_P(OneCommit, EndpointsAreReadOnceAndAgainWhenOneChanges) {
  EndpointRow hook;
  hook.id.id.raw.back() = 1;
  hook.events = "*";
  std::vector<std::size_t> seen(6, 99);
  const auto look = [&](std::size_t i, End end = End::kKept) {
    return [&seen, i, end](Tx& tx, Moment&) {
      seen[i] = subscriptions_of(tx, {}).size();
      return end;
    };
  };
  const auto add = [&](End end) {
    return [&hook, end](Tx& tx, Moment&) {
      insert_endpoint(tx, hook);
      static_cast<void>(subscriptions_of(tx, {}));
      return end;
    };
  };
  together({look(0), add(End::kAbandoned), look(1), add(End::kKept), look(2),
            [&](Tx& tx, Moment&) {
              disable_endpoint(tx, {}, hook.id, "asked");
              return End::kKept;
            },
            look(3)});
  EXPECT_EQ(seen, (std::vector<std::size_t>{0, 0, 1, 0, 99, 99}));
  together({look(4), look(5)});
  EXPECT_EQ(statements_, 1U);
}

struct Action {
  int count;      ///< So many events.
  int take_back;  ///< So many of those that were counted.
  End end;
  std::int64_t later;

  friend std::ostream& operator<<(std::ostream& out, const Action& a) {
    return out << a.count << " -" << a.take_back << (a.end == End::kKept ? "" : " undone") << " +" << a.later;
  }
};

TEST_P(OneCommit, CountersAreAsInCommitsOfTheirOwn) {
  EXPECT_TRUE(rc::check("counters of one commit", [&] {
    const domain::Rate rate{*rc::gen::inRange<std::int64_t>(1, 6), Duration(*rc::gen::inRange<std::int64_t>(1, 40))};
    const auto actions = *rc::gen::container<std::vector<Action>>(rc::gen::build<Action>(
        rc::gen::set(&Action::count, rc::gen::inRange(0, 3)), rc::gen::set(&Action::take_back, rc::gen::inRange(0, 2)),
        rc::gen::set(&Action::end,
                     rc::gen::weightedElement<End>({{6, End::kKept}, {1, End::kAbandoned}, {1, End::kThrown}})),
        rc::gen::set(&Action::later, rc::gen::inRange<std::int64_t>(-5, 30))));
    const std::size_t shown = std::min<std::size_t>(actions.size(), 60);
    AccountId account;
    random_.fill(account.id.raw);
    const WallTime start = clock_.now();
    std::vector<std::vector<bool>> seen(shown);
    std::vector<std::vector<bool>> expected(shown);
    std::vector<Step> steps;
    domain::Window window;
    WallTime now = start;
    for (std::size_t i = 0; i < shown; ++i) {
      const Action action = actions[i];
      now += Duration(action.later);
      domain::Window next = window;
      int counted = 0;
      for (int n = 0; n < action.count; ++n) {
        const auto judged = domain::count_event(next, rate, now);
        next = judged.next;
        counted += judged.allowed ? 1 : 0;
        expected[i].push_back(judged.allowed);
      }
      next.count -= std::min(counted, action.take_back);
      if (action.end == End::kKept) window = next;
      steps.push_back([&seen, account, rate, action, now, i](Tx& tx, Moment&) {
        seen[i].clear();
        int done = 0;
        for (int n = 0; n < action.count; ++n) {
          seen[i].push_back(count_in_counter(tx, account, kShared, rate, now));
          done += seen[i].back() ? 1 : 0;
        }
        for (int n = 0; n < std::min(done, action.take_back); ++n) take_back(tx, account, kShared);
        return action.end;
      });
    }
    together(steps);
    RC_ASSERT(seen == expected);
    const auto left = store_->read_now([&](Tx& tx) { return find_counter(tx, account, kShared); }).value();
    RC_ASSERT(left.count == window.count);
    RC_ASSERT(left.count == 0 || left.start == window.start);
  }));
}

INSTANTIATE_TEST_SUITE_P(Engines, OneCommit, ::testing::ValuesIn(serving_engines()),
                         [](const ::testing::TestParamInfo<Engine>& each) { return each.param.name; });

}  // namespace
}  // namespace countersign::store
