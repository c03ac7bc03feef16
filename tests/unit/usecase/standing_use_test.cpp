#include "base/json.h"
#include "script.h"
#include "usecase/standing.h"

// The journeys of docs/standing.md that need more than the rules: what is stored, announced, claimed.
namespace countersign::testing {
namespace {

using domain::standing::Counted;
using domain::standing::WhyNot;

std::optional<Code> give(House& house, std::string_view phone, const usecase::ContactTerms& terms = {}) {
  return why(house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::add_contact(tx, house.context(), house.caller(), {std::string(kIdentity)},
                                {Channel::kSms, std::string(phone)}, terms, moment);
  }));
}

std::vector<usecase::ContactView> contacts(House& house) {
  return *house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::list_contacts(tx, house.context(), house.caller(), {std::string(kIdentity)}, moment.now);
  });
}

TEST(Standing, ANumberBySmsAndLaterByWhatsappIsOneLine) {
  House house;
  verify(house);
  house.wait(hours(24 * 30));
  house.request().contacts = {{Channel::kWhatsapp, std::string(kPhone)}};
  house.hold();
  ASSERT_EQ(why(house.start(Channel::kWhatsapp)), kYes);
  EXPECT_EQ(house.check(house.code())->status, TransactionStatus::kVerified);
  EXPECT_EQ(house.history().bindings.size(), 1U);
  // It ends with its last channel.
  for (const bool last : {false, true}) {
    const auto id = contacts(house).front().id;
    ASSERT_EQ(why(house.in([&](store::Tx& tx, Moment& moment) {
                return usecase::delete_contact(tx, house.context(), house.caller(), {std::string(kIdentity)}, id,
                                               domain::standing::GoneWhy::kRemoved, moment);
              })),
              kYes);
    EXPECT_EQ(house.history().bindings.front().gone.has_value(), last);
  }
}

TEST(Standing, ALineThatIsLostIsLostByEveryChannel) {
  House house;
  house.request().contacts.push_back({Channel::kWhatsapp, std::string(kPhone)});
  verify(house);
  ASSERT_EQ(contacts(house).size(), 2U);
  const auto id = contacts(house).front().id;
  ASSERT_EQ(why(house.in([&](store::Tx& tx, Moment& moment) {
              return usecase::delete_contact(tx, house.context(), house.caller(), {std::string(kIdentity)}, id,
                                             domain::standing::GoneWhy::kLost, moment);
            })),
            kYes);
  EXPECT_TRUE(house.history().bindings.front().gone.has_value());
  EXPECT_TRUE(contacts(house).empty());
}

TEST(Standing, ALaterNumberCountsAfterItsWaitFromANotice) {
  House house;
  verify(house);
  house.wait(hours(48));
  ASSERT_EQ(give(house, kOtherPhone), kYes);
  house.wait(hours(100));  // Nobody was told: nothing began.
  EXPECT_EQ(house.counts(Channel::kSms, kOtherPhone).why_not, WhyNot::kNotTold);
  house.tell_all();
  const WallTime told_at = house.now();
  EXPECT_EQ(house.counts(Channel::kSms, kOtherPhone).counts_from, told_at + hours(72));
  house.wait(hours(72) - kTick);
  house.hold();
  EXPECT_EQ(why(house.start({house.current(), Channel::kSms, std::string(kOtherPhone)})), Code::kSourceDoesNotCount);
  house.wait(kTick);
  house.hold();
  ASSERT_EQ(why(house.start({house.current(), Channel::kSms, std::string(kOtherPhone)})), kYes);
  ASSERT_EQ(why(house.check(house.code())), kYes);
  EXPECT_EQ(house.row().state.proofs.front().how.counted, Counted::kWaited);
  EXPECT_EQ(house.row().state.proofs.front().how.since, told_at + hours(72));
}

TEST(Standing, APolicyLengthensTheWaitAndNeverShortensIt) {
  for (const auto& [wait, counted] :
       std::vector<std::pair<Duration, Counted>>{{hours(1), Counted::kWaited}, {hours(96), Counted::kNot}}) {
    House house;
    house.policy("any").wait = wait;
    verify(house);
    house.wait(hours(48));
    ASSERT_EQ(give(house, kOtherPhone), kYes);
    house.tell_all();
    house.wait(hours(73));
    house.hold();
    const auto& held = house.row().state;
    const auto other = house.history().bindings.back().source;
    EXPECT_EQ(usecase::counts_for(house.history(), other, held, house.now()).counted, counted);
  }
}

