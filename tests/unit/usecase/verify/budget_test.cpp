#include "verify_script.h"

// The budgets of guesses and messages hold for the Verify-compatible API as for any other road.
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
    verify.house.wait(hours(1));
    ASSERT_EQ(fault_of(verify.start()), kNone);
    for (int i = 0; i < 5 && times > 0; ++i, --times) ASSERT_EQ(fault_of(verify.check(verify.wrong())), kNone);
  }
}

TEST(VerifyBudget, ChecksCountForTheAccount) {
  Verify verify;
  verify.house.limits().checks_per_account = {3, hours(1)};
  ASSERT_EQ(fault_of(verify.start()), kNone);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(fault_of(verify.check(verify.wrong())), kNone);
  const auto fourth = verify.check(verify.code);
  ASSERT_EQ(fault_of(fourth), Fault::kTooManyRequests);
  EXPECT_EQ(fourth.error().retry_after, hours(1));
}

TEST(VerifyBudget, GuessesCountTogetherWithThoseOfTheNativeApi) {
  Verify verify;
  House& house = verify.house;
  ASSERT_EQ(fault_of(verify.start()), kNone);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(fault_of(verify.check(verify.wrong())), kNone);
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  for (int i = 0; i < 2; ++i) ASSERT_EQ(why(house.check(house.wrong_code())), Code::kWrongCode);
  EXPECT_EQ(fault_of(verify.check(verify.code)), Fault::kMaxCheckAttempts);
  EXPECT_EQ(why(house.check(house.code())), Code::kLocked);
  // Nor is another service another budget.
  verify.make_service({});
  EXPECT_EQ(fault_of(verify.start()), Fault::kMaxCheckAttempts);
}

TEST(VerifyBudget, WhoHasProvedANumberToOneServiceIsAStrangerToTheNextGuess) {
  Verify verify;
  ASSERT_EQ(fault_of(verify.start()), kNone);
  ASSERT_EQ(verify.check(verify.code)->status, Status::kApproved);
  verify.house.wait(seconds(1));
  ASSERT_EQ(fault_of(verify.start()), kNone);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(fault_of(verify.check(verify.wrong())), kNone);
  // Nobody says that it was the same person: another service's guesses go on where these ended.
  verify.make_service({});
  EXPECT_EQ(fault_of(verify.start()), Fault::kMaxCheckAttempts);
}

TEST(VerifyBudget, ANumberOfAHundredFailuresIsSlowedAndNeverEnded) {
  Verify verify;
  auto& limits = verify.house.limits();
  limits.failures.disable_at = 10;
  limits.sends_per_address = {};
  fail_verify(verify, 10);
  verify.house.wait(hours(1));
  ASSERT_EQ(fault_of(verify.start()), kNone);
  EXPECT_EQ(verify.code.size(), 8U);
  verify.house.wait(hours(1) - Duration(1));
  EXPECT_EQ(fault_of(verify.start()), Fault::kTooManyRequests);
  verify.house.wait(Duration(1));
  ASSERT_EQ(fault_of(verify.start()), kNone);
  EXPECT_EQ(verify.check(verify.code)->status, Status::kApproved);
  EXPECT_EQ(fault_of(verify.start()), kNone);
}

TEST(VerifyBudget, AnApplicationsOwnCodeIsAsLongAsOursWouldBe) {
  Verify verify;
  verify.make_service({{"custom_code_enabled", true}});
  StartCode own = verify.request();
  own.code = SecretString("4321");
  EXPECT_EQ(fault_of(verify.start(own)), Fault::kInvalidParameter);
  own.code = SecretString("432100");
  EXPECT_EQ(fault_of(verify.start(own)), kNone);
  verify.house.limits().failures.disable_at = 5;
  for (int i = 0; i < 5; ++i) ASSERT_EQ(fault_of(verify.check("000000")), kNone);
  verify.house.wait(hours(1));
  EXPECT_EQ(fault_of(verify.start(own)), Fault::kInvalidParameter);
  own.code = SecretString("43210000");
  EXPECT_EQ(fault_of(verify.start(own)), kNone);
}

TEST(VerifyBudget, WhatIsGuessedAtATestServiceIsNobodysFailure) {
  Verify verify;
  verify.make_service({{"countersign", {{"test_code", "424242"}}}});
  ASSERT_EQ(fault_of(verify.start()), kNone);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(fault_of(verify.check("000000")), kNone);
  verify.house.hold();
  EXPECT_EQ(why(verify.house.start()), kYes);
}

