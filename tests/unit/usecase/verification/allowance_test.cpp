#include "usecase/verification/allowance.h"

#include "tests/unit/usecase/script.h"

namespace countersign::testing {
namespace {

constexpr domain::Rate kTwo{2, minutes(10)};

/// Sends to `phone` for `identity` in a transaction of its own.
Answer<usecase::Started> send_to(Fixture& fixture, std::string_view identity = kIdentity,
                                 std::string_view phone = kPhone) {
  fixture.request().identity = identity;
  fixture.request().contacts = {{Channel::kSms, std::string(phone)}};
  fixture.hold();
  return fixture.start({fixture.current(), Channel::kSms, std::string(phone)});
}

void expect_limited(const Answer<usecase::Started>& answer, Duration retry_after) {
  ASSERT_EQ(why(answer), Code::kRateLimited);
  EXPECT_EQ(answer.error().retry_after, retry_after);
}

TEST(Sends, ToOneContact) {
  Fixture fixture;
  unlimited(fixture).sends_per_contact = kTwo;
  EXPECT_EQ(why(send_to(fixture)), kYes);
  fixture.wait(minutes(4));
  EXPECT_EQ(why(send_to(fixture)), kYes);
  expect_limited(send_to(fixture), minutes(6));
  EXPECT_EQ(why(send_to(fixture, kIdentity, kOtherPhone)), kYes);
  fixture.wait(minutes(6) - kTick);
  expect_limited(send_to(fixture), kTick);
  fixture.wait(kTick);
  EXPECT_EQ(why(send_to(fixture)), kYes);
}

TEST(Sends, ToOneSubjectWhateverTheContact) {
  Fixture fixture;
  unlimited(fixture).sends_per_subject = kTwo;
  EXPECT_EQ(why(send_to(fixture)), kYes);
  EXPECT_EQ(why(send_to(fixture, kIdentity, kOtherPhone)), kYes);
  expect_limited(send_to(fixture), minutes(10));
  EXPECT_EQ(why(send_to(fixture, "somebody-else")), kYes);
  fixture.wait(minutes(10));
  EXPECT_EQ(why(send_to(fixture)), kYes);
}

TEST(Sends, ToOneAddressWhoeverAsks) {
  Fixture fixture;
  unlimited(fixture).sends_per_address = kTwo;
  EXPECT_EQ(why(send_to(fixture, "one")), kYes);
  EXPECT_EQ(why(send_to(fixture, "two")), kYes);
  expect_limited(send_to(fixture, "three"), minutes(10));
  EXPECT_EQ(why(send_to(fixture, "three", kOtherPhone)), kYes);
}

TEST(Sends, StrangersDoNotLockOutWhoHasProvedTheAddress) {
  Fixture fixture;
  unlimited(fixture).sends_per_address = {3, hours(1)};
  ASSERT_EQ(why(send_to(fixture)), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  ASSERT_EQ(why(send_to(fixture, "stranger")), kYes);
  ASSERT_EQ(why(send_to(fixture, "stranger")), kYes);
  EXPECT_EQ(why(send_to(fixture, "stranger")), Code::kRateLimited);
  EXPECT_EQ(why(send_to(fixture)), kYes);
  EXPECT_EQ(why(fixture.check(fixture.code())), kYes);
  EXPECT_EQ(why(send_to(fixture, "stranger")), Code::kRateLimited);
}

TEST(Sends, TheSameAddressByAnotherChannelIsTheSameAddress) {
  Fixture fixture;
  unlimited(fixture).sends_per_address = kTwo;
  fixture.request().contacts.push_back({Channel::kCall, std::string(kPhone)});
  fixture.hold();
  EXPECT_EQ(why(fixture.start(Channel::kSms)), kYes);
  EXPECT_EQ(why(fixture.start(Channel::kCall)), kYes);
  EXPECT_EQ(why(fixture.start(Channel::kSms)), Code::kRateLimited);
}

TEST(Sends, FromOneNetworkAddress) {
  Fixture fixture;
  unlimited(fixture).sends_per_ip = kTwo;
  const auto from = [&](std::string_view address) {
    fixture.caller().end_user = IpAddress::parse(address);
    return why(send_to(fixture));
  };
  EXPECT_EQ(from("192.0.2.1"), kYes);
  EXPECT_EQ(from("::ffff:192.0.2.1"), kYes);
  EXPECT_EQ(from("192.0.2.1"), Code::kRateLimited);
  EXPECT_EQ(from("192.0.2.2"), kYes);
  // A household has a /64 to itself.
  EXPECT_EQ(from("2001:db8::1"), kYes);
  EXPECT_EQ(from("2001:db8::ffff:1"), kYes);
  EXPECT_EQ(from("2001:db8::2"), Code::kRateLimited);
  EXPECT_EQ(from("2001:db8:0:1::1"), kYes);
}

TEST(Sends, OfOneAccount) {
  Fixture fixture;
  unlimited(fixture).sends_per_account = kTwo;
  EXPECT_EQ(why(send_to(fixture, "one", kPhone)), kYes);
  EXPECT_EQ(why(send_to(fixture, "two", kOtherPhone)), kYes);
  expect_limited(send_to(fixture, "three", kPhone), minutes(10));
}

TEST(Sends, ToOneCountry) {
  Fixture fixture;
  unlimited(fixture).sends_per_country = kTwo;
  EXPECT_EQ(why(send_to(fixture, "one", kPhone)), kYes);
  EXPECT_EQ(why(send_to(fixture, "two", kOtherPhone)), kYes);
  expect_limited(send_to(fixture, "three", kPhone), minutes(10));
  EXPECT_EQ(why(send_to(fixture, "four", "+351912345678")), kYes);
  fixture.request().contacts = {{Channel::kEmail, std::string(kEmail)}};
  fixture.hold();
  EXPECT_EQ(why(fixture.start(Channel::kEmail)), kYes);
}

TEST(Sends, WhatIsRefusedIsNotCounted) {
  Fixture fixture;
  auto& limits = unlimited(fixture);
  limits.sends_per_contact = {3, minutes(10)};
  limits.sends_per_ip = {1, minutes(10)};
  fixture.caller().end_user = IpAddress::parse("192.0.2.1");
  ASSERT_EQ(why(send_to(fixture)), kYes);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(why(send_to(fixture)), Code::kRateLimited);
  fixture.caller().end_user = IpAddress::parse("192.0.2.2");
  EXPECT_EQ(why(send_to(fixture)), kYes);
  fixture.caller().end_user.reset();
  EXPECT_EQ(why(send_to(fixture)), kYes);
  EXPECT_EQ(why(send_to(fixture)), Code::kRateLimited);
}

TEST(Checks, FromOneNetworkAddressAndTheyCostNoAttempt) {
  Fixture fixture;
  unlimited(fixture).checks_per_ip = kTwo;
  fixture.caller().end_user = IpAddress::parse("192.0.2.1");
  ASSERT_EQ(why(send_to(fixture)), kYes);
  guess_wrong(fixture, 2);
  EXPECT_EQ(why(fixture.check(fixture.code())), Code::kRateLimited);
  EXPECT_EQ(fixture.verification().state.attempts, 2);
  fixture.wait(minutes(9));
  fixture.caller().end_user = IpAddress::parse("192.0.2.2");
  EXPECT_EQ(why(fixture.check(fixture.code())), kYes);
}

TEST(Checks, ThatAreRightDoNotUseUpASharedNetworkAddress) {
  Fixture fixture;
  unlimited(fixture).checks_per_ip = kTwo;
  fixture.caller().end_user = IpAddress::parse("192.0.2.1");
  for (const char* person : {"one", "two", "three"}) {
    ASSERT_EQ(why(send_to(fixture, person)), kYes);
    EXPECT_EQ(why(fixture.check(fixture.code())), kYes) << person;
  }
  ASSERT_EQ(why(send_to(fixture)), kYes);
  guess_wrong(fixture, 2);
  EXPECT_EQ(why(fixture.check(fixture.code())), Code::kRateLimited);
}

TEST(Checks, OfOneAccount) {
  Fixture fixture;
  unlimited(fixture).checks_per_account = kTwo;
  ASSERT_EQ(why(send_to(fixture)), kYes);
  guess_wrong(fixture, 2);
  const auto limited = fixture.check(fixture.code());
  ASSERT_EQ(why(limited), Code::kRateLimited);
  EXPECT_EQ(limited.error().retry_after, minutes(10));
}

}  // namespace
}  // namespace countersign::testing
