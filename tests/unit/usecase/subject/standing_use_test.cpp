#include "base/json.h"
#include "tests/unit/usecase/script.h"
#include "usecase/subject/standing.h"

// The journeys of docs/standing.md that need more than the rules: what is stored, announced, claimed.
namespace countersign::testing {
namespace {

using domain::standing::Counted;
using domain::standing::WhyNot;

std::optional<Code> give(Fixture& fixture, std::string_view phone, const usecase::ContactTerms& terms = {}) {
  return why(fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::add_contact({tx, fixture.context(), fixture.caller(), moment}, {std::string(kIdentity)},
                                {Channel::kSms, std::string(phone)}, terms);
  }));
}

std::vector<usecase::ContactView> contacts(Fixture& fixture) {
  return *fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::list_contacts({tx, fixture.context(), fixture.caller(), moment}, {std::string(kIdentity)});
  });
}

TEST(Standing, ANumberBySmsAndLaterByWhatsappIsOneLine) {
  Fixture fixture;
  verify(fixture);
  fixture.wait(hours(24 * 30));
  fixture.request().contacts = {{Channel::kWhatsapp, std::string(kPhone)}};
  fixture.hold();
  ASSERT_EQ(why(fixture.start(Channel::kWhatsapp)), kYes);
  EXPECT_EQ(fixture.check(fixture.code())->status, TransactionStatus::kVerified);
  EXPECT_EQ(fixture.history().bindings.size(), 1U);
  // It ends with its last channel.
  for (const bool last : {false, true}) {
    const auto id = contacts(fixture).front().id;
    ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
                return usecase::delete_contact({tx, fixture.context(), fixture.caller(), moment},
                                               {std::string(kIdentity)}, id, domain::standing::GoneWhy::kRemoved);
              })),
              kYes);
    EXPECT_EQ(fixture.history().bindings.front().gone.has_value(), last);
  }
}

TEST(Standing, ALineThatIsLostIsLostByEveryChannel) {
  Fixture fixture;
  fixture.request().contacts.push_back({Channel::kWhatsapp, std::string(kPhone)});
  verify(fixture);
  ASSERT_EQ(contacts(fixture).size(), 2U);
  const auto id = contacts(fixture).front().id;
  ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              return usecase::delete_contact({tx, fixture.context(), fixture.caller(), moment},
                                             {std::string(kIdentity)}, id, domain::standing::GoneWhy::kLost);
            })),
            kYes);
  EXPECT_TRUE(fixture.history().bindings.front().gone.has_value());
  EXPECT_TRUE(contacts(fixture).empty());
}

TEST(Standing, ALaterNumberCountsAfterItsWaitFromANotice) {
  Fixture fixture;
  verify(fixture);
  fixture.wait(hours(48));
  ASSERT_EQ(give(fixture, kOtherPhone), kYes);
  fixture.wait(hours(100));  // Nobody was told: nothing began.
  EXPECT_EQ(fixture.counts(Channel::kSms, kOtherPhone).why_not, WhyNot::kNotTold);
  fixture.tell_all();
  const WallTime told_at = fixture.now();
  EXPECT_EQ(fixture.counts(Channel::kSms, kOtherPhone).counts_from, told_at + hours(72));
  fixture.wait(hours(72) - kTick);
  fixture.hold();
  EXPECT_EQ(why(fixture.start({fixture.current(), Channel::kSms, std::string(kOtherPhone)})),
            Code::kSourceDoesNotCount);
  fixture.wait(kTick);
  fixture.hold();
  ASSERT_EQ(why(fixture.start({fixture.current(), Channel::kSms, std::string(kOtherPhone)})), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  EXPECT_EQ(fixture.row().state.proofs.front().how.counted, Counted::kWaited);
  EXPECT_EQ(fixture.row().state.proofs.front().how.since, told_at + hours(72));
}

TEST(Standing, APolicyLengthensTheWaitAndNeverShortensIt) {
  for (const auto& [wait, counted] :
       std::vector<std::pair<Duration, Counted>>{{hours(1), Counted::kWaited}, {hours(96), Counted::kNot}}) {
    Fixture fixture;
    fixture.policy("any").wait = wait;
    verify(fixture);
    fixture.wait(hours(48));
    ASSERT_EQ(give(fixture, kOtherPhone), kYes);
    fixture.tell_all();
    fixture.wait(hours(73));
    fixture.hold();
    const auto& held = fixture.row().state;
    const auto other = fixture.history().bindings.back().source;
    EXPECT_EQ(usecase::counts_for(fixture.history(), other, held, fixture.now()).counted, counted);
  }
}

// Where nobody can be told, from the webhook that the application answered.
TEST(Standing, TheAcknowledgedWebhookBeginsTheWaitOfSevenDays) {
  Fixture fixture;
  ASSERT_EQ(why(fixture.add_endpoint()), kYes);
  verify(fixture);
  for (const auto& job : fixture.due_deliveries()) fixture.finish(job, delivery::WebhookVerdict::kDelivered, 204);
  fixture.wait(hours(48));
  ASSERT_EQ(give(fixture, kOtherPhone), kYes);
  const auto jobs = fixture.due_deliveries();
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].row.event_type, "subject.source_added");
  EXPECT_EQ(jobs[0].row.body.find(kIdentity), std::string::npos) << jobs[0].row.body;  // Nothing readable at rest.
  const auto sent = parse_json(jobs[0].attempt.body)->as_object().at("data").as_object();
  EXPECT_EQ(json_text(sent, "identity"), kIdentity);
  EXPECT_EQ(json_text(sent, "kind"), "phone");
  EXPECT_EQ(json_text(sent, "binding"), fixture.history().bindings.back().id.text());
  EXPECT_EQ(fixture.counts(Channel::kSms, kOtherPhone).counts_from, std::nullopt);
  fixture.finish(jobs[0], delivery::WebhookVerdict::kDelivered, 204);
  EXPECT_EQ(fixture.counts(Channel::kSms, kOtherPhone).counts_from, fixture.now() + hours(7 * 24));
}

