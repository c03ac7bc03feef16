#include "verify_script.h"

// The budgets of guesses and messages hold for the Verify-compatible API as for any other API.
namespace countersign::testing {

namespace {

using std::chrono::hours;

StartCode payment(const Verify& verify, const std::string& amount) {
  StartCode request = verify.request();
  request.amount = amount;
  request.payee = "Casa do Samba";
  return request;
}

/// Wrong codes in verifications of their own, ten minutes apart.
void fail_verify(Verify& verify, int times) {
  while (times > 0) {
    verify.fixture.wait(hours(1));
    ASSERT_EQ(fault_of(verify.start()), kNone);
    for (int i = 0; i < 5 && times > 0; ++i, --times) ASSERT_EQ(fault_of(verify.check(verify.wrong())), kNone);
  }
}

TEST(VerifyBudget, ChecksCountForTheAccount) {
  Verify verify;
  verify.fixture.limits().checks_per_account = {3, hours(1)};
  ASSERT_EQ(fault_of(verify.start()), kNone);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(fault_of(verify.check(verify.wrong())), kNone);
  const auto fourth = verify.check(verify.code);
  ASSERT_EQ(fault_of(fourth), ErrorCode::kTooManyRequests);
  EXPECT_EQ(fourth.error().retry_after, hours(1));
}

TEST(VerifyBudget, GuessesCountTogetherWithThoseOfTheNativeApi) {
  Verify verify;
  Fixture& fixture = verify.fixture;
  ASSERT_EQ(fault_of(verify.start()), kNone);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(fault_of(verify.check(verify.wrong())), kNone);
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  for (int i = 0; i < 2; ++i) ASSERT_EQ(why(fixture.check(fixture.wrong_code())), Code::kWrongCode);
  EXPECT_EQ(fault_of(verify.check(verify.code)), ErrorCode::kMaxCheckAttempts);
  EXPECT_EQ(why(fixture.check(fixture.code())), Code::kLocked);
  // Nor is another service another budget.
  verify.make_service({});
  EXPECT_EQ(fault_of(verify.start()), ErrorCode::kMaxCheckAttempts);
}

TEST(VerifyBudget, WhoHasProvedANumberToOneServiceIsAStrangerToTheNextGuess) {
  Verify verify;
  ASSERT_EQ(fault_of(verify.start()), kNone);
  ASSERT_EQ(verify.check(verify.code)->status, Status::kApproved);
  verify.fixture.wait(seconds(1));
  ASSERT_EQ(fault_of(verify.start()), kNone);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(fault_of(verify.check(verify.wrong())), kNone);
  // Nobody says that it was the same person: another service's guesses go on where these ended.
  verify.make_service({});
  EXPECT_EQ(fault_of(verify.start()), ErrorCode::kMaxCheckAttempts);
}

TEST(VerifyBudget, ANumberOfAHundredFailuresIsSlowedAndNeverEnded) {
  Verify verify;
  auto& limits = verify.fixture.limits();
  limits.failures.disable_at = 10;
  limits.sends_per_address = {};
  fail_verify(verify, 10);
  verify.fixture.wait(hours(1));
  ASSERT_EQ(fault_of(verify.start()), kNone);
  EXPECT_EQ(verify.code.size(), 8U);
  verify.fixture.wait(hours(1) - Duration(1));
  EXPECT_EQ(fault_of(verify.start()), ErrorCode::kTooManyRequests);
  verify.fixture.wait(Duration(1));
  ASSERT_EQ(fault_of(verify.start()), kNone);
  EXPECT_EQ(verify.check(verify.code)->status, Status::kApproved);
  EXPECT_EQ(fault_of(verify.start()), kNone);
}

TEST(VerifyBudget, AnApplicationsOwnCodeIsAsLongAsOursWouldBe) {
  Verify verify;
  verify.make_service({{"custom_code_enabled", true}});
  StartCode own = verify.request();
  own.code = SecretString("4321");
  EXPECT_EQ(fault_of(verify.start(own)), ErrorCode::kInvalidParameter);
  own.code = SecretString("432100");
  EXPECT_EQ(fault_of(verify.start(own)), kNone);
  verify.fixture.limits().failures.disable_at = 5;
  for (int i = 0; i < 5; ++i) ASSERT_EQ(fault_of(verify.check("000000")), kNone);
  verify.fixture.wait(hours(1));
  EXPECT_EQ(fault_of(verify.start(own)), ErrorCode::kInvalidParameter);
  own.code = SecretString("43210000");
  EXPECT_EQ(fault_of(verify.start(own)), kNone);
}

TEST(VerifyBudget, WhatIsGuessedAtATestServiceIsNobodysFailure) {
  Verify verify;
  verify.make_service({{"countersign", {{"test_code", "424242"}}}});
  ASSERT_EQ(fault_of(verify.start()), kNone);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(fault_of(verify.check("000000")), kNone);
  verify.fixture.hold();
  EXPECT_EQ(why(verify.fixture.start()), kYes);
}

TEST(VerifyBudget, NorDoesItUseUpTheChecksOfTheAccount) {
  Verify verify;
  verify.fixture.limits().checks_per_account = {3, hours(1)};
  verify.make_service({{"countersign", {{"test_code", "424242"}}}});
  ASSERT_EQ(fault_of(verify.start()), kNone);
  for (int i = 0; i < 4; ++i) ASSERT_EQ(fault_of(verify.check("000000")), kNone);
  verify.fixture.hold();
  ASSERT_EQ(why(verify.fixture.start()), kYes);
  EXPECT_EQ(why(verify.fixture.check(verify.fixture.code())), kYes);
}

TEST(VerifyBudget, AnotherAmountIsNoWayAroundWhatARecipientMayBeSent) {
  Verify verify;
  verify.make_service({{"psd2_enabled", true}});
  ASSERT_EQ(fault_of(verify.start(payment(verify, "EUR 1"))), kNone);
  ASSERT_EQ(verify.check(verify.code, "EUR 1", "Casa do Samba")->status, Status::kApproved);
  int sent = 0;
  for (int i = 2; i <= 300; ++i) {
    const auto started = verify.start(payment(verify, "EUR " + std::to_string(i)));
    sent += int{started.has_value()};
    ASSERT_EQ(fault_of(started), started ? kNone : ErrorCode::kMaxSendAttempts);
  }
  EXPECT_EQ(sent, 4);  // Five in ten minutes, the proved one among them.
}

TEST(VerifyBudget, NobodyIsExemptFromWhatANumberMayBeSentWhereNobodySaysWhoseItIs) {
  Verify verify;
  auto& limits = verify.fixture.limits();
  limits.sends_per_contact = limits.sends_per_subject = {};
  limits.sends_per_address = {3, hours(1)};
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(fault_of(verify.start()), kNone) << i;
    ASSERT_EQ(verify.check(verify.code)->status, Status::kApproved);
    verify.fixture.wait(seconds(1));
  }
  EXPECT_EQ(fault_of(verify.start()), ErrorCode::kTooManyForNumber);
}

TEST(VerifyBudget, TheApiIsNoLooserThanTheConfigurationMayBe) {
  Verify verify;
  Fixture& fixture = verify.fixture;
  const auto update = [&](const json::object& changes) {
    return fault_of(fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::verify_api::update_service({tx, fixture.context(), fixture.caller(), moment}, verify.service,
                                                 changes);
    }));
  };
  const auto refused = [&](const json::object& changes) {
    return update(changes) == ErrorCode::kInvalidParameter &&
           fault_of(fixture.in([&](store::Tx& tx, Moment& moment) {
             return usecase::verify_api::create_service({tx, fixture.context(), fixture.caller(), moment}, changes);
           })) == ErrorCode::kInvalidParameter;
  };
  EXPECT_TRUE(refused({{"code_length", 4}}));
  EXPECT_TRUE(refused({{"countersign", {{"code_ttl", 24 * 60 * 60}}}}));
  EXPECT_TRUE(refused({{"totp", {{"skew", 2}}}}));
  EXPECT_TRUE(refused({{"totp", {{"code_length", 5}}}}));
  EXPECT_EQ(update({{"code_length", 6}}), kNone);
  EXPECT_EQ(update({{"totp", {{"skew", 1}}}}), kNone);
  EXPECT_EQ(update({{"countersign", {{"code_ttl", 600}, {"check_attempts", 5}, {"send_attempts", 5}}}}), kNone);
  // What the configuration sets, the API can only tighten.
  fixture.limits().attempts_max = 3;
  EXPECT_TRUE(refused({{"countersign", {{"check_attempts", 4}}}}));
  EXPECT_EQ(update({{"countersign", {{"check_attempts", 2}}}}), kNone);
  // Unless it says so by name.
  for (auto& service : fixture.settings().accounts.at(fixture.account()).services) service.loosened = {true, true};
  EXPECT_EQ(update({{"code_length", 4}}), kNone);
  EXPECT_EQ(update({{"totp", {{"skew", 2}}}}), kNone);
  // And what was stored while it said so is not in force when it says so no more.
  ASSERT_EQ(fault_of(verify.start()), kNone);
  EXPECT_EQ(verify.code.size(), 4U);
  for (auto& service : fixture.settings().accounts.at(fixture.account()).services) service.loosened = {};
  verify.to = "+5511987654322";
  ASSERT_EQ(fault_of(verify.start()), kNone);
  EXPECT_EQ(verify.code.size(), 6U);
}

TEST(VerifyBudget, WhatCallersFillInIsRefusedWhereItCouldBeMistaken) {
  Verify verify;
  for (const char* name :
       {"123456 is your code", "Shop\nYour code is 1", "Shop\xE2\x80\xAE", "0123456789012345678901234567890"}) {
    StartCode request = verify.request();
    request.friendly_name = name;
    EXPECT_EQ(fault_of(verify.start(request)), ErrorCode::kInvalidParameter) << name;
  }
  StartCode request = verify.request();
  request.substitutions = {{"order", std::string(101, 'x')}};
  EXPECT_EQ(fault_of(verify.start(request)), ErrorCode::kInvalidParameter);
  request.substitutions = {{"order", "one\n@evil.example #123456"}};
  EXPECT_EQ(fault_of(verify.start(request)), ErrorCode::kInvalidParameter);
}

}  // namespace

}  // namespace countersign::testing
