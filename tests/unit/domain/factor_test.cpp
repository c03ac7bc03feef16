#include "domain/factor.h"

#include <gtest/gtest.h>

#include "some.h"

namespace countersign::domain {
namespace {

Factor factor_in(FactorStatus status) {
  Factor f;
  f.status = status;
  f.created_at = kNoon - hours(1);
  f.confirm_by = kNoon + minutes(30);
  return f;
}

TEST(Factor, EveryStatusIsReadBack) {
  using enum FactorStatus;
  for (const auto s : {kUnconfirmed, kActive, kSuspended, kRemoved}) EXPECT_EQ(parse_factor_status(to_text(s)), s);
  EXPECT_FALSE(parse_factor_status("Active"));
}

TEST(WhyNotCheckable, OnlyTheStatusThatIsWanted) {
  using enum FactorStatus;
  for (const auto wanted : {kUnconfirmed, kActive}) {
    for (const auto status : {kUnconfirmed, kActive, kSuspended, kRemoved}) {
      const auto refused = why_not_checkable(factor_in(status), wanted, kNoon);
      if (status == wanted) {
        EXPECT_FALSE(refused);
      } else {
        ASSERT_TRUE(refused);
        EXPECT_EQ(refused->outcome, FactorOutcome::kUnusable);
      }
    }
  }
}

TEST(WhyNotCheckable, AnUnconfirmedSecretIsVoidFromItsVeryInstant) {
  const Factor f = factor_in(FactorStatus::kUnconfirmed);
  EXPECT_FALSE(why_not_checkable(f, FactorStatus::kUnconfirmed, f.confirm_by - kTick));
  EXPECT_TRUE(why_not_checkable(f, FactorStatus::kUnconfirmed, f.confirm_by));
  EXPECT_TRUE(why_not_checkable(f, FactorStatus::kUnconfirmed, f.confirm_by + kTick));
  // The deadline is for confirming; it means nothing for an active factor.
  EXPECT_FALSE(why_not_checkable(factor_in(FactorStatus::kActive), FactorStatus::kActive, f.confirm_by + hours(9)));
}

TEST(WhyNotCheckable, LockedUntilTheVeryInstant) {
  Factor f = factor_in(FactorStatus::kActive);
  f.failures = {5, kNoon, false};
  const auto refused = why_not_checkable(f, FactorStatus::kActive, kNoon - kTick);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->outcome, FactorOutcome::kLocked);
  EXPECT_EQ(refused->locked_until, kNoon);
  EXPECT_FALSE(why_not_checkable(f, FactorStatus::kActive, kNoon));
}

TEST(WhyNotCheckable, ASleepingOneIsWokenByAnotherKindOrTheApplication) {
  Factor f = factor_in(FactorStatus::kActive);
  f.failures = {100, kNoon, true};
  const auto refused = why_not_checkable(f, FactorStatus::kActive, kNoon + hours(1000));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->outcome, FactorOutcome::kUnusable);
  EXPECT_FALSE(why_not_checkable(f, FactorStatus::kActive, kNoon, true));
  EXPECT_EQ(why_not_checkable(f, FactorStatus::kActive, kNoon - kTick, true)->outcome, FactorOutcome::kLocked);
  EXPECT_FALSE(why_not_checkable(woken(f), FactorStatus::kActive, kNoon));
}

TEST(RecordTotp, TheHundredthFailureInARowPutsItToSleep) {
  Factor f = factor_in(FactorStatus::kActive);
  f.failures = {98, std::nullopt, false};
  f = record_totp(f, std::nullopt, 1000, FailureRules{}, kNoon).next;
  EXPECT_FALSE(f.failures.disabled);
  f = record_totp(f, std::nullopt, 1000, FailureRules{}, kNoon).next;
  EXPECT_TRUE(f.failures.disabled);
}

TEST(RecordTotp, ASleepingOneHasOneGuessInTwoDaysUntilOneIsRight) {
  Factor f = factor_in(FactorStatus::kActive);
  f.failures = {100, std::nullopt, true};
  const auto wrong = record_totp(f, std::nullopt, 1000, FailureRules{}, kNoon);
  EXPECT_TRUE(wrong.next.failures.disabled);
  EXPECT_EQ(wrong.next.failures.locked_until, kNoon + hours(48));
  EXPECT_EQ(record_totp(f, 1000, 1000, FailureRules{}, kNoon).next.failures, Failures{});
}

TEST(RecordTotp, ARightCodeSpendsItsStepAndForgetsFailures) {
  Factor f = factor_in(FactorStatus::kActive);
  f.failures = {4, std::nullopt, false};
  for (const std::int64_t drift : {-1, 0, 1}) {
    const auto checked = record_totp(f, 1000 + drift, 1000, FailureRules{}, kNoon);
    EXPECT_EQ(checked.outcome, FactorOutcome::kAccepted);
    EXPECT_EQ(checked.next.last_step, 1000 + drift);
    EXPECT_EQ(checked.next.drift_steps, drift);
    EXPECT_EQ(checked.next.failures, Failures{});
  }
}

TEST(RecordTotp, DriftIsBoundedSoThatItCannotWander) {
  const auto checked = record_totp(factor_in(FactorStatus::kActive), 1002, 1000, FailureRules{}, kNoon);
  EXPECT_EQ(checked.next.drift_steps, 1);
  EXPECT_EQ(record_totp(factor_in(FactorStatus::kActive), 998, 1000, FailureRules{}, kNoon).next.drift_steps, -1);
}

TEST(RecordTotp, AWrongCodeCountsAndTheFifthLocks) {
  Factor f = factor_in(FactorStatus::kActive);
  f.last_step = 900;
  f.drift_steps = 1;
  for (int i = 1; i <= 5; ++i) {
    const auto checked = record_totp(f, std::nullopt, 1000, FailureRules{}, kNoon);
    EXPECT_EQ(checked.outcome, FactorOutcome::kWrongCode);
    EXPECT_EQ(checked.next.failures.consecutive, i);
    EXPECT_EQ(checked.next.last_step, 900);
    EXPECT_EQ(checked.next.drift_steps, 1);
    EXPECT_EQ(checked.locked_until.has_value(), i == 5);
    f = checked.next;
  }
  EXPECT_TRUE(why_not_checkable(f, FactorStatus::kActive, kNoon));
}

TEST(Confirmed, TurnsActiveNow) {
  const Factor f = *confirmed(factor_in(FactorStatus::kUnconfirmed), kNoon);
  EXPECT_EQ(f.status, FactorStatus::kActive);
  EXPECT_EQ(f.confirmed_at, kNoon);
}

}  // namespace
}  // namespace countersign::domain
