#include "tests/unit/usecase/script.h"

// Codes that a provider makes and checks: two use cases, with the state between them in the database.
namespace countersign::testing {
namespace {

using delivery::Fault;
using delivery::VerifierVerdict;

delivery::ProviderError fault(Fault f) {
  return {f, delivery::PersonNotice::kTryAnotherWay, "", "said the test", {}, false};
}

/// Held and sent, and taken over by the provider as VE-1.
void send_upstream(Fixture& fixture, std::string_view policy = "any") {
  fixture.request().service = "upstream";
  fixture.hold(policy);
  ASSERT_EQ(why(fixture.start()), kYes);
  fixture.finish(fixture.sent().back(), delivery::Accepted{"VE-1"});
}

int attempts(Fixture& fixture) { return fixture.verification().state.attempts; }

TEST(Upstream, TheProviderIsToldWhatTheCodeIsFor) {
  Fixture fixture;
  send_upstream(fixture);
  const auto& start = std::get<delivery::VerificationStart>(fixture.sent().back().content);
  EXPECT_EQ(start.to, kPhone);
  EXPECT_EQ(start.amount, "BRL 12,480.00");
  EXPECT_EQ(start.payee, "Casa do Samba Ltda");
  const auto asked = fixture.ask("123456");
  ASSERT_EQ(why(asked), kYes);
  EXPECT_EQ(asked->check.provider_ref, "VE-1");
  EXPECT_EQ(asked->check.code.expose(), "123456");
  EXPECT_EQ(asked->check.amount, start.amount);
  EXPECT_EQ(asked->check.payee, start.payee);
}

TEST(Upstream, NothingIsAskedBeforeTheProviderHasIt) {
  Fixture fixture;
  fixture.request().service = "upstream";
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  EXPECT_EQ(why(fixture.ask("123456")), Code::kNotSentYet);
  EXPECT_EQ(attempts(fixture), 0);
}

TEST(Upstream, TheAttemptIsSpentBeforeTheQuestion) {
  Fixture fixture;
  send_upstream(fixture);
  for (int i = 1; i <= 5; ++i) {
    ASSERT_EQ(why(fixture.ask("123456")), kYes);
    EXPECT_EQ(attempts(fixture), i);
  }
  // All five are still under way; a sixth is not asked, whatever they will be worth: the line is locked.
  EXPECT_EQ(why(fixture.ask("123456")), Code::kLocked);
  fixture.wait(seconds(30));
  EXPECT_EQ(why(fixture.ask("123456")), Code::kAttemptsExhausted);
}

TEST(Upstream, ApprovedVerifies) {
  Fixture fixture;
  send_upstream(fixture);
  const auto asked = fixture.ask("123456");
  EXPECT_EQ(fixture.conclude(*asked, VerifierVerdict::kApproved)->status, TransactionStatus::kVerified);
  EXPECT_EQ(fixture.verification().state.status, VerificationStatus::kApproved);
}

TEST(Upstream, OfTwoApprovalsOneCounts) {
  Fixture fixture;
  send_upstream(fixture, "strict");
  const auto first = fixture.ask("123456");
  const auto second = fixture.ask("123456");
  EXPECT_EQ(fixture.conclude(*first, VerifierVerdict::kApproved)->status, TransactionStatus::kHeld);
  EXPECT_EQ(why(fixture.conclude(*second, VerifierVerdict::kApproved)), Code::kWrongCode);
  EXPECT_EQ(fixture.row().state.proofs.size(), 1U);
}

TEST(Upstream, WhatComesAfterTheEndChangesNothing) {
  // A second question was under way when the first was approved: the provider says that it is over, or wrong.
  const std::vector<VerifierVerdict> late{VerifierVerdict::kOver, VerifierVerdict::kWrongCode};
  for (const auto verdict : late) {
    Fixture fixture;
    send_upstream(fixture, "strict");
    fixture.limits().attempts_max = 2;
    const auto first = fixture.ask("123456");
    const auto second = fixture.ask("123456");
    ASSERT_EQ(why(fixture.conclude(*first, VerifierVerdict::kApproved)), kYes);
    EXPECT_EQ(why(fixture.conclude(*second, verdict)), Code::kWrongCode);
    EXPECT_EQ(fixture.verification().state.status, VerificationStatus::kApproved);
  }
}

TEST(Upstream, WrongCodesAreCountedDownToTheLast) {
  Fixture fixture;
  send_upstream(fixture);
  for (int left = 4; left >= 0; --left) {
    const auto wrong = fixture.conclude(*fixture.ask("123456"), VerifierVerdict::kWrongCode);
    ASSERT_EQ(why(wrong), Code::kWrongCode);
    EXPECT_EQ(wrong.error().attempts_left, left);
  }
  EXPECT_EQ(fixture.verification().state.status, VerificationStatus::kExhausted);
  EXPECT_EQ(why(fixture.ask("123456")), Code::kAttemptsExhausted);
  EXPECT_EQ(why(fixture.start()), Code::kLocked);  // They count as the contact's failures too.
}

TEST(Upstream, AProviderThatDidNotJudgeGivesTheAttemptBack) {
  Fixture fixture;
  send_upstream(fixture);
  for (int i = 0; i < 7; ++i) {
    const auto asked = fixture.ask("123456");
    ASSERT_EQ(why(asked), kYes) << i;
    EXPECT_EQ(why(fixture.conclude(*asked, unavailable())), Code::kUpstreamUnavailable);
    EXPECT_EQ(attempts(fixture), 0);
  }
  EXPECT_EQ(fixture.events().back(), "check.unavailable");
}

TEST(Upstream, NotWhereItMayHaveCountedIt) {
  Fixture fixture;
  send_upstream(fixture);
  EXPECT_EQ(why(fixture.conclude(*fixture.ask("123456"), unavailable(true))), Code::kUpstreamUnavailable);
  EXPECT_EQ(attempts(fixture), 1);
}

TEST(Upstream, OverAtTheProviderIsOverHere) {
  Fixture fixture;
  send_upstream(fixture);
  EXPECT_EQ(why(fixture.conclude(*fixture.ask("123456"), VerifierVerdict::kOver)), Code::kWrongCode);
  EXPECT_EQ(fixture.verification().state.status, VerificationStatus::kExpired);
  fixture.wait(seconds(1));
  EXPECT_EQ(fixture.start()->sends, 1);  // A new verification, not a resend.

  Fixture other;
  send_upstream(other);
  EXPECT_EQ(why(other.conclude(*other.ask("123456"), fault(Fault::kNotFound))), Code::kWrongCode);
  EXPECT_EQ(other.verification().state.status, VerificationStatus::kExpired);
}

TEST(Upstream, ExhaustedAtTheProviderIsExhaustedHere) {
  Fixture fixture;
  send_upstream(fixture);
  EXPECT_EQ(why(fixture.conclude(*fixture.ask("123456"), fault(Fault::kAttemptsExhausted))), Code::kAttemptsExhausted);
  EXPECT_EQ(fixture.verification().state.status, VerificationStatus::kExhausted);
}

TEST(Upstream, ExpiryIsJudgedWhenTheVerdictComes) {
  Fixture fixture;
  send_upstream(fixture);
  fixture.wait(minutes(9));
  const auto asked = fixture.ask("123456");
  fixture.wait(minutes(21));
  EXPECT_EQ(why(fixture.conclude(*asked, VerifierVerdict::kApproved)), Code::kTransactionExpired);
  EXPECT_EQ(fixture.status(), TransactionStatus::kExpired);
}

TEST(Upstream, GuessesUnderWayCountTowardsTheLock) {
  Fixture fixture;
  fixture.limits().attempts_max = 10;
  send_upstream(fixture);
  const auto slow = fixture.ask("123456");
  for (int i = 0; i < 4; ++i) ASSERT_EQ(why(fixture.ask("123456")), kYes);
  // Five are under way, though attempts are left; a sixth is not asked.
  EXPECT_EQ(why(fixture.ask("123456")), Code::kLocked);
  // What was asked before the lock is judged: it is one of the five.
  EXPECT_EQ(fixture.conclude(*slow, VerifierVerdict::kApproved)->status, TransactionStatus::kVerified);
}

TEST(Upstream, CanceledMeanwhileStaysCanceled) {
  Fixture fixture;
  send_upstream(fixture);
  const auto asked = fixture.ask("123456");
  ASSERT_EQ(why(fixture.cancel()), kYes);
  EXPECT_EQ(why(fixture.conclude(*asked, VerifierVerdict::kApproved)), Code::kTransactionNotHeld);
  EXPECT_EQ(fixture.status(), TransactionStatus::kCanceled);
}

// Of another person with the same number.
TEST(Upstream, AVerificationThatCannotBeReadKeepsTheNumberFromNobody) {
  static const store::Sql kDamage{"UPDATE transactions SET verifications = :content WHERE id = :id"};
  Fixture fixture;
  send_upstream(fixture);
  fixture.in([&](store::Tx& tx, Moment&) {
    tx.put(kDamage, {{"content", store::Blob{"damaged"}}, {"id", fixture.current()}});
    return Done{};
  });
  fixture.wait(minutes(2));
  fixture.request().identity = "another person";
  fixture.hold();
  EXPECT_EQ(why(fixture.start()), kYes);
}

}  // namespace
}  // namespace countersign::testing
