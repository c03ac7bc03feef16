#include "script.h"

// A hijacked session must not be able to add its own authenticator or contact and approve with it. [STD-1]
namespace countersign::testing {
namespace {

TEST(StepDown, AFactorConfirmedAfterTheHoldDoesNotAuthoriseIt) {
  House house;
  ASSERT_EQ(why(house.enrol()), kYes);  // Enrolled before: what counts is when it was confirmed.
  house.wait(seconds(60));
  house.hold();
  house.wait(kTick);
  ASSERT_EQ(why(house.confirm()), kYes);
  const WallTime confirmed_at = house.now();
  house.wait(seconds(60));
  const auto refused = house.check_totp(house.totp_code());
  ASSERT_EQ(why(refused), Code::kSourceDoesNotCount);
  EXPECT_EQ(refused.error().counts_from, confirmed_at);
  EXPECT_EQ(house.status(), TransactionStatus::kHeld);
  EXPECT_TRUE(house.row().state.proofs.empty());
  EXPECT_EQ(why(house.claim()), Code::kNotVerified);

  house.hold();  // For the next transaction it is an old friend; and its code was not spent.
  EXPECT_EQ(why(house.check_totp(house.totp_code())), kYes);
  EXPECT_EQ(house.status(), TransactionStatus::kVerified);
}

void expect_a_new_contact_does_not_count(House& house) {
  ASSERT_EQ(why(house.add_contact(Channel::kSms, kOtherPhone)), kYes);
  const auto refused = house.start({house.current(), Channel::kSms, std::string(kOtherPhone)});
  ASSERT_EQ(why(refused), Code::kSourceDoesNotCount);
  EXPECT_EQ(house.status(), TransactionStatus::kHeld);
}

TEST(StepDown, AContactAddedAfterTheHoldDoesNotAuthoriseIt) {
  House house;
  house.hold();
  house.wait(kTick);
  expect_a_new_contact_does_not_count(house);
}

// The order of events counts, and not a clock that somebody has set back in between.
TEST(StepDown, AContactAddedAfterTheHoldIsNotOlderByTheClock) {
  House house;
  house.hold();
  house.wait(-seconds(540));
  expect_a_new_contact_does_not_count(house);
}

TEST(StepDown, AFactorConfirmedAfterTheHoldIsNotOlderByTheClock) {
  House house;
  house.hold();
  house.wait(-seconds(540));
  active_factor(house);
  EXPECT_EQ(why(house.check_totp(house.totp_code())), Code::kSourceDoesNotCount);
  EXPECT_EQ(house.status(), TransactionStatus::kHeld);
}

// A number that comes with its own transaction, in the same moment as the one before, and while the clock is behind.
TEST(StepDown, AContactThatComesWithTheHoldAuthorisesIt) {
  for (const auto by : {seconds(0), -seconds(540)}) {
    House house;
    const auto first = house.hold();
    house.wait(by);
    house.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
    house.hold();
    const auto second = house.current();
    // Not the one that was held before it.
    EXPECT_EQ(why(house.start({first, Channel::kSms, std::string(kOtherPhone)})), Code::kSourceDoesNotCount);
    ASSERT_EQ(why(house.start({second, Channel::kSms, std::string(kOtherPhone)})), kYes);
    ASSERT_EQ(why(house.check(house.code())), kYes);
    EXPECT_EQ(house.status(), TransactionStatus::kVerified);
  }
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