// Where nobody can be told, from the webhook that the application answered.
TEST(Standing, TheAcknowledgedWebhookBeginsTheWaitOfSevenDays) {
  House house;
  ASSERT_EQ(why(house.add_endpoint()), kYes);
  verify(house);
  for (const auto& job : house.due_deliveries()) house.finish(job, delivery::WebhookVerdict::kDelivered, 204);
  house.wait(hours(48));
  ASSERT_EQ(give(house, kOtherPhone), kYes);
  const auto jobs = house.due_deliveries();
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].row.event_type, "subject.source_added");
  EXPECT_EQ(jobs[0].row.body.find(kIdentity), std::string::npos) << jobs[0].row.body;  // Nothing readable at rest.
  const auto sent = parse_json(jobs[0].attempt.body)->as_object().at("data").as_object();
  EXPECT_EQ(json_text(sent, "identity"), kIdentity);
  EXPECT_EQ(json_text(sent, "kind"), "phone");
  EXPECT_EQ(json_text(sent, "binding"), house.history().bindings.back().id.text());
  EXPECT_EQ(house.counts(Channel::kSms, kOtherPhone).counts_from, std::nullopt);
  house.finish(jobs[0], delivery::WebhookVerdict::kDelivered, 204);
  EXPECT_EQ(house.counts(Channel::kSms, kOtherPhone).counts_from, house.now() + hours(7 * 24));
}

TEST(Standing, TheVeryFirstSourcesTellNobody) {
  House house;
  ASSERT_EQ(why(house.add_endpoint()), kYes);
  house.hold();
  EXPECT_TRUE(house.due_deliveries().empty());
  ASSERT_EQ(give(house, kOtherPhone), kYes);  // A later one does, founding or not.
  EXPECT_EQ(house.due_deliveries().size(), 1U);
}

TEST(Standing, SupportVouchesByAKeyThatMay) {
  House house;
  verify(house);
  house.wait(hours(48));
  EXPECT_EQ(give(house, kOtherPhone, {.vouch = true}), Code::kMayNotVouch);
  EXPECT_EQ(house.history().bindings.size(), 1U);
  house.caller().may_vouch = true;
  ASSERT_EQ(give(house, kOtherPhone, {.vouch = true}), kYes);
  house.tell_all();
  EXPECT_EQ(house.counts(Channel::kSms, kOtherPhone).counts_from, house.now() + hours(24));
  house.wait(hours(24));
  house.hold();
  ASSERT_EQ(why(house.start({house.current(), Channel::kSms, std::string(kOtherPhone)})), kYes);
  ASSERT_EQ(why(house.check(house.code())), kYes);
  const auto claim = house.claim();
  ASSERT_EQ(why(claim), kYes);
  EXPECT_NE(claim->receipt_claims.find(R"("counted":"vouched")"), std::string::npos) << claim->receipt_claims;
}

TEST(Standing, AReplacedNumberIsUsedUntilTheNewOneCounts) {
  House house;
  verify(house);
  house.wait(hours(48));
  ASSERT_EQ(give(house, kOtherPhone, {.replaces = contacts(house).front().id}), kYes);
  house.request().contacts.clear();  // Else the hold gives the old one anew.
  house.tell_all();
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  EXPECT_EQ(std::get<delivery::OutgoingMessage>(house.sent().back().content).to, kPhone);
  EXPECT_EQ(house.lapse(), 0);
  house.wait(hours(72));
  EXPECT_EQ(house.lapse(), 1);  // By the sweeper, when it is due, and once.
  EXPECT_EQ(house.lapse(), 0);
  EXPECT_EQ(house.history().bindings.front().gone->why, domain::standing::GoneWhy::kReplaced);
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  EXPECT_EQ(std::get<delivery::OutgoingMessage>(house.sent().back().content).to, kOtherPhone);
  EXPECT_EQ(contacts(house).size(), 1U);
}

Answer<std::vector<usecase::ContactView>> put(House& house, const std::vector<usecase::GivenContact>& list,
                                              const usecase::ContactTerms& terms = {}) {
  return house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::put_contacts(tx, house.context(), house.caller(), {std::string(kIdentity)}, list, terms, moment);
  });
}

