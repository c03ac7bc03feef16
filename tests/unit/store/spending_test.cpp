// Money that units of one commit, commits of one node and nodes side by side spend: what is stored is what was
// admitted, and never more than a budget.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <barrier>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "engine_fixture.h"
#include "product_store.h"
#include "shared_batch.h"
#include "store/repository/counters.h"
#include "support/fake_time.h"

namespace countersign::store {
namespace {

using std::chrono::hours;

constexpr std::array kWindows{std::string_view("spent account"), std::string_view("spent country BR"),
                              std::string_view("spent country JM")};

/// Of the account and one country.
std::vector<SpentFrom> from(std::size_t country, std::int64_t most, std::int64_t most_of_country) {
  return {{std::string(kWindows[0]), most}, {std::string(kWindows.at(country)), most_of_country}};
}

class Spending : public ProductEngine {
 protected:
  template <class Body>
  auto in(Body body) {
    auto done = store_->transact_now([&](Tx& tx) { return body(tx); });
    EXPECT_TRUE(done) << done.error().detail;
    return *std::move(done);
  }
  std::int64_t spent(const AccountId& account, std::string_view key) {
    const auto all = store_->read_now([&](Tx& tx) { return all_spent(tx, account); }).value();
    const auto found = all.find(key);
    return found == all.end() ? 0 : found->second.count;
  }