TEST(Standing, TheVeryFirstSourcesTellNobody) {
  Fixture fixture;
  ASSERT_EQ(why(fixture.add_endpoint()), kYes);
  fixture.hold();
  EXPECT_TRUE(fixture.due_deliveries().empty());
  ASSERT_EQ(give(fixture, kOtherPhone), kYes);  // A later one does, founding or not.
  EXPECT_EQ(fixture.due_deliveries().size(), 1U);
}

TEST(Standing, SupportVouchesByAKeyThatMay) {
  Fixture fixture;
  verify(fixture);
  fixture.wait(hours(48));
  EXPECT_EQ(give(fixture, kOtherPhone, {.vouch = true}), Code::kMayNotVouch);
  EXPECT_EQ(fixture.history().bindings.size(), 1U);
  fixture.caller().may_vouch = true;
  ASSERT_EQ(give(fixture, kOtherPhone, {.vouch = true}), kYes);
  fixture.tell_all();
  EXPECT_EQ(fixture.counts(Channel::kSms, kOtherPhone).counts_from, fixture.now() + hours(24));
  fixture.wait(hours(24));
  fixture.hold();
  ASSERT_EQ(why(fixture.start({fixture.current(), Channel::kSms, std::string(kOtherPhone)})), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  const auto claim = fixture.claim();
  ASSERT_EQ(why(claim), kYes);
  EXPECT_NE(claim->receipt_claims.find(R"("counted":"vouched")"), std::string::npos) << claim->receipt_claims;
}

TEST(Standing, AReplacedNumberIsUsedUntilTheNewOneCounts) {
  Fixture fixture;
  verify(fixture);
  fixture.wait(hours(48));
  ASSERT_EQ(give(fixture, kOtherPhone, {.replaces = contacts(fixture).front().id}), kYes);
  fixture.request().contacts.clear();  // Else the hold gives the old one anew.
  fixture.tell_all();
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  EXPECT_EQ(std::get<delivery::OutgoingMessage>(fixture.sent().back().content).to, kPhone);
  EXPECT_EQ(fixture.lapse(), 0);
  fixture.wait(hours(72));
  EXPECT_EQ(fixture.lapse(), 1);  // By the sweeper, when it is due, and once.
  EXPECT_EQ(fixture.lapse(), 0);
  EXPECT_EQ(fixture.history().bindings.front().gone->why, domain::standing::GoneWhy::kReplaced);
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  EXPECT_EQ(std::get<delivery::OutgoingMessage>(fixture.sent().back().content).to, kOtherPhone);
  EXPECT_EQ(contacts(fixture).size(), 1U);
}

Answer<std::vector<usecase::ContactView>> put(Fixture& fixture, const std::vector<usecase::GivenContact>& list,
                                              const usecase::ContactTerms& terms = {}) {
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::put_contacts({tx, fixture.context(), fixture.caller(), moment}, {std::string(kIdentity)}, list,
                                 terms);
  });
}

