// Batches of several nodes in the database at the same time (Tx::is_shared): what they count is as if one batch had
// followed the other, or one of them ends in nothing and is run again.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <atomic>
#include <barrier>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "product_store.h"
#include "shared_batch.h"
#include "store/repository/counters.h"
#include "support/fake_time.h"

namespace countersign::store {
namespace {

constexpr std::array kKeys{std::string_view("send account"), std::string_view("send country +55"),
                           std::string_view("send ip \0\xff", 10)};

class SharedCommit : public SharedDatabase {
 protected:
  domain::Window window(const AccountId& account, std::string_view key) {
    return store_->read_now([&](Tx& tx) { return find_counter(tx, account, key); }).value();
  }
  void keep(const AccountId& account, std::string_view key, const domain::Window& window) {
    ASSERT_TRUE(store_->transact_now([&](Tx& tx) {
      keep_window(tx, account, key, window);
      return Done{};
    }));
  }

  testing::FakeClock clock_;
};

TEST_F(SharedCommit, AddsToWhatAnotherHasCounted) {
  const domain::Rate rate{10, std::chrono::hours(1)};
  const WallTime now = clock_.now();
  const AccountId account = new_account();
  keep(account, kKeys[0], {now, 3});
  SharedBatch a(url_);
  SharedBatch b(url_);
  auto of_a = a.unit();
  auto of_b = b.unit();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(count_in_counter(of_a, account, kKeys[0], rate, now));
    EXPECT_TRUE(count_in_counter(of_b, account, kKeys[0], rate, now));
  }
  EXPECT_FALSE(a.end());
  EXPECT_FALSE(b.end());
  EXPECT_EQ(window(account, kKeys[0]), (domain::Window{now, 9}));
}

struct Change {
  std::string_view what;
  std::optional<domain::Window> seen;
  std::optional<domain::Window> found;  ///< At the end; nullopt: the same.
  bool stands;
};

// Four are counted, with a limit of ten in an hour.
TEST_F(SharedCommit, IsJudgedByWhatItFindsAtItsEnd) {
  const domain::Rate rate{10, std::chrono::hours(1)};
  const WallTime now = clock_.now();
  const WallTime before = now - std::chrono::minutes(5);
  const WallTime long_ago = now - std::chrono::hours(2);
  using domain::Window;
  const std::vector<Change> changes{
      {"as it was", Window{before, 3}, {}, true},
      {"the last place", Window{before, 3}, Window{before, 6}, true},
      {"one too many", Window{before, 3}, Window{before, 7}, false},
      {"begun anew by another", Window{before, 3}, Window{now, 1}, false},
      {"begun anew by another, as full", Window{before, 3}, Window{now, 3}, false},
      {"fewer than it saw", Window{before, 3}, Window{before, 2}, false},
      {"new", {}, {}, true},
      {"made by another", {}, Window{now, 1}, false},
      {"over, as it was", Window{long_ago, 9}, {}, true},
      {"over, and begun anew by another", Window{long_ago, 9}, Window{now, 1}, false},
      {"over, and begun anew by another, as full", Window{long_ago, 9}, Window{now, 9}, false},
      {"over, and counted in by another", Window{long_ago, 9}, Window{long_ago, 10}, false},
      {"emptied, and used again in the same instant", Window{before, 0}, Window{before, 1}, false},
  };
  for (const auto& change : changes) {
    SCOPED_TRACE(change.what);
    const AccountId account = new_account();
    if (change.seen) keep(account, kKeys[0], *change.seen);
    SharedBatch batch(url_);
    auto unit = batch.unit();
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(count_in_counter(unit, account, kKeys[0], rate, now));
    const Window counted = find_counter(unit, account, kKeys[0]);
    if (change.found) keep(account, kKeys[0], *change.found);
    const auto failure = batch.end();
    EXPECT_EQ(!failure, change.stands);
    if (!change.stands) {
      ASSERT_TRUE(failure);
      EXPECT_EQ(failure->kind, postgres::Failure::Kind::kConflict) << failure->error.detail;
      EXPECT_EQ(window(account, kKeys[0]), *change.found);
    } else if (change.found) {
      EXPECT_EQ(window(account, kKeys[0]), (Window{before, change.found->count + 4}));
    } else {
      EXPECT_EQ(window(account, kKeys[0]), counted);
    }
  }
}

// Some people have a part of a limit only; what is taken back again has been admitted all the same.
TEST_F(SharedCommit, IsJudgedByTheSmallestLimitThatAdmittedSomebody) {
  const domain::Rate all{10, std::chrono::hours(1)};
  const domain::Rate part{8, std::chrono::hours(1)};
  const WallTime now = clock_.now();
  for (const std::int64_t found : {6, 7}) {
    const AccountId account = new_account();
    keep(account, kKeys[0], {now, 3});
    SharedBatch batch(url_);
    auto first = batch.unit(0);
    auto second = batch.unit(1);
    EXPECT_TRUE(count_in_counter(first, account, kKeys[0], all, now));
    EXPECT_TRUE(count_in_counter(second, account, kKeys[0], part, now));
    EXPECT_TRUE(count_in_counter(first, account, kKeys[0], all, now));
    take_back(first, account, kKeys[0]);
    keep(account, kKeys[0], {now, found});
    EXPECT_EQ(!batch.end(), found == 6);
    EXPECT_EQ(window(account, kKeys[0]).count, found == 6 ? 8 : 7);
  }
}

TEST_F(SharedCommit, WritesNothingWhereNothingIsLeft) {
  const domain::Rate rate{10, std::chrono::hours(1)};
  const WallTime now = clock_.now();
  const AccountId account = new_account();
  keep(account, kKeys[0], {now, 3});
  SharedBatch batch(url_);
  auto taker = batch.unit(0);
  auto undone = batch.unit(1);
  EXPECT_TRUE(count_in_counter(taker, account, kKeys[0], rate, now));
  EXPECT_TRUE(count_in_counter(undone, account, kKeys[0], rate, now));
  EXPECT_TRUE(count_in_counter(undone, account, kKeys[1], rate, now));
  take_back(taker, account, kKeys[0]);
  batch.undo(1);
  keep(account, kKeys[0], {now, 10});
  EXPECT_FALSE(batch.end());
  EXPECT_EQ(window(account, kKeys[0]).count, 10);
  EXPECT_EQ(window(account, kKeys[1]).count, 0);
}

struct CountStep {
  std::size_t batch;  ///< 0 or 1.
  UnitNumber unit;
  std::size_t key;
  int what;  ///< 0: the batch ends; 1: its unit takes one back; else it counts.
  bool stranger;
  std::int64_t later;
  bool admitted = false;
  friend std::ostream& operator<<(std::ostream& out, const CountStep& s) {
    return out << "batch " << s.batch << " unit " << s.unit << " key " << s.key
               << (s.what == 0   ? " ends"
                   : s.what == 1 ? " -1"
                                 : " +1")
               << (s.stranger ? " stranger" : "") << " at +" << s.later << (s.admitted ? " yes" : " no");
  }
};

using DoneSteps = std::vector<std::pair<CountStep, WallTime>>;

/// How many of those that the batch counted it has not taken back.
int left_by(const DoneSteps& done, std::size_t key) {
  int left = 0;
  for (const auto& [step, at] : done) {
    if (step.key == key) left += step.what == 1 ? -1 : static_cast<int>(step.admitted);
  }
  return left;
}

/// The window after that batch alone. nullopt if it would not have admitted what was admitted.
std::optional<domain::Window> counted_by_rule(domain::Window window, const DoneSteps& done, std::size_t key,
                                              const domain::Rate& all, const domain::Rate& part) {
  std::map<UnitNumber, std::vector<WallTime>> starts;
  for (const auto& [step, at] : done) {
    if (step.key != key) continue;
    auto& own = starts[step.unit];
    if (step.what == 1) {
      if (window.start == own.back()) --window.count;
      own.pop_back();
    } else if (step.admitted) {
      const auto allowance = domain::count_event(window, step.stranger ? part : all, at);
      if (!allowance.allowed) return std::nullopt;
      window = allowance.next;
      own.push_back(window.start);
    }
  }
  return window;
}

TEST_F(SharedCommit, TwoAreAsOneAfterTheOtherOrOneOfThemFails) {
  int both = 0;
  int failed = 0;
  EXPECT_TRUE(rc::check("two batches that count at the same time", [&] {
    const domain::Rate all{*rc::gen::inRange<std::int64_t>(2, 12), Duration(40)};
    const domain::Rate part{(all.max + 1) / 2, all.per};
    const AccountId account = new_account();
    const WallTime start = clock_.now();
    std::map<std::string_view, domain::Window> rows;
    for (const auto key : kKeys) {
      if (!*rc::gen::arbitrary<bool>()) continue;
      rows[key] = {start - Duration(*rc::gen::inRange<std::int64_t>(0, 50)),
                   *rc::gen::inRange<std::int64_t>(0, all.max)};
      keep(account, key, rows[key]);
    }
    auto steps = *rc::gen::container<std::vector<CountStep>>(rc::gen::build<CountStep>(
        rc::gen::set(&CountStep::batch, rc::gen::inRange<std::size_t>(0, 2)),
        rc::gen::set(&CountStep::unit, rc::gen::inRange<UnitNumber>(0, 3)),
        rc::gen::set(&CountStep::key, rc::gen::inRange<std::size_t>(0, kKeys.size())),
        rc::gen::set(&CountStep::what, rc::gen::weightedElement<int>({{1, 0}, {4, 1}, {20, 2}})),
        rc::gen::set(&CountStep::stranger, rc::gen::weightedElement<bool>({{1, true}, {3, false}})),
        rc::gen::set(&CountStep::later, rc::gen::inRange<std::int64_t>(-2, 4))));
    steps.push_back({0, 0, 0, 0, false, 0});
    steps.push_back({1, 0, 0, 0, false, 0});

    std::array<std::unique_ptr<SharedBatch>, 2> batches{std::make_unique<SharedBatch>(url_),
                                                        std::make_unique<SharedBatch>(url_)};
    std::array<DoneSteps, 2> done;
    std::map<std::tuple<std::size_t, UnitNumber, std::size_t>, int> counted;
    std::vector<std::size_t> committed;
    WallTime now = start;
    for (auto& step : steps) {
      now += Duration(step.later);
      auto& batch = batches.at(step.batch);
      if (!batch) continue;
      auto unit = batch->unit(step.unit);
      auto& own = counted[{step.batch, step.unit, step.key}];
      if (step.what == 0) {
        const auto failure = batch->end();
        if (failure) RC_ASSERT(failure->kind == postgres::Failure::Kind::kConflict);
        if (!failure) committed.push_back(step.batch);
        batch.reset();
      } else if (step.what > 1) {
        step.admitted = count_in_counter(unit, account, kKeys.at(step.key), step.stranger ? part : all, now);
        own += step.admitted ? 1 : 0;
        done.at(step.batch).emplace_back(step, now);
      } else if (own > 0) {
        take_back(unit, account, kKeys.at(step.key));
        --own;
        done.at(step.batch).emplace_back(step, now);
      }
    }
    (committed.size() == 2 ? both : failed) += 1;
    RC_CLASSIFY(committed.size() == 2, "both committed");

    // The same, one batch after the other, by the rule.
    for (const std::size_t batch : committed) {
      for (std::size_t key = 0; key < kKeys.size(); ++key) {
        const auto after = counted_by_rule(rows[kKeys.at(key)], done.at(batch), key, all, part);
        // Where all was taken back, whoever was refused for another reason would have been refused for this one.
        if (!after) RC_ASSERT(left_by(done.at(batch), key) == 0);
        if (after) rows[kKeys.at(key)] = *after;
      }
    }
    for (const auto key : kKeys) {
      const auto left = window(account, key);
      RC_ASSERT(left.count == rows[key].count);
      if (left.count > 0) RC_ASSERT(left.start == rows[key].start);
    }
  }));
  EXPECT_GT(both, 10);
  EXPECT_GT(failed, 10);
}

// Each waits for the other's rows, in one order whatever the order in which it counted; and both see the last places.
TEST_F(SharedCommit, ThreadsAdmitExactlyTheLimit) {
  const domain::Rate rate{20, std::chrono::hours(1)};
  const WallTime now = clock_.now();
  std::vector<std::string> wrong;
  std::mutex mutex;
  for (int round = 0; round < 12; ++round) {
    const AccountId account = new_account();
    std::array<std::int64_t, 2> admitted{};
    std::barrier both(2);
    const auto node = [&](std::size_t number) {
      for (bool refused = false; !refused;) {
        SharedBatch batch(url_);
        std::int64_t counted = 0;
        for (UnitNumber i = 0; i < 3 && !refused; ++i) {
          auto unit = batch.unit(i);
          for (std::size_t k = 0; k < kKeys.size(); ++k) {
            const auto key = kKeys.at(number == 0 ? k : kKeys.size() - 1 - k);
            refused = !count_in_counter(unit, account, key, rate, now);
          }
          counted += refused ? 0 : 1;
        }
        both.arrive_and_wait();
        if (const auto failure = batch.end(); !failure) {
          admitted.at(number) += counted;
        } else {
          refused = false;
          const std::lock_guard lock(mutex);
          if (failure->error.detail.find("23502") == std::string::npos) wrong.push_back(failure->error.detail);
        }
      }
      both.arrive_and_drop();
    };
    std::thread other(node, 1);
    node(0);
    other.join();
    EXPECT_EQ(admitted[0] + admitted[1], rate.max);
    for (const auto key : kKeys) EXPECT_EQ(window(account, key).count, rate.max);
  }
  EXPECT_EQ(wrong, std::vector<std::string>());
}

// One counts in a row that the other, which saw none yet, would make.
TEST_F(SharedCommit, WhoMakesARowWaitsForNobodyWhoWaitsForIt) {
  const domain::Rate rate{20, std::chrono::hours(1)};
  const WallTime now = clock_.now();
  const AccountId account = new_account();
  keep(account, kKeys[1], {now, 1});
  SharedBatch maker(url_);
  auto makes = maker.unit();
  for (const auto key : {kKeys[0], kKeys[1]}) EXPECT_TRUE(count_in_counter(makes, account, key, rate, now));
  keep(account, kKeys[0], {now, 1});
  SharedBatch adder(url_);
  auto adds = adder.unit();
  for (const auto key : {kKeys[0], kKeys[1]}) EXPECT_TRUE(count_in_counter(adds, account, key, rate, now));
  // Both come to the second row, the maker first.
  SharedBatch first(url_);
  auto unit = first.unit();
  EXPECT_TRUE(count_in_counter(unit, account, kKeys[1], rate, now));
  first.write();
  std::optional<postgres::Failure> of_maker;
  std::optional<postgres::Failure> of_adder;
  std::atomic<int> ended = 0;
  const auto wait_for = [&](int sessions) {
    while (waiting() + ended < sessions) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  };
  std::thread making([&] {
    of_maker = maker.end();
    ++ended;
  });
  wait_for(1);
  std::thread adding([&] {
    of_adder = adder.end();
    ++ended;
  });
  wait_for(2);
  first.commit();
  making.join();
  adding.join();
  ASSERT_TRUE(of_maker);
  EXPECT_NE(of_maker->error.detail.find("23502"), std::string::npos) << of_maker->error.detail;
  EXPECT_FALSE(of_adder) << of_adder->error.detail;
  EXPECT_EQ(window(account, kKeys[0]).count, 2);
  EXPECT_EQ(window(account, kKeys[1]).count, 3);
}

/// A unit whose commit could meet those of other nodes.
class AmongNodes final : public Tx {
 public:
  AmongNodes(Tx& tx, SharedParts& parts) : tx_(tx), parts_(parts) {}
  std::int64_t exec(const Sql& sql, std::initializer_list<Param> params) override { return tx_.exec(sql, params); }
  bool one(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const Row&)> read) override {
    return tx_.one(sql, params, read);
  }
  void all(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const Row&)> read) override {
    tx_.all(sql, params, read);
  }
  Share share() override { return {&parts_, 0}; }
  [[nodiscard]] bool is_shared() const override { return true; }
  void script(std::string_view statements) override { tx_.script(statements); }
  void abandon() override {}
  [[nodiscard]] bool abandoned() const override { return false; }

 private:
  Tx& tx_;
  SharedParts& parts_;
};

