#include "domain/limits.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "some.h"

namespace countersign::domain {
namespace {

constexpr Rate kThreeInTen{3, minutes(10)};

TEST(CountEvent, LetsTheLastOneOfAWindowThroughAndNotTheNext) {
  Window window;
  for (int i = 1; i <= 3; ++i) {
    const auto allowance = count_event(window, kThreeInTen, kNoon + seconds(i));
    EXPECT_TRUE(allowance.allowed) << i;
    window = allowance.next;
    EXPECT_EQ(window, (Window{kNoon + seconds(1), i}));
  }
  const auto fourth = count_event(window, kThreeInTen, kNoon + seconds(61));
  EXPECT_FALSE(fourth.allowed);
  EXPECT_EQ(fourth.next, window);
  EXPECT_EQ(fourth.retry_after, minutes(9));
}

TEST(CountEvent, BeginsAnewAtTheVeryEndOfTheWindow) {
  const Window full{kNoon, 3};
  const WallTime end = kNoon + minutes(10);
  EXPECT_FALSE(count_event(full, kThreeInTen, end - kTick).allowed);
  EXPECT_EQ(count_event(full, kThreeInTen, end - kTick).retry_after, kTick);
  EXPECT_TRUE(count_event(full, kThreeInTen, end).allowed);
  EXPECT_EQ(count_event(full, kThreeInTen, end).next, (Window{end, 1}));
  EXPECT_EQ(count_event(full, kThreeInTen, end + kTick).next, (Window{end + kTick, 1}));
}

TEST(CountEvent, AClockSetBackIsTheSameWindow) {
  const Window full{kNoon, 3};
  const auto allowance = count_event(full, kThreeInTen, kNoon - hours(24));
  EXPECT_FALSE(allowance.allowed);
  EXPECT_EQ(allowance.retry_after, minutes(10));
}

TEST(CountEvent, ZeroIsNoLimit) {
  const Window window{kNoon, 1'000'000};
  const auto allowance = count_event(window, Rate{}, kNoon);
  EXPECT_TRUE(allowance.allowed);
  EXPECT_EQ(allowance.next, window);
}

TEST(CountEvent, NeverAllowsMoreThanMaxInAWindow) {
  EXPECT_TRUE(rc::check("at most max events between one start of a window and the next", [] {
    const Rate rate{*rc::gen::inRange<std::int64_t>(1, 6), *rc::gen::inRange<std::int64_t>(1, 600) * seconds(1)};
    const auto waits = *rc::gen::container<std::vector<Duration>>(any_wait());
    Window window;
    WallTime now = kNoon;
    std::vector<WallTime> allowed;
    for (const Duration wait : waits) {
      now += wait;
      const auto allowance = count_event(window, rate, now);
      RC_ASSERT(allowance.allowed || allowance.next == window);
      RC_ASSERT(allowance.allowed || (allowance.retry_after > Duration::zero() && allowance.retry_after <= rate.per));
      if (allowance.allowed) allowed.push_back(now);
      window = allowance.next;
      RC_ASSERT(window.count <= rate.max);
    }
    // Any interval of that length touches two windows at most.
    for (const WallTime from : allowed) {
      const auto inside = std::count_if(allowed.begin(), allowed.end(),
                                        [&](WallTime at) { return at >= from && at - from < rate.per; });
      RC_ASSERT(inside <= 2 * rate.max);
    }
  }));
}

TEST(CountEvent, WhoWaitsAsLongAsToldIsLetThrough) {
  EXPECT_TRUE(rc::check([] {
    const Rate rate{*rc::gen::inRange<std::int64_t>(1, 6), *rc::gen::inRange<std::int64_t>(1, 600) * seconds(1)};
    const Window full{kNoon, rate.max};
    const WallTime now = kNoon + *any_wait();
    const auto allowance = count_event(full, rate, now);
    RC_ASSERT(count_event(full, rate, now + allowance.retry_after).allowed);
    RC_ASSERT(allowance.allowed || !count_event(full, rate, now + allowance.retry_after - kTick).allowed);
  }));
}

TEST(ResendWait, GrowsAndThenStays) {
  const std::vector<Duration> waits{seconds(30), seconds(60), minutes(2)};
  const std::vector<std::pair<int, Duration>> rows{{-1, Duration::zero()}, {0, Duration::zero()}, {1, seconds(30)},
                                                   {2, seconds(60)},       {3, minutes(2)},       {4, minutes(2)},
                                                   {1000, minutes(2)}};
  for (const auto& [sends, wait] : rows) EXPECT_EQ(resend_wait(waits, sends), wait) << sends;
  EXPECT_EQ(resend_wait({}, 3), Duration::zero());
}

TEST(AfterFailure, LocksAtEachFifthAndTwiceAsLong) {
  const FailureRules rules;
  Failures failures;
  for (int i = 1; i <= 4; ++i) failures = after_failure(failures, rules, kNoon);
  EXPECT_FALSE(failures.locked_until);
  failures = after_failure(failures, rules, kNoon);
  EXPECT_EQ(failures.locked_until, kNoon + seconds(30));
  failures = after_failure(failures, rules, kNoon);
  EXPECT_EQ(failures.locked_until, kNoon + seconds(30));
  for (int i = 7; i <= 10; ++i) failures = after_failure(failures, rules, kNoon);
  EXPECT_EQ(failures.locked_until, kNoon + seconds(60));
}

TEST(AfterFailure, TheLongestLockIsABound) {
  const FailureRules rules;
  Failures failures;
  for (int i = 1; i <= 99; ++i) {
    failures = after_failure(failures, rules, kNoon);
    ASSERT_LE(failures.locked_until.value_or(kNoon), kNoon + hours(1)) << i;
    ASSERT_FALSE(is_slowed(failures, rules)) << i;
  }
  EXPECT_EQ(failures.locked_until, kNoon + hours(1));
  EXPECT_TRUE(is_slowed(after_failure(failures, rules, kNoon), rules));
}

TEST(AfterFailure, AGuessAtTwoCodesCountsTwiceAndNeverSkipsALock) {
  const FailureRules rules;
  const Failures four{.consecutive = 4, .locked_until = {}, .disabled = false};
  const auto six = after_failure(four, rules, kNoon, 2);
  EXPECT_EQ(six.consecutive, 6);
  EXPECT_EQ(six.locked_until, kNoon + seconds(30));
}

TEST(StrangersPart, IsThatShareAndAtLeastOne) {
  EXPECT_EQ(strangers_part({1'000, hours(24)}, 80), (Rate{800, hours(24)}));
  EXPECT_EQ(strangers_part({1, hours(24)}, 80), (Rate{1, hours(24)}));
  EXPECT_EQ(strangers_part({0, hours(24)}, 80), (Rate{0, hours(24)}));  // Unlimited stays so.
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(strangers_part({most, hours(24)}, 100).max, most);
}

TEST(AfterFailure, HundredsOfDoublingsDoNotOverflow) {
  FailureRules rules;
  rules.disable_at = 1'000'000;
  Failures failures{.consecutive = 4'999, .locked_until = {}, .disabled = false};
  EXPECT_EQ(after_failure(failures, rules, kNoon).locked_until, kNoon + hours(1));
}

TEST(IsLocked, UntilTheVeryInstant) {
  const Failures locked{5, kNoon, false};
  EXPECT_TRUE(is_locked(locked, kNoon - kTick));
  EXPECT_FALSE(is_locked(locked, kNoon));
  EXPECT_FALSE(is_locked(locked, kNoon + kTick));
  EXPECT_FALSE(is_locked(Failures{}, kNoon));
}

TEST(AfterFailure, NeverUnlocksEarlyNorEnablesAgain) {
  EXPECT_TRUE(rc::check("a further failure keeps every lock that is in force", [] {
    FailureRules rules;
    rules.per_lock = *rc::gen::inRange<std::int64_t>(1, 8);
    rules.disable_at = *rc::gen::inRange<std::int64_t>(1, 60);
    const auto waits = *rc::gen::container<std::vector<Duration>>(any_wait());
    Failures failures;
    WallTime now = kNoon;
    for (const Duration wait : waits) {
      now += wait;
      const Failures next = after_failure(failures, rules, now);
      RC_ASSERT(next.consecutive == failures.consecutive + 1);
      RC_ASSERT(is_slowed(next, rules) || !is_slowed(failures, rules));
      if (is_locked(failures, now)) RC_ASSERT(next.locked_until && *next.locked_until >= *failures.locked_until);
      if (next.consecutive % rules.per_lock == 0) RC_ASSERT(is_locked(next, now));
      failures = next;
    }
  }));
}

}  // namespace
}  // namespace countersign::domain
