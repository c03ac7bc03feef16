#include "base/worker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>
#include <vector>

namespace countersign {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Counts its ticks; nudged by them alone, for the period is long.
class WorkerTest : public ::testing::Test {
 protected:
  WorkerTest() { worker_.start(); }

  void wait_for_ticks(int count) const {
    while (ticks_ < count) std::this_thread::yield();
  }

  std::atomic<int> ticks_ = 0;
  Worker worker_{seconds(60), [this] { ++ticks_; }};
};

TEST_F(WorkerTest, TicksRightAfterTheStartAndWhenNudged) {
  wait_for_ticks(1);
  worker_.nudge();  // In the pause.
  wait_for_ticks(2);
  std::this_thread::sleep_for(2 * Worker::kPause);
  worker_.nudge();  // After it.
  wait_for_ticks(3);
}

TEST_F(WorkerTest, HoweverManyNudgeItTicksOnceInEachPause) {
  wait_for_ticks(1);
  const auto begun = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begun < 20 * Worker::kPause) {
    worker_.nudge();
    std::this_thread::yield();
  }
  const int ticks = ticks_;
  const auto took = std::chrono::steady_clock::now() - begun;
  EXPECT_GT(ticks, 1);
  EXPECT_LE(ticks, 2 + took / Worker::kPause);
}

TEST_F(WorkerTest, APostedTaskDoesNotWaitForThePause) {
  worker_.nudge();
  wait_for_ticks(1);
  std::promise<int> ran;
  worker_.post([&] { ran.set_value(ticks_); });
  EXPECT_EQ(ran.get_future().wait_for(std::chrono::minutes(5)), std::future_status::ready);
}

TEST_F(WorkerTest, TasksRunInOrderAndAllBeforeTheEnd) {
  std::vector<int> order;
  for (int i = 0; i < 100; ++i) worker_.post([&order, i] { order.push_back(i); });
  std::vector<Task> tasks;
  for (int i = 100; i < 200; ++i) tasks.emplace_back([&order, i] { order.push_back(i); });
  worker_.post_all(std::move(tasks));
  worker_.stop();
  ASSERT_EQ(order.size(), 200U);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

}  // namespace
}  // namespace countersign
