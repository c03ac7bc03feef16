#include "usecase/verification/check.h"

#include "store/repository/standings.h"
#include "tests/unit/usecase/script.h"

namespace countersign::testing {
namespace {

void start_code(Fixture& fixture) { ASSERT_EQ(why(fixture.start()), kYes); }

TEST(Check, ARightCodeWorksOnce) {
  Fixture fixture;
  fixture.hold("strict");  // Stays held after one kind, so that the second check is about the code.
  start_code(fixture);
  EXPECT_EQ(fixture.check(fixture.code())->status, TransactionStatus::kHeld);
  EXPECT_EQ(why(fixture.check(fixture.code())), Code::kWrongCode);
  EXPECT_EQ(fixture.row().state.proofs.size(), 1U);
}

TEST(Check, TheCodeIsGoodUntilTheVeryInstant) {
  for (const auto& [wait, outcome] : std::vector<std::pair<Duration, std::optional<Code>>>{
           {minutes(10) - kTick, kYes}, {minutes(10), Code::kWrongCode}, {minutes(10) + kTick, Code::kWrongCode}}) {
    Fixture fixture;
    fixture.hold();
    start_code(fixture);
    fixture.wait(wait);
    EXPECT_EQ(why(fixture.check(fixture.code())), outcome) << wait.count();
  }
}

TEST(Check, AttemptsAreCountedDownAndTheLastOneIsEvaluated) {
  Fixture fixture;
  fixture.hold();
  start_code(fixture);
  for (int left = 4; left >= 1; --left) {
    const auto wrong = fixture.check(fixture.wrong_code());
    ASSERT_EQ(why(wrong), Code::kWrongCode);
    EXPECT_EQ(wrong.error().attempts_left, left);
  }
  EXPECT_EQ(why(fixture.check(fixture.code())), kYes);
}

TEST(Check, AfterTheLastWrongOneTheRightOneIsTooLate) {
  Fixture fixture;
  fixture.hold();
  start_code(fixture);
  EXPECT_EQ(guess_wrong(fixture, 5), Code::kWrongCode);
  EXPECT_EQ(why(fixture.check(fixture.code())), Code::kAttemptsExhausted);
  EXPECT_EQ(fixture.verification().state.attempts, 5);
  EXPECT_EQ(fixture.verification().state.status, VerificationStatus::kExhausted);
}

TEST(Check, WhatIsNoCodeCostsNoAttempt) {
  Fixture fixture;
  fixture.hold();
  start_code(fixture);
  for (const char* text : {"", "12345", "1234567", "12345a", "\xD9\xA1\xD9\xA2\xD9\xA3\xD9\xA4\xD9\xA5\xD9\xA6"}) {
    EXPECT_EQ(why(fixture.check(text)), Code::kInvalidField) << text;
  }
  EXPECT_EQ(fixture.verification().state.attempts, 0);
  std::string spaced = fixture.code();
  spaced.insert(3, " ");
  EXPECT_EQ(why(fixture.check(' ' + spaced)), kYes);
}

TEST(Check, WithoutAVerificationTheAnswerIsThatOfAWrongCode) {
  Fixture fixture;
  fixture.hold();
  EXPECT_EQ(why(fixture.check("123456")), Code::kWrongCode);
}

TEST(Check, FiveWrongCodesLockTheContactForHalfAMinute) {
  Fixture fixture;
  fixture.hold();
  start_code(fixture);
  guess_wrong(fixture, 5);
  const auto locked = fixture.start();
  ASSERT_EQ(why(locked), Code::kLocked);
  EXPECT_EQ(locked.error().retry_after, seconds(30));
  fixture.wait(seconds(30) - kTick);
  EXPECT_EQ(why(fixture.start()), Code::kLocked);
  fixture.wait(kTick);
  EXPECT_EQ(why(fixture.start()), kYes);
}

TEST(Check, LocksGrowWithEveryFiveMore) {
  Fixture fixture;
  fixture.limits().sends_per_contact = {};
  fixture.limits().sends_per_subject = {};
  fixture.limits().sends_per_address = {};
  fixture.request().expires_in = hours(24);
  fixture.hold();
  for (const Duration lock : {Duration(seconds(30)), Duration(seconds(60)), Duration(seconds(120))}) {
    start_code(fixture);
    guess_wrong(fixture, 5);
    fixture.wait(lock - kTick);
    ASSERT_EQ(why(fixture.start()), Code::kLocked);
    fixture.wait(kTick);
  }
  start_code(fixture);
  EXPECT_EQ(why(fixture.check(fixture.code())), kYes);
}

TEST(Check, ARightCodeForgetsTheFailures) {
  Fixture fixture;
  for (int round = 0; round < 3; ++round) {
    fixture.hold();
    fixture.wait(seconds(30));
    start_code(fixture);
    guess_wrong(fixture, 4);
    ASSERT_EQ(why(fixture.check(fixture.code())), kYes) << round;
  }
}

TEST(Check, ALockIsNeverThatOfAnotherPersonWhoHasProvedTheLine) {
  Fixture fixture;
  verify(fixture);
  fixture.request().identity = "attacker";
  fixture.hold();
  start_code(fixture);
  guess_wrong(fixture, 5);
  ASSERT_EQ(why(fixture.start()), Code::kLocked);
  // The same number, the same moment, the person whose number it is.
  fixture.request().identity = kIdentity;
  fixture.hold();
  start_code(fixture);
  EXPECT_EQ(why(fixture.check(fixture.code())), kYes);
}

TEST(Check, ALockHoldsAcrossTransactionsAndSpendsNothing) {
  Fixture fixture;
  const auto first = fixture.hold();
  start_code(fixture);
  const std::string code = fixture.code();
  fixture.hold();
  start_code(fixture);
  guess_wrong(fixture, 5);
  EXPECT_EQ(why(fixture.check(first, code)), Code::kLocked);
  fixture.wait(seconds(30));
  EXPECT_EQ(why(fixture.check(first, code)), kYes);
}

TEST(Check, TheNamedVerificationIsTheOneThatIsJudged) {
  Fixture fixture;
  fixture.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  fixture.hold("strict");
  const auto sms = fixture.start(Channel::kSms);
  const std::string sms_code = fixture.code();
  fixture.wait(seconds(1));
  ASSERT_EQ(why(fixture.start(Channel::kEmail)), kYes);
  const auto named = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::check({tx, fixture.context(), fixture.caller(), moment},
                          {fixture.current(), SecretString(sms_code), {}, sms->id});
  });
  EXPECT_EQ(why(named), kYes);
  // Without a name it is the one started last.
  EXPECT_EQ(fixture.check(fixture.code())->status, TransactionStatus::kVerified);
}

// It was judged, so nobody may try it again.
TEST(Check, ARightCodeIsUsedUpEvenWhereItsSourceWasLostMeanwhile) {
  Fixture fixture;
  fixture.hold();
  start_code(fixture);
  auto history = fixture.history();
  history.bindings.front().gone = domain::standing::Gone{domain::standing::GoneWhy::kLost, fixture.now()};
  fixture.in([&](store::Tx& tx, Moment&) {
    store::save_history(tx, fixture.account(), history, std::nullopt);
    return Done{};
  });
  EXPECT_EQ(why(fixture.check(fixture.code())), Code::kSourceDoesNotCount);
  EXPECT_EQ(fixture.verification().state.status, VerificationStatus::kApproved);
  EXPECT_EQ(fixture.verification().state.attempts, 1);
  EXPECT_TRUE(fixture.row().state.proofs.empty());
  EXPECT_EQ(why(fixture.check(fixture.code())), Code::kWrongCode);
}

}  // namespace
}  // namespace countersign::testing
