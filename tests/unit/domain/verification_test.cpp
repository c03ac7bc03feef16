#include "domain/verification.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "some.h"

namespace countersign::domain {
namespace {

const VerificationRules kRules;
const WallTime kEnd = kNoon + minutes(10);

TEST(Verification, EveryStatusIsReadBack) {
  for (const auto s : {VerificationStatus::kPending, VerificationStatus::kApproved, VerificationStatus::kCanceled,
                       VerificationStatus::kExpired, VerificationStatus::kExhausted}) {
    EXPECT_EQ(parse_verification_status(to_text(s)), s);
  }
  EXPECT_EQ(to_text(VerificationStatus::kExhausted), "max_attempts_reached");
  EXPECT_FALSE(parse_verification_status("exhausted"));
}

TEST(StatusAt, ExpiresAtItsVeryInstant) {
  EXPECT_EQ(status_at(sent(), kEnd - kTick), VerificationStatus::kPending);
  EXPECT_EQ(status_at(sent(), kEnd), VerificationStatus::kExpired);
  EXPECT_EQ(status_at(sent(), kEnd + kTick), VerificationStatus::kExpired);
}

TEST(CheckCode, ARightOneApprovesOnceAndIsForgotten) {
  const auto checked = check_code(sent(), "right", kRules, kEnd - kTick);
  EXPECT_EQ(checked.outcome, CheckOutcome::kApproved);
  EXPECT_EQ(checked.next.status, VerificationStatus::kApproved);
  EXPECT_EQ(checked.next.attempts, 1);
  EXPECT_FALSE(checked.next.code);
  EXPECT_FALSE(checked.next.previous_code);
  EXPECT_EQ(check_code(checked.next, "right", kRules, kNoon).outcome, CheckOutcome::kNotPending);
}

TEST(CheckCode, NothingIsEvaluatedFromTheInstantOfExpiry) {
  for (const Duration after : {Duration(0), kTick, Duration(hours(1))}) {
    const auto checked = check_code(sent(), "right", kRules, kEnd + after);
    EXPECT_EQ(checked.outcome, CheckOutcome::kNotPending);
    EXPECT_EQ(checked.next.attempts, 0);
  }
}

TEST(CheckCode, TheLastAttemptIsStillEvaluated) {
  Verification v = sent();
  for (int i = 1; i < kRules.attempts_max; ++i) {
    const auto checked = check_code(v, "wrong", kRules, kNoon);
    ASSERT_EQ(checked.outcome, CheckOutcome::kWrongCode);
    ASSERT_EQ(checked.next.attempts, i);
    v = checked.next;
  }
  EXPECT_EQ(check_code(v, "right", kRules, kNoon).outcome, CheckOutcome::kApproved);
  const auto last = check_code(v, "wrong", kRules, kNoon);
  EXPECT_EQ(last.outcome, CheckOutcome::kExhausted);
  EXPECT_EQ(last.next.status, VerificationStatus::kExhausted);
  EXPECT_FALSE(last.next.code);
  EXPECT_EQ(check_code(last.next, "right", kRules, kNoon).outcome, CheckOutcome::kNotPending);
}

TEST(CheckCode, AnEmptyDigestMatchesNothing) {
  Verification v = sent();
  v.code.reset();
  EXPECT_EQ(check_code(v, "", kRules, kNoon).outcome, CheckOutcome::kWrongCode);
  EXPECT_EQ(check_code(sent(), "", kRules, kNoon).outcome, CheckOutcome::kWrongCode);
}

TEST(WithNewCode, KeepsTheAttemptsAndTheEnd) {
  Verification v = check_code(sent("first"), "wrong", kRules, kNoon).next;
  v = with_new_code(v, "second", kRules, kNoon + minutes(4));
  EXPECT_EQ(v.attempts, 1);
  EXPECT_EQ(v.sends, 2);
  EXPECT_EQ(v.last_sent_at, kNoon + minutes(4));
  EXPECT_EQ(v.expires_at, kEnd);
  EXPECT_EQ(v.code->valid_until, kEnd);
}

TEST(WithNewCode, TheOneBeforeStaysGoodForItsOwnLife) {
  // A verification that outlives its codes, so that the two ends differ.
  Verification v = sent("first");
  v.expires_at = kNoon + hours(1);
  v = with_new_code(v, "second", kRules, kNoon + minutes(4));
  EXPECT_EQ(check_code(v, "first", kRules, kEnd - kTick).outcome, CheckOutcome::kApproved);
  EXPECT_EQ(check_code(v, "first", kRules, kEnd).outcome, CheckOutcome::kWrongCode);
  EXPECT_EQ(check_code(v, "second", kRules, kNoon + minutes(14) - kTick).outcome, CheckOutcome::kApproved);
  EXPECT_EQ(check_code(v, "second", kRules, kNoon + minutes(14)).outcome, CheckOutcome::kWrongCode);
}

TEST(WithNewCode, OnlyTheLastTwoAreGood) {
  Verification v = with_new_code(sent("first"), "second", kRules, kNoon + minutes(1));
  v = with_new_code(v, "third", kRules, kNoon + minutes(2));
  EXPECT_EQ(check_code(v, "first", kRules, kNoon + minutes(2)).outcome, CheckOutcome::kWrongCode);
  EXPECT_EQ(check_code(v, "second", kRules, kNoon + minutes(2)).outcome, CheckOutcome::kApproved);
}

TEST(CheckCode, AGuessAtTwoLiveCodesSpendsTwoAttempts) {
  const WallTime later = kNoon + minutes(1);
  Verification v = with_new_code(sent("first"), "second", kRules, later);
  EXPECT_EQ(guesses_left(v, kRules, later), 3);
  v = check_code(v, "wrong", kRules, later).next;
  EXPECT_EQ(v.attempts, 2);
  EXPECT_EQ(guesses_left(v, kRules, later), 2);
  v = check_code(v, "wrong", kRules, later).next;
  EXPECT_EQ(v.attempts, 4);
  EXPECT_EQ(guesses_left(v, kRules, later), 1);
  // With one left, it is the newer code that is meant.
  EXPECT_EQ(check_code(v, "first", kRules, later).outcome, CheckOutcome::kExhausted);
  EXPECT_EQ(check_code(v, "second", kRules, later).outcome, CheckOutcome::kApproved);
  // A code that is over is met by nobody.
  Verification late = sent("first");
  late.expires_at = kNoon + hours(1);
  late = with_new_code(late, "second", kRules, kNoon + minutes(5));
  EXPECT_EQ(check_code(late, "wrong", kRules, kNoon + minutes(10)).next.attempts, 1);
}

TEST(ReserveAttempt, SpendsBeforeTheVerdict) {
  Verification v = sent();
  v.code.reset();
  for (int i = 1; i <= kRules.attempts_max; ++i) {
    const auto reserved = reserve_attempt(v, kRules, kNoon);
    ASSERT_TRUE(reserved);
    EXPECT_EQ(reserved->attempts, i);
    v = *reserved;
  }
  EXPECT_FALSE(reserve_attempt(v, kRules, kNoon));
  EXPECT_FALSE(reserve_attempt(sent(), kRules, kEnd));
  EXPECT_TRUE(reserve_attempt(sent(), kRules, kEnd - kTick));
}

TEST(VerificationProperty, AttemptsAreCountedWhateverHappensBetween) {
  EXPECT_TRUE(rc::check("resends and waits in any order let at most attempts_max codes be met, and approve once", [] {
    VerificationRules rules;
    rules.attempts_max = *rc::gen::inRange(1, 8);
    Verification v = sent("0");
    WallTime now = kNoon;
    int spent = 0;
    int approved = 0;
    int codes = 1;
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 6));
    for (const int step : steps) {
      const auto before = status_at(v, now);
      if (step == 0) {
        now += *any_wait();
      } else if (step == 1 && before == VerificationStatus::kPending) {
        v = with_new_code(v, std::to_string(codes++), rules, now);
      } else {
        const std::string digest = step == 2 ? std::to_string(codes - 1) : "wrong";
        const auto checked = check_code(v, digest, rules, now);
        if (checked.outcome != CheckOutcome::kNotPending) {
          RC_ASSERT(before == VerificationStatus::kPending);
          spent += checked.cost;
          RC_ASSERT(checked.cost <= 2);
          v = checked.next;
        }
        if (checked.outcome == CheckOutcome::kApproved) ++approved;
      }
      RC_ASSERT(before == VerificationStatus::kPending || status_at(v, now) == before);
      RC_ASSERT(v.attempts == spent);
      RC_ASSERT(v.expires_at == kEnd);
    }
    RC_ASSERT(spent <= rules.attempts_max);
    RC_ASSERT(approved <= 1);
  }));
}

}  // namespace
}  // namespace countersign::domain
