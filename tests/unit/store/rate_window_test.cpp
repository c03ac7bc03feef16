// The arithmetic of a window stands three times: as a rule (domain::count_event), and in two statements that count
// where the window lies, in a counter and in an address. Whatever happens in whatever order, they say the same.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <ostream>
#include <string>
#include <vector>

#include "engine_fixture.h"
#include "store/repository/contacts.h"
#include "store/repository/counters.h"
#include "support/fake_time.h"

namespace countersign::store {
namespace {

constexpr std::string_view kKey = "what is counted";

struct Happening {
  std::int64_t later;  ///< Microseconds after the one before; before it where a clock was set back.
  bool taken_back;     ///< Of counters alone: after it was counted, if it was.
};

std::ostream& operator<<(std::ostream& out, const Happening& happening) {
  return out << happening.later << (happening.taken_back ? " (taken back)" : "");
}

/// Around the length of the window, so that its edges are met often.
std::vector<Happening> some_happenings(std::int64_t per) {
  const auto later = rc::gen::weightedOneOf<std::int64_t>({
      {6, rc::gen::inRange<std::int64_t>(0, per / 2 + 2)},
      {2, rc::gen::element<std::int64_t>(per - 1, per, per + 1)},
      {1, rc::gen::inRange<std::int64_t>(-2 * per, 0)},
  });
  return *rc::gen::container<std::vector<Happening>>(rc::gen::build<Happening>(
      rc::gen::set(&Happening::later, later), rc::gen::set(&Happening::taken_back, rc::gen::arbitrary<bool>())));
}

domain::Rate some_rate() {
  return {*rc::gen::inRange<std::int64_t>(1, 5), Duration(*rc::gen::inRange<std::int64_t>(1, 40))};
}

WallTime some_time() { return from_micros(*rc::gen::element<std::int64_t>(0, 7, 1'700'000'000'000'000)); }

/// Not drawn by the property, which would make it smaller and meet the rows of a run before.
template <class AnyId>
AnyId fresh_id(Random& random) {
  AnyId id;
  random.fill(id.id.raw);
  return id;
}

/// What was seen of one happening.
struct Seen {
  bool allowed;
  Duration wait;
  domain::Window window;
};

/// A window that has no events has not begun, whenever it ended before.
bool same_window(const domain::Window& one, const domain::Window& other) {
  return one.count == other.count && (one.count == 0 || one.start == other.start);
}

/// What the rule says to all of it.
std::vector<Seen> by_the_rule(const domain::Rate& rate, WallTime now, const std::vector<Happening>& happenings) {
  std::vector<Seen> all;
  domain::Window window;
  for (const auto& happening : happenings) {
    now += Duration(happening.later);
    const auto judged = domain::count_event(window, rate, now);
    window = judged.next;
    if (judged.allowed && happening.taken_back) --window.count;
    all.push_back({judged.allowed, judged.retry_after, window});
  }
  return all;
}

void compare(const std::vector<Seen>& stored, const std::vector<Seen>& ruled) {
  RC_ASSERT(stored.size() == ruled.size());
  for (std::size_t i = 0; i < stored.size(); ++i) {
    RC_ASSERT(stored[i].allowed == ruled[i].allowed);
    RC_ASSERT(stored[i].wait == ruled[i].wait);
    RC_ASSERT(same_window(stored[i].window, ruled[i].window));
  }
}

void insert_address(Tx& tx, const AccountId& account, const AddressId& address) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO addresses (
        account_id, id, kind, address_index, address_sealed, created_at, sends_start, sends_count)
      VALUES (:account_id, :id, 'phone', :id, :id, 0, 0, 0)
  )sql"};
  tx.put(kInsert, {account, address});
}

TEST_P(ProductEngine, ACounterCountsAsTheRuleDoes) {
  testing::SeededRandom random;
  EXPECT_TRUE(rc::check("a counter and domain::count_event", [&] {
    const auto account = fresh_id<AccountId>(random);
    const auto rate = some_rate();
    const WallTime start = some_time();
    const auto happenings = some_happenings(rate.per.count());
    const auto seen = store_->transact_now([&](Tx& tx) {
      std::vector<Seen> all;
      WallTime now = start;
      for (const auto& happening : happenings) {
        now += Duration(happening.later);
        const Duration wait = wait_for_counter(tx, account, kKey, rate, now);
        const bool allowed = count_in_counter(tx, account, kKey, rate, now);
        if (allowed && happening.taken_back) take_back(tx, account, kKey);
        all.push_back({allowed, wait, find_counter(tx, account, kKey)});
      }
      return all;
    });
    if (!seen) RC_FAIL(seen.error().detail);
    compare(*seen, by_the_rule(rate, start, happenings));
  }));
}

TEST_P(ProductEngine, AnAddressCountsAsTheRuleDoes) {
  testing::SeededRandom random;
  EXPECT_TRUE(rc::check("an address and domain::count_event", [&] {
    const auto account = fresh_id<AccountId>(random);
    const auto address = fresh_id<AddressId>(random);
    const auto rate = some_rate();
    const WallTime start = some_time();
    auto happenings = some_happenings(rate.per.count());
    for (auto& happening : happenings) happening.taken_back = false;
    const auto seen = store_->transact_now([&](Tx& tx) {
      insert_address(tx, account, address);
      std::vector<Seen> all;
      WallTime now = start;
      for (const auto& happening : happenings) {
        now += Duration(happening.later);
        const Duration wait = domain::count_event(find_address_window(tx, account, address), rate, now).retry_after;
        const bool allowed = count_in_address(tx, account, address, rate, now);
        all.push_back({allowed, wait, find_address_window(tx, account, address)});
      }
      return all;
    });
    if (!seen) RC_FAIL(seen.error().detail);
    compare(*seen, by_the_rule(rate, start, happenings));
  }));
}

}  // namespace
}  // namespace countersign::store
