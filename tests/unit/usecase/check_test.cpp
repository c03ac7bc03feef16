#include "usecase/check.h"

#include "script.h"

namespace countersign::testing {
namespace {

void start_code(House& house) { ASSERT_EQ(why(house.start()), kYes); }

TEST(Check, ARightCodeWorksOnce) {
  House house;
  house.hold("strict");  // Stays held after one kind, so that the second check is about the code.
  start_code(house);
  EXPECT_EQ(house.check(house.code())->status, TransactionStatus::kHeld);
  EXPECT_EQ(why(house.check(house.code())), Code::kWrongCode);
  EXPECT_EQ(house.row().state.proofs.size(), 1U);
}

TEST(Check, TheCodeIsGoodUntilTheVeryInstant) {
  for (const auto& [wait, outcome] : std::vector<std::pair<Duration, std::optional<Code>>>{
           {minutes(10) - kTick, kYes}, {minutes(10), Code::kWrongCode}, {minutes(10) + kTick, Code::kWrongCode}}) {
    House house;
    house.hold();
    start_code(house);
    house.wait(wait);
    EXPECT_EQ(why(house.check(house.code())), outcome) << wait.count();
  }
}

TEST(Check, AttemptsAreCountedDownAndTheLastOneIsEvaluated) {
  House house;
  house.hold();
  start_code(house);
  for (int left = 4; left >= 1; --left) {
    const auto wrong = house.check(house.wrong_code());
    ASSERT_EQ(why(wrong), Code::kWrongCode);
    EXPECT_EQ(wrong.error().attempts_left, left);
  }
  EXPECT_EQ(why(house.check(house.code())), kYes);
}

TEST(Check, AfterTheLastWrongOneTheRightOneIsTooLate) {
  House house;
  house.hold();
  start_code(house);
  EXPECT_EQ(guess_wrong(house, 5), Code::kWrongCode);
  EXPECT_EQ(why(house.check(house.code())), Code::kAttemptsExhausted);
  EXPECT_EQ(house.verification().state.attempts, 5);
  EXPECT_EQ(house.verification().state.status, VerificationStatus::kExhausted);
}

TEST(Check, WhatIsNoCodeCostsNoAttempt) {
  House house;
  house.hold();
  start_code(house);
  for (const char* text : {"", "12345", "1234567", "12345a", "\xD9\xA1\xD9\xA2\xD9\xA3\xD9\xA4\xD9\xA5\xD9\xA6"}) {
    EXPECT_EQ(why(house.check(text)), Code::kInvalidField) << text;
  }
  EXPECT_EQ(house.verification().state.attempts, 0);
  std::string spaced = house.code();
  spaced.insert(3, " ");
  EXPECT_EQ(why(house.check(' ' + spaced)), kYes);
}

TEST(Check, WithoutAVerificationTheAnswerIsThatOfAWrongCode) {
  House house;
  house.hold();
  EXPECT_EQ(why(house.check("123456")), Code::kWrongCode);
}

TEST(Check, FiveWrongCodesLockTheContactForHalfAMinute) {
  House house;
  house.hold();
  start_code(house);
  guess_wrong(house, 5);
  const auto locked = house.start();
  ASSERT_EQ(why(locked), Code::kLocked);
  EXPECT_EQ(locked.error().retry_after, seconds(30));
  house.wait(seconds(30) - kTick);
  EXPECT_EQ(why(house.start()), Code::kLocked);
  house.wait(kTick);
  EXPECT_EQ(why(house.start()), kYes);
}

TEST(Check, LocksGrowWithEveryFiveMore) {
  House house;
  house.limits().sends_per_contact = {};
  house.limits().sends_per_subject = {};
  house.limits().sends_per_address = {};
  house.request().expires_in = hours(24);
  house.hold();
  for (const Duration lock : {Duration(seconds(30)), Duration(seconds(60)), Duration(seconds(120))}) {
    start_code(house);
    guess_wrong(house, 5);
    house.wait(lock - kTick);
    ASSERT_EQ(why(house.start()), Code::kLocked);
    house.wait(kTick);
  }
  start_code(house);
  EXPECT_EQ(why(house.check(house.code())), kYes);
}

TEST(Check, ARightCodeForgetsTheFailures) {
  House house;
  for (int round = 0; round < 3; ++round) {
    house.hold();
    house.wait(seconds(30));
    start_code(house);
    guess_wrong(house, 4);
    ASSERT_EQ(why(house.check(house.code())), kYes) << round;
  }
}

TEST(Check, ALockIsNeverThatOfAnotherPersonWhoHasProvedTheLine) {
  House house;
  verify(house);
  house.request().identity = "attacker";
  house.hold();
  start_code(house);
  guess_wrong(house, 5);
  ASSERT_EQ(why(house.start()), Code::kLocked);
  // The same number, the same moment, the person whose number it is.
  house.request().identity = kIdentity;
  house.hold();
  start_code(house);
  EXPECT_EQ(why(house.check(house.code())), kYes);
}

TEST(Check, ALockHoldsAcrossTransactionsAndSpendsNothing) {
  House house;
  const auto first = house.hold();
  start_code(house);
  const std::string code = house.code();
  house.hold();
  start_code(house);
  guess_wrong(house, 5);
  EXPECT_EQ(why(house.check(first, code)), Code::kLocked);
  house.wait(seconds(30));
  EXPECT_EQ(why(house.check(first, code)), kYes);
}

TEST(Check, TheNamedVerificationIsTheOneThatIsJudged) {
  House house;
  house.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  house.hold("strict");
  const auto sms = house.start(Channel::kSms);
  const std::string sms_code = house.code();
  house.wait(seconds(1));
  ASSERT_EQ(why(house.start(Channel::kEmail)), kYes);
  const auto named = house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::check(tx, house.context(), house.caller(), {house.current(), SecretString(sms_code), {}, sms->id},
                          moment);
  });
  EXPECT_EQ(why(named), kYes);
  // Without a name it is the one started last.
  EXPECT_EQ(house.check(house.code())->status, TransactionStatus::kVerified);
}

}  // namespace
}  // namespace countersign::testing
