#include "delivery/breaker.h"

#include <gtest/gtest.h>

#include "support/fake_time.h"

namespace countersign::delivery {
namespace {

using namespace std::chrono_literals;

struct BreakerTest : ::testing::Test {
  countersign::testing::SeededRandom random;
  MonotonicTime now{};
  Breaker breaker;

  /// One call from start to end.
  void call(bool failed) {
    ASSERT_TRUE(breaker.admits(now));
    const bool tried = breaker.started();
    breaker.ended(tried, failed, now, random);
  }
  void break_it() {
    for (int i = 0; i < Breaker::kFailures; ++i) call(true);
  }
};

TEST_F(BreakerTest, OpensAfterFiveFailuresInARow) {
  for (int i = 0; i < 20; ++i) {
    for (int failures = 0; failures < 4; ++failures) call(true);
    EXPECT_FALSE(breaker.open());
    call(false);
  }
  break_it();
  EXPECT_TRUE(breaker.open());
  EXPECT_FALSE(breaker.admits(now));
}

TEST_F(BreakerTest, ThenOneCallTriesWhileTheOthersWait) {
  break_it();
  EXPECT_FALSE(breaker.admits(now + 1s - 1us));
  now += 2s;
  ASSERT_TRUE(breaker.admits(now));
  EXPECT_TRUE(breaker.started());
  EXPECT_FALSE(breaker.admits(now + 1h));
  breaker.ended(true, false, now, random);
  EXPECT_FALSE(breaker.open());
  EXPECT_TRUE(breaker.admits(now));
}

TEST_F(BreakerTest, PausesDoubleUpToSixteenSecondsWithJitter) {
  break_it();
  for (const Duration pause : {2s, 4s, 8s, 16s, 16s, 16s}) {
    EXPECT_GE(breaker.retry_at(), now + pause / 2);
    EXPECT_LE(breaker.retry_at(), now + pause);
    now = breaker.retry_at();
    call(true);
  }
  now = breaker.retry_at();
  call(false);
  break_it();
  EXPECT_LE(breaker.retry_at(), now + 2s);
}

TEST_F(BreakerTest, WhatWasUnderWayWhenItOpenedSaysNothingNew) {
  for (int i = 0; i < 32; ++i) ASSERT_FALSE(breaker.started());
  for (int i = 0; i < 32; ++i) breaker.ended(false, true, now, random);
  EXPECT_LE(breaker.retry_at(), now + 2s);
}

TEST_F(BreakerTest, ATryThatWasNotMadeLeavesThePlaceToTheNext) {
  break_it();
  now += 2s;
  ASSERT_TRUE(breaker.started());
  breaker.abandoned(true);
  EXPECT_TRUE(breaker.open());
  EXPECT_TRUE(breaker.admits(now));
}

}  // namespace
}  // namespace countersign::delivery