TEST(VerifyBudget, NorDoesItUseUpTheChecksOfTheAccount) {
  Verify verify;
  verify.house.limits().checks_per_account = {3, hours(1)};
  verify.make_service({{"countersign", {{"test_code", "424242"}}}});
  ASSERT_EQ(fault_of(verify.start()), kNone);
  for (int i = 0; i < 4; ++i) ASSERT_EQ(fault_of(verify.check("000000")), kNone);
  verify.house.hold();
  ASSERT_EQ(why(verify.house.start()), kYes);
  EXPECT_EQ(why(verify.house.check(verify.house.code())), kYes);
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
    ASSERT_EQ(fault_of(started), started ? kNone : Fault::kMaxSendAttempts);
  }
  EXPECT_EQ(sent, 4);  // Five in ten minutes, the proved one among them.
}

TEST(VerifyBudget, NobodyIsExemptFromWhatANumberMayBeSentWhereNobodySaysWhoseItIs) {
  Verify verify;
  auto& limits = verify.house.limits();
  limits.sends_per_contact = limits.sends_per_subject = {};
  limits.sends_per_address = {3, hours(1)};
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(fault_of(verify.start()), kNone) << i;
    ASSERT_EQ(verify.check(verify.code)->status, Status::kApproved);
    verify.house.wait(seconds(1));
  }
  EXPECT_EQ(fault_of(verify.start()), Fault::kTooManyForNumber);
}

TEST(VerifyBudget, TheApiIsNoLooserThanTheConfigurationMayBe) {
  Verify verify;
  House& house = verify.house;
  const auto update = [&](const json::object& changes) {
    return fault_of(house.in([&](store::Tx& tx, Moment& moment) {
      return usecase::verify::update_service(tx, house.context(), house.caller(), verify.service, changes, moment);
    }));
  };
  const auto refused = [&](const json::object& changes) {
    return update(changes) == Fault::kInvalidParameter &&
           fault_of(house.in([&](store::Tx& tx, Moment& moment) {
             return usecase::verify::create_service(tx, house.context(), house.caller(), changes, moment);
           })) == Fault::kInvalidParameter;
  };
  EXPECT_TRUE(refused({{"code_length", 4}}));
  EXPECT_TRUE(refused({{"countersign", {{"code_ttl", 24 * 60 * 60}}}}));
  EXPECT_TRUE(refused({{"totp", {{"skew", 2}}}}));
  EXPECT_TRUE(refused({{"totp", {{"code_length", 5}}}}));
  EXPECT_EQ(update({{"code_length", 6}}), kNone);
  EXPECT_EQ(update({{"totp", {{"skew", 1}}}}), kNone);
  EXPECT_EQ(update({{"countersign", {{"code_ttl", 600}, {"check_attempts", 5}, {"send_attempts", 5}}}}), kNone);
  // What the configuration sets, the API can only tighten.
  house.limits().attempts_max = 3;
  EXPECT_TRUE(refused({{"countersign", {{"check_attempts", 4}}}}));
  EXPECT_EQ(update({{"countersign", {{"check_attempts", 2}}}}), kNone);
  // Unless it says so by name.
  for (auto& service : house.settings().accounts.at(house.account()).services) service.loosened = {true, true};
  EXPECT_EQ(update({{"code_length", 4}}), kNone);
  EXPECT_EQ(update({{"totp", {{"skew", 2}}}}), kNone);
  // And what was stored while it said so is not in force when it says so no more.
  ASSERT_EQ(fault_of(verify.start()), kNone);
  EXPECT_EQ(verify.code.size(), 4U);
  for (auto& service : house.settings().accounts.at(house.account()).services) service.loosened = {};
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
    EXPECT_EQ(fault_of(verify.start(request)), Fault::kInvalidParameter) << name;
  }
  StartCode request = verify.request();
  request.substitutions = {{"order", std::string(101, 'x')}};
  EXPECT_EQ(fault_of(verify.start(request)), Fault::kInvalidParameter);
  request.substitutions = {{"order", "one\n@evil.example #123456"}};
  EXPECT_EQ(fault_of(verify.start(request)), Fault::kInvalidParameter);
}

}  // namespace

}  // namespace countersign::testing