TEST(Standing, TheWholeListKeepsWhatIsUnchangedAndReplacesTheRest) {
  House house;
  house.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  verify(house);
  house.wait(hours(48));
  const usecase::GivenContact email{Channel::kEmail, std::string(kEmail)};
  ASSERT_EQ(why(put(house, {email, {Channel::kSms, std::string(kOtherPhone)}})), kYes);
  EXPECT_EQ(house.counts(Channel::kEmail, kEmail).counted, Counted::kFounding);
  EXPECT_EQ(house.counts(Channel::kSms, kPhone).counted, Counted::kFounding);  // In use until the other counts.
  EXPECT_EQ(house.counts(Channel::kSms, kOtherPhone).counted, Counted::kNot);
  ASSERT_EQ(why(put(house, {email})), kYes);  // Nothing takes their place: removed.
  EXPECT_EQ(contacts(house).size(), 1U);
}

TEST(Standing, WhatTheNewestListHasGoesOnWhateverWasToTakeItsPlace) {
  House house;
  verify(house);
  house.wait(hours(48));
  const usecase::GivenContact phone{Channel::kSms, std::string(kPhone)};
  ASSERT_EQ(why(put(house, {{Channel::kSms, std::string(kOtherPhone)}})), kYes);
  house.wait(hours(2));
  house.tell_all();
  ASSERT_EQ(why(put(house, {phone, {Channel::kSms, "+5511976543210"}})), kYes);
  house.tell_all();
  house.wait(hours(24 * 30));
  EXPECT_EQ(house.counts(Channel::kSms, kPhone).counted, Counted::kFounding);
  house.lapse();
  EXPECT_EQ(house.counts(Channel::kSms, kPhone).counted, Counted::kFounding);
  EXPECT_EQ(contacts(house).size(), 2U);
}

TEST(Standing, WhatTheNewestListHasIsBoundAnewWhereItsReplacementCounts) {
  House house;
  verify(house);
  house.wait(hours(48));
  ASSERT_EQ(why(put(house, {{Channel::kSms, std::string(kOtherPhone)}})), kYes);
  house.tell_all();
  house.wait(hours(73));  // The sweeper has not run.
  ASSERT_EQ(why(put(house, {{Channel::kSms, std::string(kPhone)}, {Channel::kSms, std::string(kOtherPhone)}})), kYes);
  EXPECT_EQ(contacts(house).size(), 2U);
  EXPECT_EQ(house.counts(Channel::kSms, kPhone).counted, Counted::kNot);
  EXPECT_EQ(house.counts(Channel::kSms, kOtherPhone).counted, Counted::kWaited);
}

TEST(Standing, AnImportIsForWhoWasNeverKnown) {
  House house;
  ASSERT_EQ(why(put(house, {{Channel::kSms, std::string(kPhone)}}, {.verified = true})), kYes);
  EXPECT_EQ(house.counts(Channel::kSms, kPhone).counted, Counted::kFounding);
  ASSERT_EQ(give(house, kOtherPhone), kYes);  // Founding is over.
  EXPECT_EQ(house.counts(Channel::kSms, kOtherPhone).counted, Counted::kNot);
  EXPECT_EQ(why(put(house, {{Channel::kSms, std::string(kPhone)}}, {.verified = true})), Code::kHasHistory);
}

TEST(Standing, ASuspectedLineWaitsAnewForEveryoneWhoHasIt) {
  House house;
  verify(house);
  house.request().identity = "somebody-else";
  verify(house);
  ASSERT_EQ(why(house.in([&](store::Tx& tx, Moment& moment) {
              const auto listed =
                  usecase::list_contacts(tx, house.context(), house.caller(), {std::string(kIdentity)}, moment.now);
              return usecase::suspect_contact(tx, house.context(), house.caller(), kIdentity, listed->front().id,
                                              moment);
            })),
            kYes);
  for (const std::string_view identity : {kIdentity, std::string_view("somebody-else")})
    EXPECT_EQ(house.counts(Channel::kSms, kPhone, identity).why_not, WhyNot::kNotTold) << identity;
  EXPECT_EQ(why(house.claim()), Code::kProofVoided);
}

// One read, and a write only where something changed.
TEST(Standing, WhatDidNotChangeIsNotWritten) {
  House house;
  verify(house);
  const auto content = [&] {
    return house.in([&](store::Tx& tx, Moment&) {
      static const store::Sql kAll{"SELECT content FROM standings"};
      std::string all;
      tx.all(kAll, {}, [&](const store::Row& row) { all += row.text(0); });
      return all;
    });
  };
  const std::string before = content();
  house.wait(seconds(1));
  verify(house);
  EXPECT_EQ(content(), before);
  EXPECT_EQ(house.count("standings"), 1);
}

}  // namespace
}  // namespace countersign::testing
