#include <gtest/gtest.h>

#include "domain/factor.h"
#include "domain/verification.h"
#include "some.h"
#include "transition_words.h"

namespace countersign::domain {
namespace {

const VerificationRules kFive;
const WallTime kInTime = kNoon + minutes(2);
const WallTime kTooLate = kNoon + minutes(20);
const std::string kOtherCode = "wrong";

Verification verification_in(const std::string& state) {
  Verification v = sent();
  if (state == "one_left") v.attempts = kFive.attempts_max - 1;
  if (state == "spent") v.attempts = kFive.attempts_max;
  if (state == "approved") return check_code(v, "right", kFive, kInTime).next;
  if (state == "canceled") return *canceled(v, kInTime);
  if (state == "expired") return *with_provider_verdict(v, ProviderVerdict::kOver, kFive);
  if (state == "exhausted") return *with_provider_verdict(v, ProviderVerdict::kExhausted, kFive);
  return v;
}

std::string stored_word(const Verification& v) { return std::string(to_text(v.status)); }

std::string verification_step(const Verification& v, const std::string& transition, WallTime now) {
  using enum ProviderVerdict;
  const auto said = [](const std::optional<Verification>& next) { return next ? stored_word(*next) : "-"; };
  const auto guessed = [](const Checked& checked) {
    return checked.outcome == CheckOutcome::kNotPending ? "-" : stored_word(checked.next);
  };
  if (transition == "right_code") return guessed(check_code(v, "right", kFive, now));
  if (transition == "wrong_code") return guessed(check_code(v, kOtherCode, kFive, now));
  if (transition == "reserve") return said(reserve_attempt(v, kFive, now));
  if (transition == "says_right") return said(with_provider_verdict(v, kRight, kFive));
  if (transition == "says_wrong") return said(with_provider_verdict(v, kWrong, kFive));
  if (transition == "says_over") return said(with_provider_verdict(v, kOver, kFive));
  if (transition == "says_exhausted") return said(with_provider_verdict(v, kExhausted, kFive));
  if (transition == "not_asked") return said(with_provider_verdict(v, kNotAsked, kFive));
  if (transition == "unknown") return said(with_provider_verdict(v, kUnknown, kFive));
  if (transition == "report") return said(approved_by_report(v, now));
  CS_CHECK(transition == "cancel");
  return said(canceled(v, now));
}

// `late`: its time is over, and nobody has written it down. `one_left`, `spent`: of its attempts. `-`: nothing comes of
// it, and nothing is stored.
TEST(VerificationTransitions, EveryStateByEveryTransition) {
  const WordTable table(R"(
            right_code  wrong_code            reserve  says_right  says_wrong            says_over  says_exhausted        not_asked  unknown  report    cancel
pending     approved    pending               pending  approved    pending               expired    max_attempts_reached  pending    pending  approved  canceled
one_left    approved    max_attempts_reached  pending  approved    pending               expired    max_attempts_reached  pending    pending  approved  canceled
spent       -           -                     -        approved    max_attempts_reached  expired    max_attempts_reached  pending    pending  approved  canceled
late        -           -                     -        approved    pending               expired    max_attempts_reached  pending    pending  -         -
approved    -           -                     -        -           -                     -          -                     -          -        -         -
canceled    -           -                     -        -           -                     -          -                     -          -        -         -
expired     -           -                     -        -           -                     -          -                     -          -        -         -
exhausted   -           -                     -        -           -                     -          -                     -          -        -         -
)");
  expect_table(table, [](const std::string& state, const std::string& transition) {
    return verification_step(verification_in(state), transition, state == "late" ? kTooLate : kInTime);
  });
}

TEST(VerificationTransitionsDeathTest, NobodySendsWhatIsOver) {
  for (const auto* state : {"approved", "canceled", "expired", "exhausted"}) {
    const Verification v = verification_in(state);
    EXPECT_DEATH((void)with_new_code(v, "new", kFive, kInTime), "is_pending") << state;
    EXPECT_DEATH((void)by_channel(v, v.contact, contact::Channel::kCall), "kPending") << state;
  }
  EXPECT_DEATH((void)with_new_code(sent(), "new", kFive, kTooLate), "is_pending");
}

TEST(VerificationTransitions, WhatIsOverRemembersNoCode) {
  Verification v = with_new_code(sent("first"), "right", kFive, kNoon + minutes(1));
  ASSERT_TRUE(v.code && v.previous_code);
  using enum ProviderVerdict;
  for (const auto& over : {std::optional(check_code(v, "right", kFive, kInTime).next), canceled(v, kInTime),
                           approved_by_report(v, kInTime), with_provider_verdict(v, kRight, kFive),
                           with_provider_verdict(v, kOver, kFive), with_provider_verdict(v, kExhausted, kFive)}) {
    ASSERT_TRUE(over);
    EXPECT_FALSE(over->code) << to_text(over->status);
    EXPECT_FALSE(over->previous_code) << to_text(over->status);
    EXPECT_EQ(over->expires_at, v.expires_at);
    EXPECT_EQ(over->sends, 2);
  }
}

TEST(WithProviderVerdict, TheAttemptIsGivenBackOnlyWhereItWasNotAskedFor) {
  using enum ProviderVerdict;
  const Verification asked = *reserve_attempt(sent(), kFive, kInTime);
  for (const auto verdict : {kRight, kWrong, kOver, kExhausted, kUnknown})
    EXPECT_EQ(with_provider_verdict(asked, verdict, kFive)->attempts, 1);
  EXPECT_EQ(with_provider_verdict(asked, kNotAsked, kFive)->attempts, 0);
  EXPECT_EQ(with_provider_verdict(sent(), kNotAsked, kFive)->attempts, 0);
}

TEST(ByChannel, GoesToThatContact) {
  const ContactId other{id_of(7)};
  const auto v = by_channel(sent(), other, contact::Channel::kWhatsapp);
  EXPECT_EQ(v.contact, other);
  EXPECT_EQ(v.channel, contact::Channel::kWhatsapp);
  EXPECT_EQ(v.sends, 1);
  EXPECT_TRUE(v.code) << "what was sent before is still good";
}

TEST(WhyNotSent, SendingsAndWaitsTogether) {
  const std::vector<Duration> waits{seconds(30), minutes(1)};
  EXPECT_EQ(why_not_sent({}, false, kFive, waits, kNoon), std::nullopt);
  const SentBefore once{1, kNoon};
  EXPECT_EQ(next_send_at(once, waits), kNoon + seconds(30));
  EXPECT_EQ(why_not_sent(once, true, kFive, waits, kNoon + seconds(30) - kTick), NotSent::kTooSoon);
  EXPECT_EQ(why_not_sent(once, true, kFive, waits, kNoon + seconds(30)), std::nullopt);
  // By another channel to the same line, too.
  EXPECT_EQ(why_not_sent(once, false, kFive, waits, kNoon), NotSent::kTooSoon);
  const SentBefore all = together(once, {4, kNoon - minutes(1)});
  EXPECT_EQ(all.sends, 5);
  EXPECT_EQ(all.last_sent_at, kNoon);
  EXPECT_EQ(why_not_sent(all, true, kFive, waits, kNoon + hours(1)), NotSent::kSendsSpent);
  EXPECT_EQ(why_not_sent(all, false, kFive, waits, kNoon + hours(1)), std::nullopt);
}

TEST(FactorTransitions, EveryStateByEveryTransition) {
  using enum FactorStatus;
  const WordTable table(R"(
             confirm  remove   wake
unconfirmed  active   removed  unconfirmed
active       -        removed  active
suspended    -        removed  suspended
removed      -        -        removed
)");
  expect_table(table, [](const std::string& state, const std::string& transition) {
    Factor factor;
    factor.status = *parse_factor_status(state);
    factor.failures.consecutive = 7;
    if (transition == "wake") {
      EXPECT_EQ(woken(factor).failures, Failures{});
      return std::string(to_text(woken(factor).status));
    }
    const auto next = transition == "confirm" ? confirmed(factor, kNoon) : removed(factor, kNoon);
    return next ? std::string(to_text(next->status)) : "-";
  });
  EXPECT_EQ(removed(Factor{}, kNoon)->removed_at, kNoon);
  EXPECT_EQ(confirmed(Factor{}, kNoon)->confirmed_at, kNoon);
}

}  // namespace
}  // namespace countersign::domain
