#include "contact/masking.h"
#include "crypto/otpauth_uri.h"
#include "store/repository/factors.h"
#include "tests/unit/usecase/script.h"
#include "usecase/verification/check_totp.h"

namespace countersign::testing {
namespace {

store::FactorRow factor_row(Fixture& fixture) {
  const auto subject = fixture.row().state.subject;
  return *fixture.in(
      [&](store::Tx& tx, Moment&) { return store::find_factor(tx, fixture.account(), subject, fixture.factor()); });
}

/// Held with a confirmed app, at the beginning of a time step.
void hold_with_factor(Fixture& fixture) {
  active_factor(fixture);
  fixture.hold("strict");
}

/// What the person's app shows, and under whose name.
std::string app_entry(const usecase::Enrolment& enrolment) {
  const auto uri = crypto::parse_otpauth_uri(enrolment.otpauth_uri.expose());
  return uri ? uri->issuer + " | " + uri->account : "no URI";
}

TEST(TotpLabel, IsWhatAPersonRecognises) {
  Fixture fixture;
  const auto entry = [&](std::string identity, std::string label = "") {
    return app_entry(*fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::enrol_totp({tx, fixture.context(), fixture.caller(), moment}, {identity, "", label, {}});
    }));
  };
  EXPECT_EQ(entry("organizer-77"), "Bilheteria | organizer-77") << "nothing else is known";
  EXPECT_EQ(entry("ana@example.com"), "Bilheteria | ana@example.com");
  ASSERT_EQ(why(fixture.add_contact(Channel::kEmail, kEmail)), kYes);
  const std::string identity(kIdentity);
  EXPECT_EQ(entry(identity), "Bilheteria | " + contact::mask_email(kEmail));
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, kPhone)), kYes);
  EXPECT_EQ(entry(identity), "Bilheteria | +55 \u2022\u2022\u2022\u2022\u2022\u2022\u20224321");
  EXPECT_EQ(entry(identity, "Casa do Samba"), "Bilheteria | Casa do Samba");
}

TEST(Totp, VerifiesWithTheCodeOfNow) {
  Fixture fixture;
  active_factor(fixture);
  fixture.hold();
  EXPECT_EQ(fixture.check_totp(fixture.totp_code())->status, TransactionStatus::kVerified);
}

TEST(Totp, TheStepOfTheConfirmationIsSpent) {
  Fixture fixture;
  ASSERT_EQ(why(fixture.enrol()), kYes);
  ASSERT_EQ(why(fixture.confirm()), kYes);
  fixture.hold();
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code())), Code::kWrongCode);
  EXPECT_EQ(fixture.all_events().back().type, "factor.code_replayed");
  fixture.wait(seconds(30));
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code())), kYes);
}

TEST(Totp, AStepIsAcceptedOnceAndNeverAnOlderOne) {
  Fixture fixture;
  hold_with_factor(fixture);
  const std::string before = fixture.totp_code(-1);
  const std::string code = fixture.totp_code();
  ASSERT_EQ(why(fixture.check_totp(code)), kYes);
  EXPECT_EQ(why(fixture.check_totp(code)), Code::kWrongCode);
  EXPECT_EQ(why(fixture.check_totp(before)), Code::kWrongCode);
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code(1))), kYes);
}

TEST(Totp, AStepIsSpentForEveryTransactionOfTheSubject) {
  Fixture fixture;
  hold_with_factor(fixture);
  ASSERT_EQ(why(fixture.check_totp(fixture.totp_code())), kYes);
  fixture.hold("any");
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code())), Code::kWrongCode);
  EXPECT_EQ(fixture.status(), TransactionStatus::kHeld);
}

TEST(Totp, OneStepToEitherSide) {
  for (const auto& [steps, outcome] : std::vector<std::pair<int, std::optional<Code>>>{
           {-2, Code::kWrongCode}, {-1, kYes}, {0, kYes}, {1, kYes}, {2, Code::kWrongCode}}) {
    Fixture fixture;
    active_factor(fixture);
    fixture.wait(seconds(60));
    fixture.hold();
    EXPECT_EQ(why(fixture.check_totp(fixture.totp_code(steps))), outcome) << steps;
  }
}

TEST(Totp, ADriftingDeviceMovesTheWindow) {
  Fixture fixture;
  hold_with_factor(fixture);
  ASSERT_EQ(why(fixture.check_totp(fixture.totp_code(-1))), kYes);
  EXPECT_EQ(factor_row(fixture).state.drift_steps, -1);
  fixture.wait(seconds(90));
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code(1))), Code::kWrongCode);
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code(-2))), kYes);
  // It is remembered as one step at most, however often it is late: it cannot wander off.
  EXPECT_EQ(factor_row(fixture).state.drift_steps, -1);
}

