// Batches of several nodes in the database at the same time (Tx::is_shared): whoever polls their events with a cursor
// sees each once.

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "shared_batch.h"
#include "store/repository/events.h"

namespace countersign::store {
namespace {

class SharedEvents : public SharedDatabase {
 protected:
  struct Node {
    explicit Node(std::uint64_t seed) : random(seed) {}
    EventIds ids;
    testing::FakeClock clock;
    testing::SeededRandom random;
  };

  static void append(Node& node, SharedBatch& batch, const AccountId& account, std::string type) {
    auto unit = batch.unit();
    Moment moment{node.clock.now(), node.random};
    append_event(unit, node.ids, {.account = account, .type = std::move(type), .data = "{}", .created_at = moment.now},
                 moment);
  }

  /// What is behind the cursor, which it moves.
  std::vector<std::string> poll(const AccountId& account) {
    const auto page = store_->read_now([&](Tx& tx) { return list_events(tx, account, {.after = cursor_}); }).value();
    std::vector<std::string> types;
    for (const auto& row : page.rows) types.push_back(row.type);
    if (!page.rows.empty()) cursor_ = page.rows.back().id;
    return types;
  }
  [[nodiscard]] bool somebody_waits() const { return waiting() > 0; }

  std::optional<EventId> cursor_;
};

// Whether it waited for its turn, or its machine's clock is behind.
TEST_F(SharedEvents, OfAnEarlierTimeComeAfterThoseThatAreCommitted) {
  using Types = std::vector<std::string>;
  Node early(1);
  Node late(2);
  late.clock.advance(std::chrono::minutes(10));
  const AccountId account = new_account();
  SharedBatch a(url_);
  append(early, a, account, "a");
  SharedBatch b(url_);
  append(late, b, account, "b");
  EXPECT_FALSE(b.end());
  EXPECT_EQ(poll(account), (Types{"b"}));
  EXPECT_FALSE(a.end());
  EXPECT_EQ(poll(account), (Types{"a"}));
  for (int i = 0; i < 3; ++i) {
    SharedBatch c(url_);
    append(early, c, account, "c1");
    append(early, c, account, "c2");
    EXPECT_FALSE(c.end());
    EXPECT_EQ(poll(account), (Types{"c1", "c2"}));
  }
}

TEST_F(SharedEvents, AreNotSeenBeforeThoseWithSmallerIds) {
  Node one(1);
  Node other(2);
  const AccountId account = new_account();
  SharedBatch held_open(url_);
  append(one, held_open, account, "held open");
  held_open.write();
  SharedBatch next(url_);
  other.clock.advance(std::chrono::seconds(1));
  append(other, next, account, "next");
  std::atomic<bool> ended = false;
  std::thread thread([&] {
    EXPECT_FALSE(next.end());
    ended = true;
  });
  while (!ended && !somebody_waits()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::vector<std::string> seen = poll(account);
  held_open.commit();
  thread.join();
  for (auto& type : poll(account)) seen.push_back(std::move(type));
  EXPECT_EQ(seen, (std::vector<std::string>{"held open", "next"}));
}

// Events of one account do not wait for those of another.
TEST_F(SharedEvents, OfAnotherAccountWaitForNothing) {
  Node one(1);
  SharedBatch held_open(url_);
  append(one, held_open, new_account(), "held open");
  held_open.write();
  SharedBatch next(url_);
  const AccountId account = new_account();
  append(one, next, account, "next");
  EXPECT_FALSE(next.end());
  EXPECT_EQ(poll(account), std::vector<std::string>{"next"});
  held_open.commit();
}

TEST_F(SharedEvents, OfManyNodesAreSeenOnceEach) {
  constexpr int kNodes = 3;
  constexpr int kBatches = 60;
  const AccountId account = new_account();
  std::atomic<int> running = kNodes;
  std::vector<std::thread> threads;
  for (int number = 0; number < kNodes; ++number) {
    threads.emplace_back([&, number] {
      Node node(static_cast<std::uint64_t>(number) + 1);
      // Clocks differ, and one of them stands still.
      node.clock.advance(std::chrono::milliseconds(7) * number);
      for (int i = 0; i < kBatches; ++i) {
        SharedBatch batch(url_);
        for (int k = 0; k < 3; ++k)
          append(node, batch, account, std::to_string(number) + "." + std::to_string(i) + "." + std::to_string(k));
        EXPECT_FALSE(batch.end());
        if (number > 0) node.clock.advance(std::chrono::milliseconds(1));
      }
      --running;
    });
  }
  std::vector<std::string> seen;
  for (bool more = true; more;) {
    more = running > 0;
    for (auto page = poll(account); !page.empty(); page = poll(account)) {
      for (auto& type : page) seen.push_back(std::move(type));
    }
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kNodes * kBatches * 3));
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), seen.size());
}

}  // namespace
}  // namespace countersign::store
