#include "script.h"

// A hijacked session must not be able to add its own authenticator or contact and approve with it.
namespace countersign::testing {
namespace {

TEST(StepDown, AFactorConfirmedAfterTheHoldDoesNotAuthoriseIt) {
  House house;
  ASSERT_EQ(why(house.enrol()), kYes);  // Enrolled before: what counts is when it was confirmed.
  house.wait(seconds(60));
  house.hold();
  house.wait(kTick);
  ASSERT_EQ(why(house.confirm()), kYes);
  house.wait(seconds(60));
  const auto approved = house.check_totp(house.totp_code());
  ASSERT_EQ(why(approved), kYes);
  EXPECT_EQ(approved->status, TransactionStatus::kHeld);
  EXPECT_TRUE(approved->standing.needs_established);
  EXPECT_EQ(why(house.claim()), Code::kNotVerified);

  house.hold();  // For the next transaction it is an old friend.
  house.wait(seconds(30));
  EXPECT_EQ(why(house.check_totp(house.totp_code())), kYes);
  EXPECT_EQ(house.status(), TransactionStatus::kVerified);
}

void expect_a_new_contact_is_fresh(House& house) {
  ASSERT_EQ(why(house.add_contact(Channel::kSms, kOtherPhone)), kYes);
  ASSERT_EQ(why(house.start({house.current(), Channel::kSms, std::string(kOtherPhone)})), kYes);
  const auto approved = house.check(house.code());
  ASSERT_EQ(why(approved), kYes);
  EXPECT_EQ(approved->status, TransactionStatus::kHeld);
  EXPECT_TRUE(approved->standing.needs_established);
}

TEST(StepDown, AContactAddedAfterTheHoldDoesNotAuthoriseIt) {
  House house;
  house.hold();
  house.wait(kTick);
  expect_a_new_contact_is_fresh(house);
}

// The order of events counts, and not a clock that somebody has set back in between.
TEST(StepDown, AContactAddedAfterTheHoldIsNotOlderByTheClock) {
  House house;
  house.hold();
  house.wait(-seconds(540));
  expect_a_new_contact_is_fresh(house);
}

TEST(StepDown, AFactorConfirmedAfterTheHoldIsNotOlderByTheClock) {
  House house;
  house.hold();
  house.wait(-seconds(540));
  active_factor(house);
  const auto approved = house.check_totp(house.totp_code());
  ASSERT_EQ(why(approved), kYes);
  EXPECT_EQ(approved->status, TransactionStatus::kHeld);
  EXPECT_TRUE(approved->standing.needs_established);
}

// A number that comes with its own transaction, in the same moment as the one before, and while the clock is behind.
TEST(StepDown, AContactThatComesWithTheHoldAuthorisesIt) {
  for (const auto by : {seconds(0), -seconds(540)}) {
    House house;
    house.hold();
    house.wait(by);
    house.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
    house.policy("any").contact_quiet_period = {};
    house.hold();
    ASSERT_EQ(why(house.start({house.current(), Channel::kSms, std::string(kOtherPhone)})), kYes);
    ASSERT_EQ(why(house.check(house.code())), kYes);
    EXPECT_EQ(house.status(), TransactionStatus::kVerified);
  }
}

TEST(StepDown, TrustOnFirstUseIsForWhoHasNoFactorAtAll) {
  House house;
  house.policy("any").trust_on_first_use = true;
  house.hold();
  house.wait(kTick);
  active_factor(house);
  EXPECT_EQ(house.check_totp(house.totp_code())->status, TransactionStatus::kVerified);
}

TEST(StepDown, TrustOnFirstUseIsNotForWhoHasAnother) {
  House house;
  house.policy("any").trust_on_first_use = true;
  active_factor(house);
  house.hold();
  house.wait(kTick);
  active_factor(house);
  const auto approved = house.check_totp(house.totp_code(), house.factor().text());
  ASSERT_EQ(why(approved), kYes);
  EXPECT_EQ(approved->status, TransactionStatus::kHeld);
}

TEST(StepDown, RemovingTheOtherFactorInTheMiddleDoesNotMakeItAFirstUse) {
  House house;
  house.policy("any").trust_on_first_use = true;
  const FactorId old = active_factor(house);
  house.hold();
  house.wait(kTick);
  active_factor(house);
  ASSERT_EQ(why(house.remove(old)), kYes);
  const auto approved = house.check_totp(house.totp_code());
  ASSERT_EQ(why(approved), kYes);
  EXPECT_EQ(approved->status, TransactionStatus::kHeld);
}

TEST(StepDown, AFactorRemovedBeforeTheHoldIsNoObstacle) {
  House house;
  house.policy("any").trust_on_first_use = true;
  ASSERT_EQ(why(house.remove(active_factor(house))), kYes);
  house.wait(kTick);
  house.hold();
  house.wait(kTick);
  active_factor(house);
  EXPECT_EQ(house.check_totp(house.totp_code())->status, TransactionStatus::kVerified);
}

TEST(StepDown, TrustOnFirstUseIsNotForContacts) {
  House house;
  house.policy("any").trust_on_first_use = true;
  house.request().contacts.clear();
  house.hold();
  house.wait(kTick);
  ASSERT_EQ(why(house.add_contact(Channel::kSms, kPhone)), kYes);
  ASSERT_EQ(why(house.start()), kYes);
  EXPECT_EQ(house.check(house.code())->status, TransactionStatus::kHeld);
}

TEST(StepDown, AReplacedContactDoesNotStandAloneInItsQuietPeriod) {
  House house;
  house.policy("any").contact_quiet_period = hours(24);
  house.hold();  // The first contact replaces nothing.
  ASSERT_EQ(why(house.start()), kYes);
  EXPECT_EQ(house.check(house.code())->status, TransactionStatus::kVerified);

  house.wait(seconds(1));
  house.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  house.hold();
  const WallTime replaced_at = house.now();
  ASSERT_EQ(why(house.start()), kYes);
  EXPECT_EQ(house.check(house.code())->status, TransactionStatus::kHeld);

  house.wait(hours(24) - kTick);
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  EXPECT_EQ(house.check(house.code())->status, TransactionStatus::kHeld);
  house.wait(kTick);
  ASSERT_EQ(house.now(), replaced_at + hours(24));
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  EXPECT_EQ(house.check(house.code())->status, TransactionStatus::kVerified);
}

TEST(StepDown, AFactorRemovedInTheMiddleProvesNothingMore) {
  House house;
  const FactorId factor = active_factor(house);
  house.hold();
  ASSERT_EQ(why(house.remove(factor)), kYes);
  EXPECT_EQ(why(house.check_totp(house.totp_code())), Code::kWrongCode);
}

}  // namespace
}  // namespace countersign::testing
