#include "domain/line_guard.h"

#include <gtest/gtest.h>

#include "some.h"

namespace countersign::domain {
namespace {

constexpr FailureRules kHundred;

LineGuard failed(LineGuard guard, std::int64_t times, WallTime at, bool fixed_length = false) {
  for (std::int64_t i = 0; i < times; ++i) guard = after_wrong(guard, kHundred, at, 1, fixed_length);
  return guard;
}

TEST(LineGuard, AHundredInARowSlowItAndASuccessEndsThat) {
  EXPECT_FALSE(is_slowed(failed({}, 99, kNoon), kHundred));
  const auto slowed = failed({}, 100, kNoon);
  EXPECT_TRUE(is_slowed(slowed, kHundred));
  EXPECT_FALSE(is_slowed(after_right(slowed), kHundred));
  EXPECT_EQ(after_right(slowed).failures, Failures{});
}

TEST(LineGuard, OneStartAnHourWhileItIsSlowed) {
  auto slowed = failed({}, 100, kNoon);
  EXPECT_EQ(slow_wait(slowed, kHundred, kNoon), Duration::zero());
  EXPECT_FALSE(after_send(failed({}, 99, kNoon), kHundred, kNoon)) << "not slowed: nothing to note";
  slowed = after_send(slowed, kHundred, kNoon).value();
  EXPECT_EQ(slow_wait(slowed, kHundred, kNoon + minutes(1)), minutes(59));
  EXPECT_EQ(slow_wait(slowed, kHundred, kNoon + hours(1)), Duration::zero());
  EXPECT_EQ(slow_wait(slowed, kHundred, kNoon - hours(9)), hours(1));  // A clock that went back.
  EXPECT_EQ(slow_wait(after_right(slowed), kHundred, kNoon), Duration::zero());
}

TEST(LineGuard, AHundredInAYearMakeCodesLongWhateverSucceedsBetween) {
  LineGuard guard;
  for (int i = 0; i < 25; ++i) {
    EXPECT_FALSE(needs_long_code(guard, kHundred, kNoon));
    guard = after_right(failed(guard, 4, kNoon));
  }
  EXPECT_TRUE(needs_long_code(guard, kHundred, kNoon));
  EXPECT_FALSE(is_slowed(guard, kHundred));
  const WallTime next_year = kNoon + std::chrono::days(365);
  EXPECT_TRUE(needs_long_code(guard, kHundred, next_year - kTick));
  EXPECT_FALSE(needs_long_code(guard, kHundred, next_year));
  EXPECT_EQ(failed(guard, 1, next_year).year, (Window{next_year, 1}));
}

TEST(LineGuard, ACodeThatCannotBeLengthenedIsGuessedOnceInTwoDays) {
  EXPECT_EQ(failed({}, 99, kNoon, true).failures.locked_until, kNoon + hours(1));
  EXPECT_EQ(failed({}, 100, kNoon, true).failures.locked_until, kNoon + hours(48));
  EXPECT_EQ(failed({}, 100, kNoon, false).failures.locked_until, kNoon + hours(1));
}

TEST(LineGuard, WhatNobodyJudgedIsTakenBackWithItsLock) {
  for (const std::int64_t before : {0, 3, 4, 9, 99}) {
    const auto guard = failed({}, before, kNoon, true);
    const auto back = taken_back(after_wrong(guard, kHundred, kNoon + hours(50), 1, true), kHundred, 1);
    EXPECT_EQ(back.failures.consecutive, before);
    EXPECT_EQ(back.year.count, before);
    EXPECT_FALSE(is_locked(back.failures, kNoon + hours(50))) << before;
  }
}

}  // namespace
}  // namespace countersign::domain
