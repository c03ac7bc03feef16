#include "script.h"

// Codes that a provider makes and checks: two use cases, with the state between them in the database.
namespace countersign::testing {
namespace {

using delivery::Fault;
using delivery::VerifierVerdict;

delivery::ProviderError fault(Fault f) {
  return {f, delivery::PersonNotice::kTryAnotherWay, "", "said the test", {}, false};
}

/// Held and sent, and taken over by the provider as VE-1.
void send_upstream(House& house, std::string_view policy = "any") {
  house.request().service = "upstream";
  house.hold(policy);
  ASSERT_EQ(why(house.start()), kYes);
  house.finish(house.sent().back(), delivery::Accepted{"VE-1"});
}

int attempts(House& house) { return house.verification().state.attempts; }

TEST(Upstream, TheProviderIsToldWhatTheCodeIsFor) {
  House house;
  send_upstream(house);
  const auto& start = std::get<delivery::VerificationStart>(house.sent().back().content);
  EXPECT_EQ(start.to, kPhone);
  EXPECT_EQ(start.amount, "BRL 12,480.00");
  EXPECT_EQ(start.payee, "Casa do Samba Ltda");
  const auto asked = house.ask("123456");
  ASSERT_EQ(why(asked), kYes);
  EXPECT_EQ(asked->check.provider_ref, "VE-1");
  EXPECT_EQ(asked->check.code.expose(), "123456");
  EXPECT_EQ(asked->check.amount, start.amount);
  EXPECT_EQ(asked->check.payee, start.payee);
}

TEST(Upstream, NothingIsAskedBeforeTheProviderHasIt) {
  House house;
  house.request().service = "upstream";
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  EXPECT_EQ(why(house.ask("123456")), Code::kNotSentYet);
  EXPECT_EQ(attempts(house), 0);
}

TEST(Upstream, TheAttemptIsSpentBeforeTheQuestion) {
  House house;
  send_upstream(house);
  for (int i = 1; i <= 5; ++i) {
    ASSERT_EQ(why(house.ask("123456")), kYes);
    EXPECT_EQ(attempts(house), i);
  }
  // All five are still under way; a sixth is not asked, whatever they will be worth: the line is locked.
  EXPECT_EQ(why(house.ask("123456")), Code::kLocked);
  house.wait(seconds(30));
  EXPECT_EQ(why(house.ask("123456")), Code::kAttemptsExhausted);
}

TEST(Upstream, ApprovedVerifies) {
  House house;
  send_upstream(house);
  const auto asked = house.ask("123456");
  EXPECT_EQ(house.conclude(*asked, VerifierVerdict::kApproved)->status, TransactionStatus::kVerified);
  EXPECT_EQ(house.verification().state.status, VerificationStatus::kApproved);
}

TEST(Upstream, OfTwoApprovalsOneCounts) {
  House house;
  send_upstream(house, "strict");
  const auto first = house.ask("123456");
  const auto second = house.ask("123456");
  EXPECT_EQ(house.conclude(*first, VerifierVerdict::kApproved)->status, TransactionStatus::kHeld);
  EXPECT_EQ(why(house.conclude(*second, VerifierVerdict::kApproved)), Code::kWrongCode);
  EXPECT_EQ(house.row().state.proofs.size(), 1U);
}

TEST(Upstream, WhatComesAfterTheEndChangesNothing) {
  // A second question was under way when the first was approved: the provider says that it is over, or wrong.
  const std::vector<VerifierVerdict> late{VerifierVerdict::kOver, VerifierVerdict::kWrongCode};
  for (const auto verdict : late) {
    House house;
    send_upstream(house, "strict");
    house.limits().attempts_max = 2;
    const auto first = house.ask("123456");
    const auto second = house.ask("123456");
    ASSERT_EQ(why(house.conclude(*first, VerifierVerdict::kApproved)), kYes);
    EXPECT_EQ(why(house.conclude(*second, verdict)), Code::kWrongCode);
    EXPECT_EQ(house.verification().state.status, VerificationStatus::kApproved);
  }
}

TEST(Upstream, WrongCodesAreCountedDownToTheLast) {
  House house;
  send_upstream(house);
  for (int left = 4; left >= 0; --left) {
    const auto wrong = house.conclude(*house.ask("123456"), VerifierVerdict::kWrongCode);
    ASSERT_EQ(why(wrong), Code::kWrongCode);
    EXPECT_EQ(wrong.error().attempts_left, left);
  }
  EXPECT_EQ(house.verification().state.status, VerificationStatus::kExhausted);
  EXPECT_EQ(why(house.ask("123456")), Code::kAttemptsExhausted);
  EXPECT_EQ(why(house.start()), Code::kLocked);  // They count as the contact's failures too.
}

TEST(Upstream, AProviderThatDidNotJudgeGivesTheAttemptBack) {
  House house;
  send_upstream(house);
  for (int i = 0; i < 7; ++i) {
    const auto asked = house.ask("123456");
    ASSERT_EQ(why(asked), kYes) << i;
    EXPECT_EQ(why(house.conclude(*asked, unavailable())), Code::kUpstreamUnavailable);
    EXPECT_EQ(attempts(house), 0);
  }
  EXPECT_EQ(house.events().back(), "check.unavailable");
}

TEST(Upstream, NotWhereItMayHaveCountedIt) {
  House house;
  send_upstream(house);
  EXPECT_EQ(why(house.conclude(*house.ask("123456"), unavailable(true))), Code::kUpstreamUnavailable);
  EXPECT_EQ(attempts(house), 1);
}

TEST(Upstream, OverAtTheProviderIsOverHere) {
  House house;
  send_upstream(house);
  EXPECT_EQ(why(house.conclude(*house.ask("123456"), VerifierVerdict::kOver)), Code::kWrongCode);
  EXPECT_EQ(house.verification().state.status, VerificationStatus::kExpired);
  house.wait(seconds(1));
  EXPECT_EQ(house.start()->sends, 1);  // A new verification, not a resend.

  House other;
  send_upstream(other);
  EXPECT_EQ(why(other.conclude(*other.ask("123456"), fault(Fault::kNotFound))), Code::kWrongCode);
  EXPECT_EQ(other.verification().state.status, VerificationStatus::kExpired);
}

TEST(Upstream, ExhaustedAtTheProviderIsExhaustedHere) {
  House house;
  send_upstream(house);
  EXPECT_EQ(why(house.conclude(*house.ask("123456"), fault(Fault::kAttemptsExhausted))), Code::kAttemptsExhausted);
  EXPECT_EQ(house.verification().state.status, VerificationStatus::kExhausted);
}

TEST(Upstream, ExpiryIsJudgedWhenTheVerdictComes) {
  House house;
  send_upstream(house);
  house.wait(minutes(9));
  const auto asked = house.ask("123456");
  house.wait(minutes(21));
  EXPECT_EQ(why(house.conclude(*asked, VerifierVerdict::kApproved)), Code::kTransactionExpired);
  EXPECT_EQ(house.status(), TransactionStatus::kExpired);
}

TEST(Upstream, GuessesUnderWayCountTowardsTheLock) {
  House house;
  house.limits().attempts_max = 10;
  send_upstream(house);
  const auto slow = house.ask("123456");
  for (int i = 0; i < 4; ++i) ASSERT_EQ(why(house.ask("123456")), kYes);
  // Five are under way, though attempts are left; a sixth is not asked.
  EXPECT_EQ(why(house.ask("123456")), Code::kLocked);
  // What was asked before the lock is judged: it is one of the five.
  EXPECT_EQ(house.conclude(*slow, VerifierVerdict::kApproved)->status, TransactionStatus::kVerified);
}

TEST(Upstream, CanceledMeanwhileStaysCanceled) {
  House house;
  send_upstream(house);
  const auto asked = house.ask("123456");
  ASSERT_EQ(why(house.cancel()), kYes);
  EXPECT_EQ(why(house.conclude(*asked, VerifierVerdict::kApproved)), Code::kTransactionNotHeld);
  EXPECT_EQ(house.status(), TransactionStatus::kCanceled);
}

}  // namespace
}  // namespace countersign::testing