  testing::FakeClock clock_;
};

TEST_P(Spending, CountsInAllWindowsOrInNone) {
  const AccountId account = new_account();
  const WallTime now = clock_.now();
  const auto pay = [&](std::int64_t price, std::int64_t most, std::int64_t most_of_country) {
    return in([&](Tx& tx) { return spend(tx, account, from(1, most, most_of_country), price, now); });
  };
  EXPECT_FALSE(pay(60, 100, 100));
  const auto country = pay(30, 100, 80);
  ASSERT_TRUE(country);
  EXPECT_EQ(country->window, 1U);
  EXPECT_EQ(spent(account, kWindows[0]), 60);
  const auto whole = pay(41, 100, 200);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->window, 0U);
  EXPECT_GT(whole->retry_after, Duration::zero());
  EXPECT_LE(whole->retry_after, hours(24));
  EXPECT_FALSE(pay(40, 100, 100));
  EXPECT_EQ(spent(account, kWindows[0]), 100);
  EXPECT_EQ(spent(account, kWindows[1]), 100);
}

TEST_P(Spending, WhatAUnitTakesBackOrEndsInNothingIsNotSpent) {
  const AccountId account = new_account();
  const WallTime now = clock_.now();
  in([&](Tx& tx) {
    EXPECT_FALSE(spend(tx, account, from(1, 100, 100), 60, now));
    for (const auto& one : from(1, 100, 100)) take_back(tx, account, one.key);
    EXPECT_FALSE(spend(tx, account, from(1, 100, 100), 70, now));
    return Done{};
  });
  in([&](Tx& tx) {
    EXPECT_FALSE(spend(tx, account, from(1, 100, 100), 30, now));
    tx.abandon();
    return Done{};
  });
  EXPECT_EQ(spent(account, kWindows[0]), 70);
  EXPECT_EQ(spent(account, kWindows[1]), 70);
}

TEST_P(Spending, BeginsAnewWithTheUtcDayAndNeverByAClockSetBack) {
  const AccountId account = new_account();
  const WallTime midnight = domain::day_begin(clock_.now()) + hours(24);
  const auto pay = [&](WallTime now) {
    return !in([&](Tx& tx) { return spend(tx, account, from(1, 100, 100), 60, now); });
  };
  EXPECT_TRUE(pay(midnight - Duration(1)));
  EXPECT_FALSE(pay(midnight - Duration(1)));
  EXPECT_TRUE(pay(midnight));
  EXPECT_FALSE(pay(midnight - Duration(1)));
  EXPECT_FALSE(pay(midnight - hours(30)));
  EXPECT_FALSE(pay(midnight + hours(24) - Duration(1)));
  EXPECT_TRUE(pay(midnight + hours(24)));
}

INSTANTIATE_TEST_SUITE_P(Engines, Spending, ::testing::ValuesIn(serving_engines()),
                         [](const auto& engine) { return engine.param.name; });

class SharedSpending : public SharedDatabase {
 protected:
  std::map<std::string, domain::Window, std::less<>> windows(const AccountId& account) {
    return store_->read_now([&](Tx& tx) { return all_spent(tx, account); }).value();
  }
  testing::FakeClock clock_;
};

struct PayStep {
  std::size_t node;  ///< 0 or 1.
  UnitNumber unit;
  std::size_t country;
  int what;  ///< 0: the node commits; 1: it dies; 2: the unit ends in nothing; 3: it takes its last back; else it pays.
  bool proved;
  std::int64_t price;
  std::int64_t later;  ///< Hours; the clock may be set back.
};

// The sum of what was admitted, durable and not taken back is what is stored; on no day is it more than the budget with
// its reserve, nor did a stranger ever get beyond the budget itself. Also where nodes die, run again and set clocks
// back.
TEST_F(SharedSpending, NodesTogetherNeverExceedABudget) {
  int committed = 0;
  int failed = 0;
  int full = 0;
  EXPECT_TRUE(rc::check("two nodes that spend at the same time", [&] {
    const std::int64_t limit = *rc::gen::inRange<std::int64_t>(50, 300);
    const std::int64_t reserve = *rc::gen::inRange<std::int64_t>(0, 100);
    const bool clock_moves = *rc::gen::arbitrary<bool>();
    const std::int64_t of_country = *rc::gen::inRange<std::int64_t>(50, 300);
    const AccountId account = new_account();
    const auto steps = *rc::gen::container<std::vector<PayStep>>(rc::gen::build<PayStep>(
        rc::gen::set(&PayStep::node, rc::gen::inRange<std::size_t>(0, 2)),
        rc::gen::set(&PayStep::unit, rc::gen::inRange<UnitNumber>(0, 3)),
        rc::gen::set(&PayStep::country, rc::gen::inRange<std::size_t>(1, 3)),
        rc::gen::set(&PayStep::what, rc::gen::weightedElement<int>({{3, 0}, {1, 1}, {1, 2}, {2, 3}, {20, 4}})),
        rc::gen::set(&PayStep::proved, rc::gen::arbitrary<bool>()),
        rc::gen::set(&PayStep::price, rc::gen::inRange<std::int64_t>(1, 60)),
        rc::gen::set(&PayStep::later, rc::gen::weightedElement<std::int64_t>({{30, 0}, {2, 7}, {1, -5}}))));
    struct Paid {
      UnitNumber unit;
      std::size_t country;
      std::int64_t price;
    };
    std::array<std::unique_ptr<SharedBatch>, 2> nodes{std::make_unique<SharedBatch>(url_),
                                                      std::make_unique<SharedBatch>(url_)};
    std::array<std::vector<Paid>, 2> open;
    WallTime now = domain::day_begin(clock_.now()) + hours(1);
    std::map<std::string, domain::Window, std::less<>> before;
    for (const auto& step : steps) {
      if (clock_moves) now += hours(step.later);
      auto& node = nodes.at(step.node);
      auto& paid = open.at(step.node);
      const auto back =
          std::find_if(paid.rbegin(), paid.rend(), [&](const Paid& one) { return one.unit == step.unit; });
      if (step.what <= 1) {
        const auto failure = step.what == 0 ? node->end() : std::nullopt;
        node = std::make_unique<SharedBatch>(url_);  // It starts anew; what it had not committed is gone.
        const auto after = windows(account);
        std::int64_t sum = 0;
        for (const auto& one : paid) sum += one.price;
        if (step.what == 1 || failure) {
          RC_ASSERT(after == before);
          failed += failure ? 1 : 0;
        } else if (sum > 0) {
          const auto then = before.find(kWindows[0]);
          const auto is = after.find(kWindows[0]);
          RC_ASSERT(is != after.end());
          const bool same_day = then != before.end() && then->second.start == is->second.start;
          const std::int64_t expected = (same_day ? then->second.count : 0) + sum;
          // What was spent on a day that ended while the node had it open belongs to that day.
          const bool as_admitted = clock_moves ? is->second.count <= expected : is->second.count == expected;
          RC_ASSERT(as_admitted);
          if (same_day) RC_ASSERT(is->second.count >= then->second.count);
          ++committed;
        }
        for (const auto& [key, window] : after)
          RC_ASSERT(window.count <= (key == kWindows[0] ? limit : of_country) + reserve);
        before = after;
        paid.clear();
      } else if (step.what == 2) {
        node->undo(step.unit);
        std::erase_if(paid, [&](const Paid& one) { return one.unit == step.unit; });
      } else if (step.what == 3) {
        if (back == paid.rend()) continue;
        auto unit = node->unit(step.unit);
        for (const auto& one : from(back->country, 0, 0)) take_back(unit, account, one.key);
        paid.erase(std::next(back).base());
      } else {
        auto unit = node->unit(step.unit);
        const std::int64_t more = step.proved ? reserve : 0;
        if (spend(unit, account, from(step.country, limit + more, of_country + more), step.price, now))
          ++full;
        else
          paid.push_back({step.unit, step.country, step.price});
      }
    }
  }));
  EXPECT_GT(committed, 10);
  EXPECT_GT(failed, 5);
  EXPECT_GT(full, 10);
}

// Each price is different, so that the sum tells exactly which were admitted.
TEST_F(SharedSpending, ThreadsSpendExactlyTheBudget) {
  const WallTime now = clock_.now();
  constexpr std::int64_t kMost = 100;
  std::vector<std::string> wrong;
  std::mutex mutex;
  for (int round = 0; round < 8; ++round) {
    const AccountId account = new_account();
    std::array<std::int64_t, 2> admitted{};
    std::barrier both(2);
    const auto node = [&](std::size_t number) {
      for (bool refused = false; !refused;) {
        SharedBatch batch(url_);
        std::int64_t sum = 0;
        for (UnitNumber i = 0; i < 3 && !refused; ++i) {
          auto unit = batch.unit(i);
          const std::int64_t price = number == 0 ? 3 : 5;
          refused = spend(unit, account, from(1 + number, kMost, kMost), price, now).has_value();
          sum += refused ? 0 : price;
        }
        both.arrive_and_wait();
        if (const auto failure = batch.end(); !failure) {
          admitted.at(number) += sum;
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
    const auto stored = windows(account);
    EXPECT_EQ(admitted[0] + admitted[1], stored.find(kWindows[0])->second.count);
    EXPECT_LE(stored.find(kWindows[0])->second.count, kMost);
    EXPECT_GT(stored.find(kWindows[0])->second.count, kMost - 5);
    EXPECT_EQ(admitted[0], stored.find(kWindows[1])->second.count);
    EXPECT_EQ(admitted[1], stored.find(kWindows[2])->second.count);
  }
  EXPECT_EQ(wrong, std::vector<std::string>());
}

}  // namespace
}  // namespace countersign::store