TEST(Standing, TheWholeListKeepsWhatIsUnchangedAndReplacesTheRest) {
  Fixture fixture;
  fixture.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  verify(fixture);
  fixture.wait(hours(48));
  const usecase::GivenContact email{Channel::kEmail, std::string(kEmail)};
  ASSERT_EQ(why(put(fixture, {email, {Channel::kSms, std::string(kOtherPhone)}})), kYes);
  EXPECT_EQ(fixture.counts(Channel::kEmail, kEmail).counted, Counted::kFounding);
  EXPECT_EQ(fixture.counts(Channel::kSms, kPhone).counted, Counted::kFounding);  // In use until the other counts.
  EXPECT_EQ(fixture.counts(Channel::kSms, kOtherPhone).counted, Counted::kNot);
  ASSERT_EQ(why(put(fixture, {email})), kYes);  // Nothing takes their place: removed.
  EXPECT_EQ(contacts(fixture).size(), 1U);
}

TEST(Standing, WhatTheNewestListHasGoesOnWhateverWasToTakeItsPlace) {
  Fixture fixture;
  verify(fixture);
  fixture.wait(hours(48));
  const usecase::GivenContact phone{Channel::kSms, std::string(kPhone)};
  ASSERT_EQ(why(put(fixture, {{Channel::kSms, std::string(kOtherPhone)}})), kYes);
  fixture.wait(hours(2));
  fixture.tell_all();
  ASSERT_EQ(why(put(fixture, {phone, {Channel::kSms, "+5511976543210"}})), kYes);
  fixture.tell_all();
  fixture.wait(hours(24 * 30));
  EXPECT_EQ(fixture.counts(Channel::kSms, kPhone).counted, Counted::kFounding);
  fixture.lapse();
  EXPECT_EQ(fixture.counts(Channel::kSms, kPhone).counted, Counted::kFounding);
  EXPECT_EQ(contacts(fixture).size(), 2U);
}

TEST(Standing, WhatTheNewestListHasIsBoundAnewWhereItsReplacementCounts) {
  Fixture fixture;
  verify(fixture);
  fixture.wait(hours(48));
  ASSERT_EQ(why(put(fixture, {{Channel::kSms, std::string(kOtherPhone)}})), kYes);
  fixture.tell_all();
  fixture.wait(hours(73));  // The sweeper has not run.
  ASSERT_EQ(why(put(fixture, {{Channel::kSms, std::string(kPhone)}, {Channel::kSms, std::string(kOtherPhone)}})), kYes);
  EXPECT_EQ(contacts(fixture).size(), 2U);
  EXPECT_EQ(fixture.counts(Channel::kSms, kPhone).counted, Counted::kNot);
  EXPECT_EQ(fixture.counts(Channel::kSms, kOtherPhone).counted, Counted::kWaited);
}

TEST(Standing, AnImportIsForWhoWasNeverKnown) {
  Fixture fixture;
  ASSERT_EQ(why(put(fixture, {{Channel::kSms, std::string(kPhone)}}, {.verified = true})), kYes);
  EXPECT_EQ(fixture.counts(Channel::kSms, kPhone).counted, Counted::kFounding);
  ASSERT_EQ(give(fixture, kOtherPhone), kYes);  // Founding is over.
  EXPECT_EQ(fixture.counts(Channel::kSms, kOtherPhone).counted, Counted::kNot);
  EXPECT_EQ(why(put(fixture, {{Channel::kSms, std::string(kPhone)}}, {.verified = true})), Code::kHasHistory);
}

TEST(Standing, ASuspectedLineWaitsAnewForEveryoneWhoHasIt) {
  Fixture fixture;
  verify(fixture);
  fixture.request().identity = "somebody-else";
  verify(fixture);
  ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              const auto listed =
                  usecase::list_contacts({tx, fixture.context(), fixture.caller(), moment}, {std::string(kIdentity)});
              return usecase::suspect_contact({tx, fixture.context(), fixture.caller(), moment}, kIdentity,
                                              listed->front().id);
            })),
            kYes);
  for (const std::string_view identity : {kIdentity, std::string_view("somebody-else")})
    EXPECT_EQ(fixture.counts(Channel::kSms, kPhone, identity).why_not, WhyNot::kNotTold) << identity;
  EXPECT_EQ(why(fixture.claim()), Code::kProofVoided);
}

// One read, and a write only where something changed.
TEST(Standing, WhatDidNotChangeIsNotWritten) {
  Fixture fixture;
  verify(fixture);
  const auto content = [&] {
    return fixture.in([&](store::Tx& tx, Moment&) {
      static const store::Sql kAll{"SELECT content FROM standings"};
      std::string all;
      tx.all(kAll, {}, [&](const store::Row& row) { all += row.text(0); });
      return all;
    });
  };
  const std::string before = content();
  fixture.wait(seconds(1));
  verify(fixture);
  EXPECT_EQ(content(), before);
  EXPECT_EQ(fixture.count("standings"), 1);
}

}  // namespace
}  // namespace countersign::testing