// One text of SQL for both engines: this one reads it the same.
class SharedCommitOnSqlite : public ProductStore {};

TEST_F(SharedCommitOnSqlite, IsJudgedByWhatItFindsAtItsEnd) {
  const domain::Rate rate{10, std::chrono::hours(1)};
  const WallTime now = clock_.now();
  for (const std::int64_t found : {3, 6, 7}) {
    const AccountId account = new_account();
    const auto written = store_->transact_now([&](Tx& tx) {
      SharedParts parts;
      AmongNodes unit(tx, parts);
      keep_window(tx, account, kKeys[1], {now, 3});
      for (const auto key : kKeys) {
        for (int i = 0; i < 4; ++i) EXPECT_TRUE(count_in_counter(unit, account, key, rate, now));
      }
      keep_window(tx, account, kKeys[1], {now, found});
      parts.write(unit);
      return Done{};
    });
    EXPECT_EQ(written.has_value(), found <= 6);
    const auto left = [&](std::string_view key) { return in([&](Tx& tx) { return find_counter(tx, account, key); }); };
    EXPECT_EQ(left(kKeys[0]), written ? (domain::Window{now, 4}) : domain::Window{});
    EXPECT_EQ(left(kKeys[1]), written ? (domain::Window{now, found + 4}) : domain::Window{});
    EXPECT_EQ(left(kKeys[2]), written ? (domain::Window{now, 4}) : domain::Window{});
  }
}

}  // namespace
}  // namespace countersign::store