TEST(Totp, FiveWrongCodesLockThisFactorAlone) {
  Fixture fixture;
  active_factor(fixture);
  fixture.hold();
  const std::string wrong = fixture.totp_code(50);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(why(fixture.check_totp(wrong)), Code::kWrongCode);
  const auto locked = fixture.check_totp(fixture.totp_code());
  ASSERT_EQ(why(locked), Code::kLocked);
  EXPECT_EQ(locked.error().retry_after, seconds(30));
  fixture.wait(seconds(30) - kTick);
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code())), Code::kLocked);
  fixture.wait(kTick);
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code())), kYes);
}

TEST(Totp, TheUnknownGetsTheAnswerOfTheWrong) {
  Fixture fixture;
  active_factor(fixture);
  fixture.hold();
  const auto wrong = fixture.check_totp(fixture.totp_code(50));
  const FactorId others = active_factor(fixture, "somebody-else");
  fixture.hold();
  const std::string theirs = fixture.totp_code();
  for (const std::string& factor : {others.text(), FactorId{}.text(), std::string("nonsense")}) {
    const auto unknown = fixture.check_totp(theirs, factor);
    ASSERT_EQ(why(unknown), Code::kWrongCode) << factor;
    EXPECT_EQ(unknown.error().detail, wrong.error().detail);
    EXPECT_EQ(unknown.error().attempts_left, wrong.error().attempts_left);
    EXPECT_EQ(unknown.error().retry_after, wrong.error().retry_after);
  }
}

TEST(Totp, AnUnconfirmedFactorProvesNothing) {
  Fixture fixture;
  ASSERT_EQ(why(fixture.enrol()), kYes);
  fixture.hold();
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code())), Code::kWrongCode);
}

TEST(Totp, APolicyMayNotAcceptIt) {
  Fixture fixture;
  fixture.policy("any").any_of = {domain::Method::kSms};
  active_factor(fixture);
  fixture.hold();
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code())), Code::kMethodNotAllowed);
}

TEST(Totp, ARemovedFactorHasNoSecretAnyMore) {
  Fixture fixture;
  fixture.hold();
  active_factor(fixture);
  ASSERT_TRUE(factor_row(fixture).secret_sealed);
  ASSERT_EQ(why(fixture.remove(fixture.factor())), kYes);
  EXPECT_FALSE(factor_row(fixture).secret_sealed);
  EXPECT_EQ(why(fixture.remove(fixture.factor())), Code::kNotFound);
  EXPECT_EQ(why(fixture.confirm()), Code::kNotFound);
}

TEST(Confirm, OnlyUntilTheVeryInstant) {
  for (const auto& [wait, outcome] : std::vector<std::pair<Duration, std::optional<Code>>>{
           {minutes(30) - kTick, kYes}, {minutes(30), Code::kFactorUnusable}}) {
    Fixture fixture;
    ASSERT_EQ(why(fixture.enrol()), kYes);
    fixture.wait(wait);
    EXPECT_EQ(why(fixture.confirm()), outcome) << wait.count();
  }
}

TEST(Confirm, WrongCodesLockItToo) {
  Fixture fixture;
  ASSERT_EQ(why(fixture.enrol()), kYes);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(why(fixture.confirm_with(fixture.totp_code(50))), Code::kWrongCode);
  EXPECT_EQ(why(fixture.confirm()), Code::kLocked);
  fixture.wait(seconds(30));
  EXPECT_EQ(why(fixture.confirm()), kYes);
  EXPECT_EQ(why(fixture.confirm()), Code::kFactorUnusable);  // Once.
}

TEST(Confirm, NotByAnotherSubject) {
  Fixture fixture;
  ASSERT_EQ(why(fixture.enrol("somebody-else")), kYes);
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, kPhone)), kYes);
  EXPECT_EQ(why(fixture.confirm_with(fixture.totp_code(), kIdentity)), Code::kNotFound);
}

TEST(Enrol, AtMostAHundredInUse) {
  Fixture fixture;
  for (int i = 0; i < 100; ++i) ASSERT_EQ(why(fixture.enrol()), kYes) << i;
  EXPECT_EQ(why(fixture.enrol()), Code::kTooManyFactors);
  fixture.wait(minutes(30));  // Those that were never confirmed are void.
  EXPECT_EQ(why(fixture.enrol()), kYes);
}

}  // namespace
}  // namespace countersign::testing
