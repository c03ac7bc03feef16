#include "delivery/fair_queue.h"

#include <gtest/gtest.h>

#include <map>

#include "delivery/code_limits.h"
#include "support/fake_time.h"

namespace countersign::delivery {
namespace {

using Queue = FairQueue<int>;

struct FairQueueTest : ::testing::Test {
  countersign::testing::SeededRandom random;
  countersign::testing::FakeClock clock;
  Moment moment{clock.now(), random};
  AccountId small = AccountId::make(moment);
  AccountId big = AccountId::make(moment);

  static std::optional<Queue::Taken> pop(Queue& queue) {
    return queue.pop([](const std::string&) { return true; });
  }
};

TEST_F(FairQueueTest, AccountsTakeTurns) {
  Queue queue(FairQueueLimits{.running_per_lane_max = 1});
  for (int i = 0; i < 60; ++i) ASSERT_FALSE(queue.push(big, "sms", i));
  ASSERT_FALSE(queue.push(small, "sms", 1000));
  auto first = pop(queue);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->item, 0);
  EXPECT_FALSE(pop(queue));  // The lane is full.
  queue.finished(big, "sms");
  const auto second = pop(queue);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->item, 1000);  // Behind one, not behind sixty.
  queue.finished(small, "sms");
  EXPECT_EQ(pop(queue)->item, 1);
}

TEST_F(FairQueueTest, ALaneThatIsFullOrShutHoldsUpNoOther) {
  Queue queue(FairQueueLimits{.running_per_lane_max = 2});
  for (int i = 0; i < 5; ++i) ASSERT_FALSE(queue.push(big, "slow", i));
  ASSERT_FALSE(queue.push(big, "fast", 100));
  ASSERT_FALSE(queue.push(big, "broken", 200));
  std::vector<int> taken;
  while (auto next = queue.pop([](const std::string& lane) { return lane != "broken"; })) taken.push_back(next->item);
  std::ranges::sort(taken);
  EXPECT_EQ(taken, (std::vector<int>{0, 1, 100}));
  EXPECT_EQ(queue.waiting(), 4U);
  EXPECT_EQ(queue.running(), 3U);
}

TEST_F(FairQueueTest, OneAccountCannotTakeAllThatMayRun) {
  Queue queue(FairQueueLimits{.running_max = 8, .running_per_lane_max = 2, .running_per_account_max = 4});
  for (int i = 0; i < 20; ++i) ASSERT_FALSE(queue.push(big, std::to_string(i % 10), i));
  ASSERT_FALSE(queue.push(small, "own", 1000));
  int of_big = 0;
  int of_small = 0;
  while (auto next = pop(queue)) ++(next->account == big ? of_big : of_small);
  EXPECT_EQ(of_big, 4);
  EXPECT_EQ(of_small, 1);
}

TEST_F(FairQueueTest, NoMoreRunThanMay) {
  Queue queue(FairQueueLimits{.running_max = 3});
  for (int i = 0; i < 9; ++i) ASSERT_FALSE(queue.push(i % 2 == 0 ? big : small, std::to_string(i), i));
  int running = 0;
  while (pop(queue)) ++running;
  EXPECT_EQ(running, 3);
}

TEST_F(FairQueueTest, ALineThatIsFullGivesBackAndTheOthersAreNotFull) {
  Queue queue(FairQueueLimits{.waiting_per_line_max = 2});
  EXPECT_FALSE(queue.push(big, "sms", 1));
  EXPECT_FALSE(queue.push(big, "sms", 2));
  EXPECT_EQ(queue.push(big, "sms", 3), 3);
  EXPECT_FALSE(queue.push(big, "mail", 4));
  EXPECT_FALSE(queue.push(small, "sms", 5));
}

