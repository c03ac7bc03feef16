#include "base/kept_by_threads.h"

#include <gtest/gtest.h>

#include <latch>
#include <memory>
#include <thread>

namespace countersign {
namespace {

using Value = std::shared_ptr<int>;

TEST(KeptByThreads, AReplacedValueIsSeenAtOnceByEveryThread) {
  KeptByThreads<int> kept(1);
  EXPECT_EQ(kept.get(), 1);
  std::latch read(1);
  std::latch replaced(1);
  int before = 0;
  int after = 0;
  std::thread other([&] {
    before = kept.get();
    read.count_down();
    replaced.wait();
    after = kept.get();
  });
  read.wait();
  kept.replace(2);
  replaced.count_down();
  other.join();
  EXPECT_EQ(before, 1);
  EXPECT_EQ(after, 2);
  EXPECT_EQ(kept.get(), 2);
}

TEST(KeptByThreads, EachObjectHasItsOwn) {
  KeptByThreads<int> one(1);
  KeptByThreads<int> two(2);
  EXPECT_EQ(one.get(), 1);
  EXPECT_EQ(two.get(), 2);
  EXPECT_EQ(one.get(), 1);
  two.replace(3);
  EXPECT_EQ(one.get(), 1);
  EXPECT_EQ(two.get(), 3);
}

TEST(KeptByThreads, AnOldValueIsFreedWhenNoThreadHasIt) {
  const auto old = std::make_shared<int>(1);
  KeptByThreads<Value> kept{Value(old)};
  EXPECT_EQ(*kept.get(), 1);
  EXPECT_EQ(old.use_count(), 2);
  kept.replace(std::make_shared<int>(2));
  EXPECT_EQ(*kept.get(), 2);
  EXPECT_EQ(old.use_count(), 1);
}

}  // namespace
}  // namespace countersign
