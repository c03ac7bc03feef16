#include "usecase/allowance.h"

#include "script.h"

namespace countersign::testing {
namespace {

constexpr domain::Rate kTwo{2, minutes(10)};

/// Sends to `phone` for `identity` in a transaction of its own.
Answer<usecase::Started> send_to(House& house, std::string_view identity = kIdentity, std::string_view phone = kPhone) {
  house.request().identity = identity;
  house.request().contacts = {{Channel::kSms, std::string(phone)}};
  house.hold();
  return house.start({house.current(), Channel::kSms, std::string(phone)});
}

void expect_limited(const Answer<usecase::Started>& answer, Duration retry_after) {
  ASSERT_EQ(why(answer), Code::kRateLimited);
  EXPECT_EQ(answer.error().retry_after, retry_after);
}

TEST(Sends, ToOneContact) {
  House house;
  unlimited(house).sends_per_contact = kTwo;
  EXPECT_EQ(why(send_to(house)), kYes);
  house.wait(minutes(4));
  EXPECT_EQ(why(send_to(house)), kYes);
  expect_limited(send_to(house), minutes(6));
  EXPECT_EQ(why(send_to(house, kIdentity, kOtherPhone)), kYes);
  house.wait(minutes(6) - kTick);
  expect_limited(send_to(house), kTick);
  house.wait(kTick);
  EXPECT_EQ(why(send_to(house)), kYes);
}

TEST(Sends, ToOneSubjectWhateverTheContact) {
  House house;
  unlimited(house).sends_per_subject = kTwo;
  EXPECT_EQ(why(send_to(house)), kYes);
  EXPECT_EQ(why(send_to(house, kIdentity, kOtherPhone)), kYes);
  expect_limited(send_to(house), minutes(10));
  EXPECT_EQ(why(send_to(house, "somebody-else")), kYes);
  house.wait(minutes(10));
  EXPECT_EQ(why(send_to(house)), kYes);
}

TEST(Sends, ToOneAddressWhoeverAsks) {
  House house;
  unlimited(house).sends_per_address = kTwo;
  EXPECT_EQ(why(send_to(house, "one")), kYes);
  EXPECT_EQ(why(send_to(house, "two")), kYes);
  expect_limited(send_to(house, "three"), minutes(10));
  EXPECT_EQ(why(send_to(house, "three", kOtherPhone)), kYes);
}

TEST(Sends, StrangersDoNotLockOutWhoHasProvedTheAddress) {
  House house;
  unlimited(house).sends_per_address = {3, hours(1)};
  ASSERT_EQ(why(send_to(house)), kYes);
  ASSERT_EQ(why(house.check(house.code())), kYes);
  ASSERT_EQ(why(send_to(house, "stranger")), kYes);
  ASSERT_EQ(why(send_to(house, "stranger")), kYes);
  EXPECT_EQ(why(send_to(house, "stranger")), Code::kRateLimited);
  EXPECT_EQ(why(send_to(house)), kYes);
  EXPECT_EQ(why(house.check(house.code())), kYes);
  EXPECT_EQ(why(send_to(house, "stranger")), Code::kRateLimited);
}

TEST(Sends, TheSameAddressByAnotherChannelIsTheSameAddress) {
  House house;
  unlimited(house).sends_per_address = kTwo;
  house.request().contacts.push_back({Channel::kCall, std::string(kPhone)});
  house.hold();
  EXPECT_EQ(why(house.start(Channel::kSms)), kYes);
  EXPECT_EQ(why(house.start(Channel::kCall)), kYes);
  EXPECT_EQ(why(house.start(Channel::kSms)), Code::kRateLimited);
}

TEST(Sends, FromOneNetworkAddress) {
  House house;
  unlimited(house).sends_per_ip = kTwo;
  const auto from = [&](std::string_view address) {
    house.caller().end_user = IpAddress::parse(address);
    return why(send_to(house));
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
  House house;
  unlimited(house).sends_per_account = kTwo;
  EXPECT_EQ(why(send_to(house, "one", kPhone)), kYes);
  EXPECT_EQ(why(send_to(house, "two", kOtherPhone)), kYes);
  expect_limited(send_to(house, "three", kPhone), minutes(10));
}

TEST(Sends, ToOneCountry) {
  House house;
  unlimited(house).sends_per_country = kTwo;
  EXPECT_EQ(why(send_to(house, "one", kPhone)), kYes);
  EXPECT_EQ(why(send_to(house, "two", kOtherPhone)), kYes);
  expect_limited(send_to(house, "three", kPhone), minutes(10));
  EXPECT_EQ(why(send_to(house, "four", "+351912345678")), kYes);
  house.request().contacts = {{Channel::kEmail, std::string(kEmail)}};
  house.hold();
  EXPECT_EQ(why(house.start(Channel::kEmail)), kYes);
}

TEST(Sends, WhatIsRefusedIsNotCounted) {
  House house;
  auto& limits = unlimited(house);
  limits.sends_per_contact = {3, minutes(10)};
  limits.sends_per_ip = {1, minutes(10)};
  house.caller().end_user = IpAddress::parse("192.0.2.1");
  ASSERT_EQ(why(send_to(house)), kYes);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(why(send_to(house)), Code::kRateLimited);
  house.caller().end_user = IpAddress::parse("192.0.2.2");
  EXPECT_EQ(why(send_to(house)), kYes);
  house.caller().end_user.reset();
  EXPECT_EQ(why(send_to(house)), kYes);
  EXPECT_EQ(why(send_to(house)), Code::kRateLimited);
}

TEST(Checks, FromOneNetworkAddressAndTheyCostNoAttempt) {
  House house;
  unlimited(house).checks_per_ip = kTwo;
  house.caller().end_user = IpAddress::parse("192.0.2.1");
  ASSERT_EQ(why(send_to(house)), kYes);
  guess_wrong(house, 2);
  EXPECT_EQ(why(house.check(house.code())), Code::kRateLimited);
  EXPECT_EQ(house.verification().state.attempts, 2);
  house.wait(minutes(9));
  house.caller().end_user = IpAddress::parse("192.0.2.2");
  EXPECT_EQ(why(house.check(house.code())), kYes);
}

TEST(Checks, ThatAreRightDoNotUseUpASharedNetworkAddress) {
  House house;
  unlimited(house).checks_per_ip = kTwo;
  house.caller().end_user = IpAddress::parse("192.0.2.1");
  for (const char* person : {"one", "two", "three"}) {
    ASSERT_EQ(why(send_to(house, person)), kYes);
    EXPECT_EQ(why(house.check(house.code())), kYes) << person;
  }
  ASSERT_EQ(why(send_to(house)), kYes);
  guess_wrong(house, 2);
  EXPECT_EQ(why(house.check(house.code())), Code::kRateLimited);
}

TEST(Checks, OfOneAccount) {
  House house;
  unlimited(house).checks_per_account = kTwo;
  ASSERT_EQ(why(send_to(house)), kYes);
  guess_wrong(house, 2);
  const auto limited = house.check(house.code());
  ASSERT_EQ(why(limited), Code::kRateLimited);
  EXPECT_EQ(limited.error().retry_after, minutes(10));
}

}  // namespace
}  // namespace countersign::testing