TEST_F(FairQueueTest, WhatIsTakenOutLeavesNothingBehind) {
  Queue queue(FairQueueLimits{.running_per_lane_max = 1});
  for (int i = 0; i < 4; ++i) ASSERT_FALSE(queue.push(big, i < 2 ? "sms" : "mail", i));
  EXPECT_EQ(queue.take_if([](int i) { return i < 2 || i == 3; }), (std::vector<int>{3, 0, 1}));
  ASSERT_FALSE(queue.push(big, "sms", 5));
  EXPECT_EQ(pop(queue)->item, 2);
  EXPECT_EQ(pop(queue)->item, 5);
  EXPECT_FALSE(pop(queue));
  queue.finished(big, "sms");
  queue.finished(big, "mail");
  EXPECT_EQ(queue.waiting() + queue.running(), 0U);
}

/// Any order of steps against a plain list of what must be where.
TEST_F(FairQueueTest, NothingIsLostOrGivenTwice) {
  const std::vector<AccountId> accounts{small, big, AccountId::make(moment), AccountId::make(moment)};
  Queue queue(FairQueueLimits{
      .running_max = 6, .running_per_lane_max = 2, .running_per_account_max = 3, .waiting_per_line_max = 5});
  std::vector<Queue::Taken> running;
  std::size_t put = 0;
  std::size_t back = 0;
  std::size_t out = 0;
  std::size_t done = 0;
  for (int step = 0; step < 50'000; ++step) {
    switch (random.below(4)) {
      case 0:
      case 1:
        ++put;
        if (queue.push(accounts[random.below(4)], std::to_string(random.below(3)), step)) ++back;
        break;
      case 2:
        if (auto next = pop(queue)) running.push_back(*std::move(next));
        break;
      default:
        if (random.below(50) == 0) out += queue.take_if([&](int) { return random.below(2) == 0; }).size();
        if (running.empty()) break;
        const auto at =
            running.begin() + static_cast<std::ptrdiff_t>(random.below(static_cast<std::uint32_t>(running.size())));
        queue.finished(at->account, at->lane);
        running.erase(at);
        ++done;
    }
    ASSERT_EQ(queue.running(), running.size());
    ASSERT_EQ(put, back + out + done + running.size() + queue.waiting());
  }
  for (; queue.waiting() > 0; ++done) {  // And what waits gets its turn.
    if (auto next = pop(queue)) running.push_back(*std::move(next));
    ASSERT_FALSE(running.empty());
    queue.finished(running.front().account, running.front().lane);
    running.erase(running.begin());
  }
}

TEST(FairQueue, ALaneMayHaveANumberOfItsOwn) {
  FairQueue<int> queue(LaneLimits{{.running_per_lane_max = 2}, {{"wide", 5}, {"narrow", 1}}});
  const AccountId account{};
  for (const std::string lane : {"wide", "narrow", "usual"}) {
    for (int i = 0; i < 9; ++i) EXPECT_FALSE(queue.push(account, lane, i));
  }
  std::map<std::string, int> running;
  while (const auto taken = queue.pop([](const std::string&) { return true; })) ++running[taken->lane];
  EXPECT_EQ(running, (std::map<std::string, int>{{"wide", 5}, {"narrow", 1}, {"usual", 2}}));
}

TEST(CodeLimits, AProviderWithManyPlacesTakesNoneOfAnother) {
  const auto usual = code_limits({});
  EXPECT_EQ(usual.queue.all.running_max, FairQueueLimits().running_max);
  EXPECT_EQ(usual.http.concurrent_max, 256);
  EXPECT_EQ(usual.http.concurrent_per_host_max, 128);
  const auto wide = code_limits({{"wide", 600}, {"narrow", 4}});
  EXPECT_EQ(wide.queue.running_in("wide"), 600);
  EXPECT_EQ(wide.queue.running_in("narrow"), 4);
  EXPECT_EQ(wide.queue.running_in("another"), FairQueueLimits().running_per_lane_max);
  EXPECT_EQ(wide.queue.all.running_max - 600, usual.queue.all.running_max - FairQueueLimits().running_per_lane_max);
  EXPECT_EQ(wide.http.concurrent_max, wide.queue.all.running_max);
  EXPECT_GT(wide.http.concurrent_per_host_max, 600) << "checks have connections beside";
  EXPECT_GE(wide.queue.all.waiting_per_line_max, 600 * 10) << "some seconds' worth";
}

}  // namespace
}  // namespace countersign::delivery
