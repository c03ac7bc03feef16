#include "contact/masking.h"
#include "crypto/otpauth_uri.h"
#include "script.h"
#include "store/repository/factors.h"
#include "usecase/check_totp.h"

namespace countersign::testing {
namespace {

store::FactorRow factor_row(House& house) {
  const auto subject = house.row().state.subject;
  return *house.in(
      [&](store::Tx& tx, Moment&) { return store::find_factor(tx, house.account(), subject, house.factor()); });
}

/// Held with a confirmed app, at the beginning of a time step.
void hold_with_factor(House& house) {
  active_factor(house);
  house.hold("strict");
}

/// What the person's app shows, and under whose name.
std::string app_entry(const usecase::Enrolment& enrolment) {
  const auto uri = crypto::parse_otpauth_uri(enrolment.otpauth_uri.expose());
  return uri ? uri->issuer + " | " + uri->account : "no URI";
}

TEST(TotpLabel, IsWhatAPersonRecognises) {
  House house;
  const auto entry = [&](std::string identity, std::string label = "") {
    return app_entry(*house.in([&](store::Tx& tx, Moment& moment) {
      return usecase::enrol_totp(tx, house.context(), house.caller(), {std::move(identity), "", std::move(label), {}},
                                 moment);
    }));
  };
  EXPECT_EQ(entry("organizer-77"), "Bilheteria | organizer-77") << "nothing else is known";
  EXPECT_EQ(entry("ana@example.com"), "Bilheteria | ana@example.com");
  ASSERT_EQ(why(house.add_contact(Channel::kEmail, kEmail)), kYes);
  const std::string identity(kIdentity);
  EXPECT_EQ(entry(identity), "Bilheteria | " + contact::mask_email(kEmail));
  ASSERT_EQ(why(house.add_contact(Channel::kSms, kPhone)), kYes);
  EXPECT_EQ(entry(identity), "Bilheteria | +55 \u2022\u2022\u2022\u2022\u2022\u2022\u20224321");
  EXPECT_EQ(entry(identity, "Casa do Samba"), "Bilheteria | Casa do Samba");
}

TEST(Totp, VerifiesWithTheCodeOfNow) {
  House house;
  active_factor(house);
  house.hold();
  EXPECT_EQ(house.check_totp(house.totp_code())->status, TransactionStatus::kVerified);
}

TEST(Totp, TheStepOfTheConfirmationIsSpent) {
  House house;
  ASSERT_EQ(why(house.enrol()), kYes);
  ASSERT_EQ(why(house.confirm()), kYes);
  house.hold();
  EXPECT_EQ(why(house.check_totp(house.totp_code())), Code::kWrongCode);
  EXPECT_EQ(house.all_events().back().type, "factor.code_replayed");
  house.wait(seconds(30));
  EXPECT_EQ(why(house.check_totp(house.totp_code())), kYes);
}

TEST(Totp, AStepIsAcceptedOnceAndNeverAnOlderOne) {
  House house;
  hold_with_factor(house);
  const std::string before = house.totp_code(-1);
  const std::string code = house.totp_code();
  ASSERT_EQ(why(house.check_totp(code)), kYes);
  EXPECT_EQ(why(house.check_totp(code)), Code::kWrongCode);
  EXPECT_EQ(why(house.check_totp(before)), Code::kWrongCode);
  EXPECT_EQ(why(house.check_totp(house.totp_code(1))), kYes);
}

TEST(Totp, AStepIsSpentForEveryTransactionOfTheSubject) {
  House house;
  hold_with_factor(house);
  ASSERT_EQ(why(house.check_totp(house.totp_code())), kYes);
  house.hold("any");
  EXPECT_EQ(why(house.check_totp(house.totp_code())), Code::kWrongCode);
  EXPECT_EQ(house.status(), TransactionStatus::kHeld);
}

TEST(Totp, OneStepToEitherSide) {
  for (const auto& [steps, outcome] : std::vector<std::pair<int, std::optional<Code>>>{
           {-2, Code::kWrongCode}, {-1, kYes}, {0, kYes}, {1, kYes}, {2, Code::kWrongCode}}) {
    House house;
    active_factor(house);
    house.wait(seconds(60));
    house.hold();
    EXPECT_EQ(why(house.check_totp(house.totp_code(steps))), outcome) << steps;
  }
}

TEST(Totp, ADriftingDeviceMovesTheWindow) {
  House house;
  hold_with_factor(house);
  ASSERT_EQ(why(house.check_totp(house.totp_code(-1))), kYes);
  EXPECT_EQ(factor_row(house).state.drift_steps, -1);
  house.wait(seconds(90));
  EXPECT_EQ(why(house.check_totp(house.totp_code(1))), Code::kWrongCode);
  EXPECT_EQ(why(house.check_totp(house.totp_code(-2))), kYes);
  // It is remembered as one step at most, however often it is late: it cannot wander off.
  EXPECT_EQ(factor_row(house).state.drift_steps, -1);
}

TEST(Totp, FiveWrongCodesLockThisFactorAlone) {
  House house;
  active_factor(house);
  house.hold();
  const std::string wrong = house.totp_code(50);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(why(house.check_totp(wrong)), Code::kWrongCode);
  const auto locked = house.check_totp(house.totp_code());
  ASSERT_EQ(why(locked), Code::kLocked);
  EXPECT_EQ(locked.error().retry_after, seconds(30));
  house.wait(seconds(30) - kTick);
  EXPECT_EQ(why(house.check_totp(house.totp_code())), Code::kLocked);
  house.wait(kTick);
  EXPECT_EQ(why(house.check_totp(house.totp_code())), kYes);
}

TEST(Totp, TheUnknownGetsTheAnswerOfTheWrong) {
  House house;
  active_factor(house);
  house.hold();
  const auto wrong = house.check_totp(house.totp_code(50));
  const FactorId others = active_factor(house, "somebody-else");
  house.hold();
  const std::string theirs = house.totp_code();
  for (const std::string& factor : {others.text(), FactorId{}.text(), std::string("nonsense")}) {
    const auto unknown = house.check_totp(theirs, factor);
    ASSERT_EQ(why(unknown), Code::kWrongCode) << factor;
    EXPECT_EQ(unknown.error().detail, wrong.error().detail);
    EXPECT_EQ(unknown.error().attempts_left, wrong.error().attempts_left);
    EXPECT_EQ(unknown.error().retry_after, wrong.error().retry_after);
  }
}

TEST(Totp, AnUnconfirmedFactorProvesNothing) {
  House house;
  ASSERT_EQ(why(house.enrol()), kYes);
  house.hold();
  EXPECT_EQ(why(house.check_totp(house.totp_code())), Code::kWrongCode);
}

TEST(Totp, APolicyMayNotAcceptIt) {
  House house;
  house.policy("any").any_of = {domain::Method::kSms};
  active_factor(house);
  house.hold();
  EXPECT_EQ(why(house.check_totp(house.totp_code())), Code::kMethodNotAllowed);
}

TEST(Totp, ARemovedFactorHasNoSecretAnyMore) {
  House house;
  house.hold();
  active_factor(house);
  ASSERT_TRUE(factor_row(house).secret_sealed);
  ASSERT_EQ(why(house.remove(house.factor())), kYes);
  EXPECT_FALSE(factor_row(house).secret_sealed);
  EXPECT_EQ(why(house.remove(house.factor())), Code::kNotFound);
  EXPECT_EQ(why(house.confirm()), Code::kNotFound);
}

TEST(Confirm, OnlyUntilTheVeryInstant) {
  for (const auto& [wait, outcome] : std::vector<std::pair<Duration, std::optional<Code>>>{
           {minutes(30) - kTick, kYes}, {minutes(30), Code::kFactorUnusable}}) {
    House house;
    ASSERT_EQ(why(house.enrol()), kYes);
    house.wait(wait);
    EXPECT_EQ(why(house.confirm()), outcome) << wait.count();
  }
}

TEST(Confirm, WrongCodesLockItToo) {
  House house;
  ASSERT_EQ(why(house.enrol()), kYes);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(why(house.confirm_with(house.totp_code(50))), Code::kWrongCode);
  EXPECT_EQ(why(house.confirm()), Code::kLocked);
  house.wait(seconds(30));
  EXPECT_EQ(why(house.confirm()), kYes);
  EXPECT_EQ(why(house.confirm()), Code::kFactorUnusable);  // Once.
}

TEST(Confirm, NotByAnotherSubject) {
  House house;
  ASSERT_EQ(why(house.enrol("somebody-else")), kYes);
  ASSERT_EQ(why(house.add_contact(Channel::kSms, kPhone)), kYes);
  EXPECT_EQ(why(house.confirm_with(house.totp_code(), kIdentity)), Code::kNotFound);
}

TEST(Enrol, AtMostAHundredInUse) {
  House house;
  for (int i = 0; i < 100; ++i) ASSERT_EQ(why(house.enrol()), kYes) << i;
  EXPECT_EQ(why(house.enrol()), Code::kTooManyFactors);
  house.wait(minutes(30));  // Those that were never confirmed are void.
  EXPECT_EQ(why(house.enrol()), kYes);
}

}  // namespace
}  // namespace countersign::testing
