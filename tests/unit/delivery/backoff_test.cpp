#include "delivery/backoff.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "support/fake_time.h"

namespace countersign::delivery {
namespace {

using namespace std::chrono_literals;
using countersign::testing::SeededRandom;

const WallTime kFailedAt = *from_rfc3339("2026-11-22T12:00:00Z");

struct BackoffTest : ::testing::Test {
  SeededRandom random;
  Moment moment{kFailedAt, random};
};
using MessageBackoffTest = BackoffTest;
using CodeAttemptsTest = BackoffTest;
using WebhookBackoffTest = BackoffTest;

TEST_F(MessageBackoffTest, JitterIsUniformBelowADoublingCeiling) {
  const std::array<Duration, 6> ceilings = {2s, 4s, 8s, 16s, 30s, 30s};
  for (unsigned attempts = 1; attempts <= ceilings.size(); ++attempts) {
    Duration least = 1h;
    Duration most = 0s;
    for (int i = 0; i < 2'000; ++i) {
      const auto at = next_message_attempt({}, attempts, {}, kFailedAt + 1h, moment);
      ASSERT_TRUE(at);
      least = std::min(least, *at - kFailedAt);
      most = std::max(most, *at - kFailedAt);
    }
    const Duration ceiling = ceilings.at(attempts - 1);
    EXPECT_LE(most, ceiling);
    EXPECT_GT(most, ceiling * 9 / 10);
    EXPECT_LT(least, ceiling / 10);
  }
}

TEST_F(MessageBackoffTest, EndsWhenTooLittleOfItsLifeWouldBeLeft) {
  const MessageBackoff no_pause{.first = 0s, .useful_rest = 30s};
  EXPECT_TRUE(next_message_attempt(no_pause, 1, {}, kFailedAt + 30s, moment));
  EXPECT_FALSE(next_message_attempt(no_pause, 1, {}, kFailedAt + 30s - 1us, moment));
  EXPECT_TRUE(next_message_attempt(no_pause, 1, 90s, kFailedAt + 120s, moment));
  EXPECT_FALSE(next_message_attempt(no_pause, 1, 91s, kFailedAt + 120s, moment));
}

TEST_F(MessageBackoffTest, NeverBeforeTheProviderAllows) {
  for (int i = 0; i < 100; ++i) {
    const auto at = next_message_attempt({}, 1, 45s, kFailedAt + 1h, moment);
    ASSERT_TRUE(at);
    EXPECT_GE(*at, kFailedAt + 45s);
  }
}

/// A code that lives ten minutes and was made a minute ago.
CodeAttempts code_of_ten_minutes() { return {kFailedAt - 1min, kFailedAt + 9min}; }
ProviderError failed(Fault fault, bool maybe_sent = false) {
  return {fault, PersonNotice::kWait, "", "said the test", std::nullopt, maybe_sent};
}

TEST_F(CodeAttemptsTest, WhatWasCertainlyNotTakenOverIsRepeatedHoweverOften) {
  for (const auto fault : {Fault::kUnavailable, Fault::kRateLimited}) {
    auto attempts = code_of_ten_minutes();
    for (attempts.made = 1; attempts.made <= 100; ++attempts.made) {
      const auto at = next_code_attempt(failed(fault), attempts, moment);
      ASSERT_TRUE(at);
      EXPECT_LE(*at, kFailedAt + 30s);
    }
    attempts.doubted = true;  // An earlier one was in doubt; this one is not.
    EXPECT_TRUE(next_code_attempt(failed(fault), attempts, moment));
    attempts.makes_own_codes = true;
    EXPECT_TRUE(next_code_attempt(failed(fault), attempts, moment));
  }
}

TEST_F(CodeAttemptsTest, WhatTheProviderRefusesForGoodIsNot) {
  for (const auto fault : {Fault::kInvalidAddress, Fault::kUnsupportedAddress, Fault::kBlocked, Fault::kMisconfigured,
                           Fault::kRejected, Fault::kNotFound, Fault::kAttemptsExhausted}) {
    EXPECT_FALSE(next_code_attempt(failed(fault), code_of_ten_minutes(), moment)) << name_of(fault);
  }
}

TEST_F(CodeAttemptsTest, WhatIsInDoubtIsRepeatedOnceAfterFifteenSeconds) {
  for (int i = 0; i < 100; ++i) {
    const auto at = next_code_attempt(failed(Fault::kUnavailable, true), code_of_ten_minutes(), moment);
    ASSERT_TRUE(at);
    EXPECT_GE(*at, kFailedAt + 15s);
    EXPECT_LE(*at, kFailedAt + 18s);
  }
  auto again = code_of_ten_minutes();
  again.doubted = true;
  EXPECT_FALSE(next_code_attempt(failed(Fault::kUnavailable, true), again, moment));
}

TEST_F(CodeAttemptsTest, AndNeverWhereTheProviderMakesTheCodes) {
  auto start = code_of_ten_minutes();
  start.makes_own_codes = true;
  EXPECT_FALSE(next_code_attempt(failed(Fault::kUnavailable, true), start, moment));
}

TEST_F(CodeAttemptsTest, NothingGoesOutThatThePersonCannotUse) {
  EXPECT_EQ(useful_rest(kFailedAt, kFailedAt + 10min), 60s);
  EXPECT_EQ(useful_rest(kFailedAt, kFailedAt + 24h), 60s);
  EXPECT_EQ(useful_rest(kFailedAt, kFailedAt + 2min), 24s);
  EXPECT_TRUE(is_worth_sending(kFailedAt, kFailedAt + 10min, kFailedAt + 9min));
  EXPECT_FALSE(is_worth_sending(kFailedAt, kFailedAt + 10min, kFailedAt + 9min + 1us));
  EXPECT_TRUE(is_worth_sending(kFailedAt, kFailedAt + 1us, kFailedAt));
  EXPECT_FALSE(is_worth_sending(kFailedAt, kFailedAt, kFailedAt));
  for (int i = 0; i < 1'000; ++i) {
    CodeAttempts attempts{kFailedAt - 10min + 70s, kFailedAt + 70s, 5};
    const auto at = next_code_attempt(failed(Fault::kUnavailable), attempts, moment);
    EXPECT_TRUE(!at || *at <= kFailedAt + 10s);
    EXPECT_FALSE(next_code_attempt(failed(Fault::kUnavailable, true), attempts, moment));
  }
}

TEST_F(WebhookBackoffTest, FollowsTheScheduleWithUpToATenthOrAFifthMore) {
  const std::array<Duration, 14> schedule = {0s, 5s, 15s, 30s, 60s, 120s, 5min, 30min, 2h, 5h, 10h, 14h, 20h, 24h};
  for (unsigned made = 0; made < schedule.size(); ++made) {
    std::set<WallTime> different;
    for (int i = 0; i < 200; ++i) {
      const auto at = next_webhook_attempt(made, {}, moment);
      ASSERT_TRUE(at);
      EXPECT_GE(*at - kFailedAt, schedule.at(made));
      EXPECT_LE(*at - kFailedAt, schedule.at(made) * (made < 6 ? 11 : 12) / 10);
      different.insert(*at);
    }
    EXPECT_EQ(different.size() > 50, made > 0);
  }
  EXPECT_FALSE(next_webhook_attempt(14, {}, moment));
}

TEST_F(WebhookBackoffTest, ObeysRetryAfterUpToADay) {
  EXPECT_GE(*next_webhook_attempt(1, 10min, moment), kFailedAt + 10min);
  EXPECT_LE(*next_webhook_attempt(1, 1'000h, moment), kFailedAt + 24h);
  EXPECT_GE(*next_webhook_attempt(7, 1s, moment), kFailedAt + 30min);
}

TEST(RetryAfter, ReadsSecondsAndTheThreeFormsOfDates) {
  const WallTime now = *from_rfc3339("1994-11-06T08:47:37Z");
  EXPECT_EQ(parse_retry_after("120", now), 120s);
  EXPECT_EQ(parse_retry_after("0", now), 0s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), 120s);
  EXPECT_EQ(parse_retry_after("Sunday, 06-Nov-94 08:49:37 GMT", now), 120s);
  EXPECT_EQ(parse_retry_after("Sun Nov  6 08:49:37 1994", now), 120s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), 0s);  // In the past.
}

TEST(RetryAfter, TwoDigitYearsAreNoMoreThanFiftyYearsAhead) {
  EXPECT_EQ(parse_retry_after("Sunday, 22-Nov-26 12:00:10 GMT", kFailedAt), 10s);
  EXPECT_EQ(parse_retry_after("Sunday, 22-Nov-77 12:00:10 GMT", kFailedAt), 0s);  // 1977
  EXPECT_GT(parse_retry_after("Sunday, 22-Nov-76 12:00:10 GMT", kFailedAt), 24h * 365 * 49);
}

TEST(RetryAfter, RefusesTheRestWithoutOverflow) {
  for (const char* text :
       {"", " ", "-1", "1.5", "+3", "soon", "12 s", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 PST",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nox 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 99999 08:49:37 GMT", "Sun, 06 Nov 1994 08:61:37 GMT"}) {
    EXPECT_FALSE(parse_retry_after(text, kFailedAt)) << text;
  }
  EXPECT_EQ(parse_retry_after("99999999999999999999999", kFailedAt), 999'999'999s);
}

}  // namespace
}  // namespace countersign::delivery
