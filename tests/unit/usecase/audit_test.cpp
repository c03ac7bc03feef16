#include "script.h"
#include "usecase/unlock.h"

// Every change of state has its event, written in the database transaction that it describes. [LOG-5]
namespace countersign::testing {
namespace {

using Types = std::vector<std::string>;

Types all_types(House& house) {
  Types types;
  for (const auto& event : house.all_events()) types.push_back(event.type);
  return types;
}

TEST(Audit, TheWholeLifeOfATransaction) {
  House house;
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  guess_wrong(house, 1);
  house.wait(seconds(30));
  ASSERT_EQ(why(house.start()), kYes);
  ASSERT_EQ(why(house.check(house.code())), kYes);
  const auto claimed = house.claim();
  static_cast<void>(house.claim());  // The same answer again is no change.
  ASSERT_EQ(why(house.ack(claimed->fencing_token)), kYes);
  EXPECT_EQ(house.events(),
            (Types{"transaction.held", "verification.started", "check.failed", "verification.resent", "check.approved",
                   "transaction.verified", "transaction.claimed", "transaction.released"}));
}

TEST(Audit, TheOtherEnds) {
  House house;
  house.hold();
  ASSERT_EQ(why(house.cancel()), kYes);
  EXPECT_EQ(house.events(), (Types{"transaction.held", "transaction.canceled"}));
  house.hold();
  ASSERT_EQ(why(house.deny()), kYes);
  EXPECT_EQ(house.events(), (Types{"transaction.held", "transaction.denied"}));
  house.hold();
  house.wait(hours(1));
  house.expire();
  EXPECT_EQ(house.events(), (Types{"transaction.held", "transaction.expired"}));
}

TEST(Audit, FactorsContactsAndEndpoints) {
  House house;
  active_factor(house);
  ASSERT_EQ(why(house.confirm()), Code::kFactorUnusable);
  house.hold();
  static_cast<void>(house.check_totp(house.totp_code(50)));
  ASSERT_EQ(why(house.check_totp(house.totp_code())), kYes);
  ASSERT_EQ(why(house.remove(house.factor())), kYes);
  const auto contact = house.add_contact(Channel::kSms, kOtherPhone);
  ASSERT_EQ(why(house.in([&](store::Tx& tx, Moment& moment) {
              return usecase::unlock_contact(tx, house.context(), house.caller(), kIdentity, contact->id, moment);
            })),
            kYes);
  ASSERT_EQ(why(house.in([&](store::Tx& tx, Moment& moment) {
              return usecase::delete_contact(tx, house.context(), house.caller(), {std::string(kIdentity)}, contact->id,
                                             domain::standing::GoneWhy::kLost, moment);
            })),
            kYes);
  const auto endpoint = house.add_endpoint();
  ASSERT_EQ(why(house.in([&](store::Tx& tx, Moment& moment) {
              return usecase::remove_endpoint(tx, house.context(), house.caller(), endpoint->endpoint.id, moment);
            })),
            kYes);
  EXPECT_EQ(all_types(house), (Types{"factor.enrolled",
                                     "factor.confirmed",
                                     "source.added",
                                     "source.added",
                                     "transaction.held",
                                     "factor.code_wrong",
                                     "check.approved",
                                     "transaction.verified",
                                     "source.lost",
                                     "notice.queued",
                                     "transaction.canceled",
                                     "factor.removed",
                                     "contact.added",
                                     "source.added",
                                     "notice.queued",
                                     "contact.unlocked",
                                     "source.lost",
                                     "notice.queued",
                                     "contact.removed",
                                     "webhook_endpoint.added",
                                     "webhook_endpoint.removed"}));
}

TEST(Audit, SaysWhoAndFromWhereWithoutNamingThePlace) {
  House house;
  house.caller().end_user = IpAddress::parse("203.0.113.7");
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  house.caller().end_user = IpAddress::parse("203.0.113.8");
  guess_wrong(house, 1);
  const auto events = house.all_events();
  ASSERT_EQ(events.size(), 4U);  // The source, the hold, the start, the check.
  for (const auto& event : events) {
    EXPECT_EQ(event.actor, "api:test");
    EXPECT_EQ(event.request_id, "request-1");
    ASSERT_TRUE(event.source_index);
    EXPECT_EQ(event.source_index->find(house.caller().end_user->bytes()), std::string::npos);
  }
  EXPECT_EQ(events[0].source_index, events[1].source_index);
  EXPECT_EQ(events[1].source_index, events[2].source_index);
  EXPECT_NE(events[2].source_index, events[3].source_index);
}

TEST(Audit, NothingPersonalIsInIt) {
  House house;
  active_factor(house);
  house.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  house.hold("strict");
  ASSERT_EQ(why(house.start()), kYes);
  guess_wrong(house, 1);
  ASSERT_EQ(why(house.check(house.code())), kYes);
  ASSERT_EQ(why(house.check_totp(house.totp_code())), kYes);
  ASSERT_EQ(why(house.add_endpoint()), kYes);
  for (const auto& event : house.all_events()) {
    for (const std::string_view secret :
         {kPhone, kEmail, kIdentity, kPayload, std::string_view("Casa do Samba"), std::string_view("shop.example")}) {
      EXPECT_EQ(event.data.find(secret), std::string::npos) << event.type << ' ' << event.data;
    }
    EXPECT_TRUE(parse_json(event.data)) << event.data;
  }
}

TEST(Audit, IdsGrowAlsoWithinOneInstantAndWithAClockSetBack) {
  House house;
  for (int i = 0; i < 20; ++i) house.hold();
  house.clock().jump(-hours(2));
  for (int i = 0; i < 20; ++i) house.hold();
  const auto events = house.all_events();
  ASSERT_EQ(events.size(), 41U);  // The first hold also gives the contact.
  for (std::size_t i = 1; i < events.size(); ++i) EXPECT_LT(events[i - 1].id, events[i].id);
}

TEST(Audit, WhatIsRolledBackHasNoEvent) {
  House house;
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  const auto before = house.all_events().size();
  house.in([&](store::Tx& tx, Moment& moment) {
    auto answer = usecase::check(tx, house.context(), house.caller(),
                                 {house.current(), SecretString(house.code()), {}, {}}, moment);
    EXPECT_EQ(why(answer), kYes);
    tx.abandon();
    return Done{};
  });
  EXPECT_EQ(house.all_events().size(), before);
  EXPECT_EQ(house.status(), TransactionStatus::kHeld);
  EXPECT_EQ(why(house.check(house.code())), kYes);
}

}  // namespace
}  // namespace countersign::testing
