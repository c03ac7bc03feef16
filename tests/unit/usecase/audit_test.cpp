#include "tests/unit/usecase/script.h"
#include "usecase/subject/unlock.h"
#include "usecase/verify_api/entity.h"

// Every change of state has its event, written in the database transaction that it describes. [LOG-5]
namespace countersign::testing {
namespace {

using Types = std::vector<std::string>;

Types all_types(Fixture& fixture) {
  Types types;
  for (const auto& event : fixture.all_events()) types.push_back(event.type);
  return types;
}

TEST(Audit, TheWholeLifeOfATransaction) {
  Fixture fixture;
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  guess_wrong(fixture, 1);
  fixture.wait(seconds(30));
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  const auto claimed = fixture.claim();
  static_cast<void>(fixture.claim());  // The same answer again is no change.
  ASSERT_EQ(why(fixture.ack(claimed->fencing_token)), kYes);
  EXPECT_EQ(fixture.events(),
            (Types{"transaction.held", "verification.started", "check.failed", "verification.resent", "check.approved",
                   "transaction.verified", "transaction.claimed", "transaction.released"}));
}

TEST(Audit, TheOtherEnds) {
  Fixture fixture;
  fixture.hold();
  ASSERT_EQ(why(fixture.cancel()), kYes);
  EXPECT_EQ(fixture.events(), (Types{"transaction.held", "transaction.canceled"}));
  fixture.hold();
  ASSERT_EQ(why(fixture.deny()), kYes);
  EXPECT_EQ(fixture.events(), (Types{"transaction.held", "transaction.denied"}));
  fixture.hold();
  fixture.wait(hours(1));
  fixture.expire();
  EXPECT_EQ(fixture.events(), (Types{"transaction.held", "transaction.expired"}));
}

TEST(Audit, FactorsContactsAndEndpoints) {
  Fixture fixture;
  active_factor(fixture);
  ASSERT_EQ(why(fixture.confirm()), Code::kFactorUnusable);
  fixture.hold();
  static_cast<void>(fixture.check_totp(fixture.totp_code(50)));
  ASSERT_EQ(why(fixture.check_totp(fixture.totp_code())), kYes);
  ASSERT_EQ(why(fixture.remove(fixture.factor())), kYes);
  const auto contact = fixture.add_contact(Channel::kSms, kOtherPhone);
  ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              return usecase::unlock_contact({tx, fixture.context(), fixture.caller(), moment}, kIdentity, contact->id);
            })),
            kYes);
  ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              return usecase::delete_contact({tx, fixture.context(), fixture.caller(), moment},
                                             {std::string(kIdentity)}, contact->id, domain::standing::GoneWhy::kLost);
            })),
            kYes);
  const auto endpoint = fixture.add_endpoint();
  ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              return usecase::remove_endpoint({tx, fixture.context(), fixture.caller(), moment}, endpoint->endpoint.id);
            })),
            kYes);
  EXPECT_EQ(all_types(fixture), (Types{"factor.enrolled",
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

TEST(Audit, AFactorWithAnotherNameOrOtherMetadata) {
  namespace v = usecase::verify_api;
  Fixture fixture;
  const auto service = fixture.context().settings.account(fixture.account()).services.front().id;
  const auto made = fixture.in([&](store::Tx& tx, Moment& moment) {
    return v::create_factor({tx, fixture.context(), fixture.caller(), moment}, service, std::string(kIdentity),
                            {"My phone", {}, {}, 1, {}});
  });
  ASSERT_TRUE(made);
  const auto change = [&](const FactorId& factor, const v::FactorChange& wanted) {
    return fixture
        .in([&](store::Tx& tx, Moment& moment) {
          return v::update_factor({tx, fixture.context(), fixture.caller(), moment}, service, made->entity, factor,
                                  wanted);
        })
        .has_value();
  };
  const FactorId id = made->factor.row.state.id;
  EXPECT_TRUE(change(id, {"Casa do Samba", {}, {}}));
  EXPECT_TRUE(change(id, {{}, {}, json::object{{"shop", "shop.example"}}}));
  EXPECT_TRUE(change(id, {}));  // Asks for no change.
  EXPECT_EQ(all_types(fixture), (Types{"entity.created", "factor.enrolled", "factor.updated", "factor.updated"}));
  const auto event = fixture.all_events().back();
  EXPECT_EQ(event.subject, made->entity.id);
  EXPECT_EQ(event.data, "{\"factor\":\"" + id.text() + "\"}");
  ASSERT_EQ(why(fixture.enrol()), kYes);  // By the native API.
  EXPECT_TRUE(change(fixture.factor(), {{}, {}, json::object{{"os", "Android"}}}));
  EXPECT_EQ(fixture.all_events().back().data, "{\"factor\":\"" + fixture.factor().text() + "\"}");
  EXPECT_EQ(all_types(fixture).back(), "factor.updated");
}

TEST(Audit, SaysWhoAndFromWhereWithoutNamingThePlace) {
  Fixture fixture;
  fixture.caller().end_user = IpAddress::parse("203.0.113.7");
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  fixture.caller().end_user = IpAddress::parse("203.0.113.8");
  guess_wrong(fixture, 1);
  const auto events = fixture.all_events();
  ASSERT_EQ(events.size(), 4U);  // The source, the hold, the start, the check.
  for (const auto& event : events) {
    EXPECT_EQ(event.actor, "api:test");
    EXPECT_EQ(event.request_id, "request-1");
    ASSERT_TRUE(event.source_index);
    EXPECT_EQ(event.source_index->find(fixture.caller().end_user->bytes()), std::string::npos);
  }
  EXPECT_EQ(events[0].source_index, events[1].source_index);
  EXPECT_EQ(events[1].source_index, events[2].source_index);
  EXPECT_NE(events[2].source_index, events[3].source_index);
}

TEST(Audit, NothingPersonalIsInIt) {
  Fixture fixture;
  active_factor(fixture);
  fixture.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  fixture.hold("strict");
  ASSERT_EQ(why(fixture.start()), kYes);
  guess_wrong(fixture, 1);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  ASSERT_EQ(why(fixture.check_totp(fixture.totp_code())), kYes);
  ASSERT_EQ(why(fixture.add_endpoint()), kYes);
  for (const auto& event : fixture.all_events()) {
    for (const std::string_view secret :
         {kPhone, kEmail, kIdentity, kPayload, std::string_view("Casa do Samba"), std::string_view("shop.example")}) {
      EXPECT_EQ(event.data.find(secret), std::string::npos) << event.type << ' ' << event.data;
    }
    EXPECT_TRUE(parse_json(event.data)) << event.data;
  }
}

TEST(Audit, IdsGrowAlsoWithinOneInstantAndWithAClockSetBack) {
  Fixture fixture;
  for (int i = 0; i < 20; ++i) fixture.hold();
  fixture.clock().jump(-hours(2));
  for (int i = 0; i < 20; ++i) fixture.hold();
  const auto events = fixture.all_events();
  ASSERT_EQ(events.size(), 41U);  // The first hold also gives the contact.
  for (std::size_t i = 1; i < events.size(); ++i) EXPECT_LT(events[i - 1].id, events[i].id);
}

TEST(Audit, WhatIsRolledBackHasNoEvent) {
  Fixture fixture;
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  const auto before = fixture.all_events().size();
  fixture.in([&](store::Tx& tx, Moment& moment) {
    auto answer = usecase::check({tx, fixture.context(), fixture.caller(), moment},
                                 {fixture.current(), SecretString(fixture.code()), {}, {}});
    EXPECT_EQ(why(answer), kYes);
    tx.abandon();
    return Done{};
  });
  EXPECT_EQ(fixture.all_events().size(), before);
  EXPECT_EQ(fixture.status(), TransactionStatus::kHeld);
  EXPECT_EQ(why(fixture.check(fixture.code())), kYes);
}

}  // namespace
}  // namespace countersign::testing
