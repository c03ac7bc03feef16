#include "script.h"

// Ceilings of messages by line and person, whichever channel takes them, and a reserve for people who are known.
namespace countersign::testing {
namespace {

Answer<usecase::Started> start_for(House& house, std::string_view identity, std::string_view phone,
                                   Channel channel = Channel::kSms) {
  house.request().identity = identity;
  house.request().contacts = {{channel, std::string(phone)}};
  house.hold();
  return house.start(channel);
}

TEST(BudgetOfMessages, OneLineHasOneWindowWhateverTheChannel) {
  House house;
  unlimited(house).sends_per_contact = {3, minutes(10)};
  EXPECT_EQ(why(start_for(house, kIdentity, kPhone, Channel::kSms)), kYes);
  EXPECT_EQ(why(start_for(house, kIdentity, kPhone, Channel::kCall)), kYes);
  EXPECT_EQ(why(start_for(house, kIdentity, kPhone, Channel::kWhatsapp)), kYes);
  for (const auto channel : {Channel::kSms, Channel::kCall, Channel::kWhatsapp})
    EXPECT_EQ(why(start_for(house, kIdentity, kPhone, channel)), Code::kRateLimited);
  EXPECT_EQ(why(start_for(house, kIdentity, kOtherPhone)), kYes);
}

TEST(BudgetOfMessages, OneLineHasOneWaitWhateverTheChannel) {
  House house;
  house.request().contacts.push_back({Channel::kCall, std::string(kPhone)});
  house.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  house.hold();
  ASSERT_EQ(why(house.start(Channel::kSms)), kYes);
  const auto call = house.start(Channel::kCall);
  ASSERT_EQ(why(call), Code::kResendTooSoon);
  EXPECT_EQ(call.error().retry_after, seconds(30));
  EXPECT_EQ(why(house.start(Channel::kEmail)), kYes);  // A mailbox is no telephone.
  house.wait(seconds(30));
  const auto later = house.start(Channel::kCall);
  ASSERT_EQ(why(later), kYes);
  EXPECT_EQ(later->resend_at, house.now() + seconds(60));  // The second message to the line.
  house.wait(seconds(60) - kTick);
  EXPECT_EQ(why(house.start(Channel::kSms)), Code::kResendTooSoon);
  house.wait(kTick);
  EXPECT_EQ(why(house.start(Channel::kSms)), kYes);
}

TEST(BudgetOfMessages, ANumberThatIsRemovedAndGivenAgainHasTheWindowThatItHad) {
  House house;
  unlimited(house).sends_per_contact = {3, minutes(10)};
  for (int i = 0; i < 3; ++i) ASSERT_EQ(why(start_for(house, kIdentity, kPhone)), kYes);
  const WallTime first = house.now();
  house.wait(minutes(4));
  for (const auto reason : {domain::standing::GoneWhy::kLost, domain::standing::GoneWhy::kRemoved}) {
    house.in([&](store::Tx& tx, Moment& moment) {
      const usecase::SubjectAt subject{std::string(kIdentity)};
      const auto views = usecase::list_contacts(tx, house.context(), house.caller(), subject, moment.now);
      return why(
          usecase::delete_contact(tx, house.context(), house.caller(), subject, views->front().id, reason, moment));
    });
    for (const auto channel : {Channel::kSms, Channel::kCall}) {
      const auto again = start_for(house, kIdentity, kPhone, channel);
      ASSERT_EQ(why(again), Code::kRateLimited);
      EXPECT_EQ(again.error().retry_after, first + minutes(10) - house.now());
    }
  }
  // It is this person's window with this number, and nobody else's.
  EXPECT_EQ(why(start_for(house, "somebody-else", kPhone)), kYes);
  house.wait(minutes(6) - kTick);
  EXPECT_EQ(why(start_for(house, kIdentity, kPhone)), Code::kRateLimited);
  EXPECT_EQ(why(start_for(house, kIdentity, kOtherPhone)), kYes);
  house.wait(kTick);
  EXPECT_EQ(why(house.start({house.current(), Channel::kSms, std::string(kPhone)})), kYes);
}

TEST(BudgetOfMessages, StrangersLeaveAReserveForPeopleWhoAreKnown) {
  for (const bool country : {true, false}) {
    House house;
    auto& limits = unlimited(house);
    verify(house);
    (country ? limits.sends_per_country : limits.sends_per_account) = {5, hours(24)};
    limits.strangers_share = 80;
    for (int i = 0; i < 4; ++i) {
      const auto number = std::to_string(i);
      ASSERT_EQ(why(start_for(house, "stranger-" + number, "+551198765000" + number)), kYes) << i;
    }
    EXPECT_EQ(why(start_for(house, "one-more", kOtherPhone)), Code::kRateLimited);
    EXPECT_EQ(why(start_for(house, kIdentity, kPhone)), kYes);
    EXPECT_EQ(why(start_for(house, kIdentity, kPhone)), Code::kRateLimited);  // All of it is all of it.
  }
}

}  // namespace
}  // namespace countersign::testing
