#include "tests/unit/usecase/script.h"

// Ceilings of messages by line and person, whichever channel takes them, and a reserve for people who are known.
namespace countersign::testing {
namespace {

Answer<usecase::Started> start_for(Fixture& fixture, std::string_view identity, std::string_view phone,
                                   Channel channel = Channel::kSms) {
  fixture.request().identity = identity;
  fixture.request().contacts = {{channel, std::string(phone)}};
  fixture.hold();
  return fixture.start(channel);
}

TEST(BudgetOfMessages, OneLineHasOneWindowWhateverTheChannel) {
  Fixture fixture;
  unlimited(fixture).sends_per_contact = {3, minutes(10)};
  EXPECT_EQ(why(start_for(fixture, kIdentity, kPhone, Channel::kSms)), kYes);
  EXPECT_EQ(why(start_for(fixture, kIdentity, kPhone, Channel::kCall)), kYes);
  EXPECT_EQ(why(start_for(fixture, kIdentity, kPhone, Channel::kWhatsapp)), kYes);
  for (const auto channel : {Channel::kSms, Channel::kCall, Channel::kWhatsapp})
    EXPECT_EQ(why(start_for(fixture, kIdentity, kPhone, channel)), Code::kRateLimited);
  fixture.wait(seconds(1));  // Of two contacts the newest is taken.
  EXPECT_EQ(why(start_for(fixture, kIdentity, kOtherPhone)), kYes);
}

TEST(BudgetOfMessages, OneLineHasOneWaitWhateverTheChannel) {
  Fixture fixture;
  fixture.request().contacts.push_back({Channel::kCall, std::string(kPhone)});
  fixture.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  fixture.hold();
  ASSERT_EQ(why(fixture.start(Channel::kSms)), kYes);
  const auto call = fixture.start(Channel::kCall);
  ASSERT_EQ(why(call), Code::kResendTooSoon);
  EXPECT_EQ(call.error().retry_after, seconds(30));
  EXPECT_EQ(why(fixture.start(Channel::kEmail)), kYes);  // A mailbox is no telephone.
  fixture.wait(seconds(30));
  const auto later = fixture.start(Channel::kCall);
  ASSERT_EQ(why(later), kYes);
  EXPECT_EQ(later->resend_at, fixture.now() + seconds(60));  // The second message to the line.
  fixture.wait(seconds(60) - kTick);
  EXPECT_EQ(why(fixture.start(Channel::kSms)), Code::kResendTooSoon);
  fixture.wait(kTick);
  EXPECT_EQ(why(fixture.start(Channel::kSms)), kYes);
}

TEST(BudgetOfMessages, ANumberThatIsRemovedAndGivenAgainHasTheWindowThatItHad) {
  Fixture fixture;
  unlimited(fixture).sends_per_contact = {3, minutes(10)};
  for (int i = 0; i < 3; ++i) ASSERT_EQ(why(start_for(fixture, kIdentity, kPhone)), kYes);
  const WallTime first = fixture.now();
  fixture.wait(minutes(4));
  for (const auto reason : {domain::standing::GoneWhy::kLost, domain::standing::GoneWhy::kRemoved}) {
    fixture.in([&](store::Tx& tx, Moment& moment) {
      const usecase::SubjectAt subject{std::string(kIdentity)};
      const auto views = usecase::list_contacts({tx, fixture.context(), fixture.caller(), moment}, subject);
      return why(usecase::delete_contact({tx, fixture.context(), fixture.caller(), moment}, subject, views->front().id,
                                         reason));
    });
    for (const auto channel : {Channel::kSms, Channel::kCall}) {
      const auto again = start_for(fixture, kIdentity, kPhone, channel);
      ASSERT_EQ(why(again), Code::kRateLimited);
      EXPECT_EQ(again.error().retry_after, first + minutes(10) - fixture.now());
    }
  }
  // It is this person's window with this number, and nobody else's.
  EXPECT_EQ(why(start_for(fixture, "somebody-else", kPhone)), kYes);
  fixture.wait(minutes(6) - kTick);
  EXPECT_EQ(why(start_for(fixture, kIdentity, kPhone)), Code::kRateLimited);
  EXPECT_EQ(why(start_for(fixture, kIdentity, kOtherPhone)), kYes);
  fixture.wait(kTick);
  EXPECT_EQ(why(fixture.start({fixture.current(), Channel::kSms, std::string(kPhone)})), kYes);
}

TEST(BudgetOfMessages, StrangersLeaveAReserveForPeopleWhoAreKnown) {
  for (const bool country : {true, false}) {
    Fixture fixture;
    auto& limits = unlimited(fixture);
    verify(fixture);
    (country ? limits.sends_per_country : limits.sends_per_account) = {5, hours(24)};
    limits.strangers_share = 80;
    for (int i = 0; i < 4; ++i) {
      const auto number = std::to_string(i);
      ASSERT_EQ(why(start_for(fixture, "stranger-" + number, "+551198765000" + number)), kYes) << i;
    }
    EXPECT_EQ(why(start_for(fixture, "one-more", kOtherPhone)), Code::kRateLimited);
    EXPECT_EQ(why(start_for(fixture, kIdentity, kPhone)), kYes);
    EXPECT_EQ(why(start_for(fixture, kIdentity, kPhone)), Code::kRateLimited);  // All of it is all of it.
  }
}

}  // namespace
}  // namespace countersign::testing
