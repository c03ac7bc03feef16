#include "tests/unit/usecase/script.h"

// A hijacked session must not be able to add its own authenticator or contact and approve with it. [STD-1]
namespace countersign::testing {
namespace {

TEST(StepDown, AFactorConfirmedAfterTheHoldDoesNotAuthoriseIt) {
  Fixture fixture;
  ASSERT_EQ(why(fixture.enrol()), kYes);  // Enrolled before: what counts is when it was confirmed.
  fixture.wait(seconds(60));
  fixture.hold();
  fixture.wait(kTick);
  ASSERT_EQ(why(fixture.confirm()), kYes);
  const WallTime confirmed_at = fixture.now();
  fixture.wait(seconds(60));
  const auto refused = fixture.check_totp(fixture.totp_code());
  ASSERT_EQ(why(refused), Code::kSourceDoesNotCount);
  EXPECT_EQ(refused.error().counts_from, confirmed_at);
  EXPECT_EQ(fixture.status(), TransactionStatus::kHeld);
  EXPECT_TRUE(fixture.row().state.proofs.empty());
  EXPECT_EQ(why(fixture.claim()), Code::kNotVerified);

  fixture.hold();  // For the next transaction it is an old friend; and its code was not spent.
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code())), kYes);
  EXPECT_EQ(fixture.status(), TransactionStatus::kVerified);
}

void expect_a_new_contact_does_not_count(Fixture& fixture) {
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, kOtherPhone)), kYes);
  const auto refused = fixture.start({fixture.current(), Channel::kSms, std::string(kOtherPhone)});
  ASSERT_EQ(why(refused), Code::kSourceDoesNotCount);
  EXPECT_EQ(fixture.status(), TransactionStatus::kHeld);
}

TEST(StepDown, AContactAddedAfterTheHoldDoesNotAuthoriseIt) {
  Fixture fixture;
  fixture.hold();
  fixture.wait(kTick);
  expect_a_new_contact_does_not_count(fixture);
}

// The order of events counts, and not a clock that somebody has set back in between.
TEST(StepDown, AContactAddedAfterTheHoldIsNotOlderByTheClock) {
  Fixture fixture;
  fixture.hold();
  fixture.wait(-seconds(540));
  expect_a_new_contact_does_not_count(fixture);
}

TEST(StepDown, AFactorConfirmedAfterTheHoldIsNotOlderByTheClock) {
  Fixture fixture;
  fixture.hold();
  fixture.wait(-seconds(540));
  active_factor(fixture);
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code())), Code::kSourceDoesNotCount);
  EXPECT_EQ(fixture.status(), TransactionStatus::kHeld);
}

// A number that comes with its own transaction, in the same moment as the one before, and while the clock is behind.
TEST(StepDown, AContactThatComesWithTheHoldAuthorisesIt) {
  for (const auto by : {seconds(0), -seconds(540)}) {
    Fixture fixture;
    const auto first = fixture.hold();
    fixture.wait(by);
    fixture.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
    fixture.hold();
    const auto second = fixture.current();
    // Not the one that was held before it.
    EXPECT_EQ(why(fixture.start({first, Channel::kSms, std::string(kOtherPhone)})), Code::kSourceDoesNotCount);
    ASSERT_EQ(why(fixture.start({second, Channel::kSms, std::string(kOtherPhone)})), kYes);
    ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
    EXPECT_EQ(fixture.status(), TransactionStatus::kVerified);
  }
}

TEST(StepDown, AFactorRemovedInTheMiddleProvesNothingMore) {
  Fixture fixture;
  const FactorId factor = active_factor(fixture);
  fixture.hold();
  ASSERT_EQ(why(fixture.remove(factor)), kYes);
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code())), Code::kWrongCode);
}

}  // namespace
}  // namespace countersign::testing
