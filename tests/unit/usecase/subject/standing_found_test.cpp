#include "store/repository/factors.h"
#include "tests/unit/usecase/script.h"
#include "usecase/subject/enrol_on_page.h"
#include "usecase/subject/standing.h"
#include "usecase/verify_api/entity.h"

// Each way in which a payload was once released, or a guard lifted, by somebody who held less than the policy asks for.
// One story each, as it was played then.
namespace countersign::testing {
namespace {

using domain::standing::Counted;
using domain::standing::WhyNot;

/// A person whose first proof was long ago, by her telephone.
void known_person(Fixture& fixture) {
  verify(fixture);
  fixture.wait(hours(24 * 30));
}

/// Proves the current transaction by a text message to the telephone that counts.
void prove_by_sms(Fixture& fixture) {
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
}

// A swapped SIM; an app of the thief's own, enrolled by the API in the middle: one kind, as before.
TEST(Found, A1TwoKindsByOneStolenLineAndAnAppEnrolledInTheMiddle) {
  Fixture fixture;
  known_person(fixture);
  fixture.hold("strict");
  prove_by_sms(fixture);
  fixture.wait(kTick);
  active_factor(fixture);
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code())), Code::kSourceDoesNotCount);
  EXPECT_EQ(fixture.status(), TransactionStatus::kHeld);
  EXPECT_EQ(why(fixture.claim()), Code::kNotVerified);
}

TEST(Found, A1TwoKindsByOneStolenLineAndAMailboxAddedInTheMiddle) {
  Fixture fixture;
  known_person(fixture);
  fixture.hold("strict");
  prove_by_sms(fixture);
  fixture.wait(kTick);
  ASSERT_EQ(why(fixture.add_contact(Channel::kEmail, kEmail)), kYes);
  EXPECT_EQ(why(fixture.start(Channel::kEmail)), Code::kSourceDoesNotCount);
  // Nor in the next hold: it waits, and nobody was told.
  fixture.hold("strict");
  EXPECT_EQ(why(fixture.start(Channel::kEmail)), Code::kSourceDoesNotCount);
  EXPECT_EQ(fixture.counts(Channel::kEmail, kEmail).why_not, WhyNot::kNotTold);
}

std::optional<Code> enrol_by_link(Fixture& fixture) {
  return why(fixture.in([&](store::Tx& tx, Moment& moment) {
    const auto row = store::find_transaction(tx, fixture.account(), fixture.current());
    return usecase::enrol_here({tx, fixture.context(), fixture.caller(), moment}, *row);
  }));
}

// The link of a transaction whose policy names the app alone enrolled one with no proof of anything.
TEST(Found, A2AnAppEnrolledByTheLinkAloneBesideAProvedTelephone) {
  Fixture fixture;
  known_person(fixture);
  fixture.request().contacts.clear();
  fixture.policy("any").any_of = {domain::Method::kTotp};  // It names nothing that she has.
  fixture.policy("any").enrol = {domain::Method::kTotp};
  fixture.policy("any").trust_on_first_use = true;
  fixture.hold("any");
  EXPECT_EQ(enrol_by_link(fixture), Code::kMethodNotAllowed);
  EXPECT_EQ(fixture.count("standings"), 1);
}

TEST(Found, A2NothingIsFoundedByALinkWhereAnAppWasOnceRemoved) {
  Fixture fixture;
  fixture.request().contacts.clear();
  ASSERT_EQ(why(fixture.remove(active_factor(fixture))), kYes);
  fixture.policy("any").enrol = {domain::Method::kTotp};
  fixture.policy("any").trust_on_first_use = true;
  fixture.hold("any");
  EXPECT_EQ(enrol_by_link(fixture), Code::kMethodNotAllowed);
}

std::optional<Code> delete_contact(Fixture& fixture, Channel channel) {
  return why(fixture.in([&](store::Tx& tx, Moment& moment) -> Answer<Done> {
    const auto all =
        usecase::list_contacts({tx, fixture.context(), fixture.caller(), moment}, {std::string(kIdentity)});
    for (const auto& contact : *all) {
      if (contact.channel != channel) continue;
      return usecase::delete_contact({tx, fixture.context(), fixture.caller(), moment}, {std::string(kIdentity)},
                                     contact.id, domain::standing::GoneWhy::kLost);
    }
    return usecase::refuse(Code::kNotFound);
  }));
}

TEST(Found, A3TheWaitIsNotWalkedAroundByRemovingTheOldNumber) {
  Fixture fixture;
  known_person(fixture);
  ASSERT_EQ(delete_contact(fixture, Channel::kSms), kYes);
  fixture.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  fixture.hold();
  EXPECT_EQ(why(fixture.start()), Code::kSourceDoesNotCount);
}

TEST(Found, A3NorByAnotherChannelOfTheNewNumber) {
  for (const auto channel : {Channel::kWhatsapp, Channel::kCall}) {
    Fixture fixture;
    known_person(fixture);
    fixture.request().contacts = {{channel, std::string(kOtherPhone)}};
    fixture.hold();
    EXPECT_EQ(why(fixture.start(channel)), Code::kSourceDoesNotCount);
  }
}

TEST(Found, A3NorByRemovingTheAppAndEnrollingAnother) {
  Fixture fixture;
  fixture.request().contacts.clear();
  const FactorId first = active_factor(fixture);
  fixture.hold();
  ASSERT_EQ(fixture.check_totp(fixture.totp_code())->status, TransactionStatus::kVerified);
  ASSERT_EQ(why(fixture.remove(first)), kYes);
  active_factor(fixture);
  fixture.hold();
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code())), Code::kSourceDoesNotCount);
}

TEST(Found, A3NorByAnEnrolmentBegunBeforeAndConfirmedAfter) {
  Fixture fixture;
  ASSERT_EQ(why(fixture.enrol()), kYes);  // The thief's, before the person had proved anything.
  verify(fixture);
  fixture.wait(minutes(1));
  ASSERT_EQ(why(fixture.confirm()), kYes);
  fixture.wait(minutes(1));
  fixture.hold();
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code())), Code::kSourceDoesNotCount);
}

TEST(Found, A4RemovedBetweenProofAndClaim) {
  Fixture fixture;
  verify(fixture);
  ASSERT_EQ(why(fixture.add_endpoint()), kYes);
  fixture.wait(seconds(1));
  ASSERT_EQ(delete_contact(fixture, Channel::kSms), kYes);
  EXPECT_EQ(fixture.status(), TransactionStatus::kCanceled);
  EXPECT_EQ(why(fixture.claim()), Code::kProofVoided);
  EXPECT_FALSE(fixture.has_payload());
  const auto jobs = fixture.due_deliveries();
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].row.event_type, "transaction.canceled");
  EXPECT_NE(jobs[0].row.body.find(R"("reason":"proof_voided")"), std::string::npos) << jobs[0].row.body;
}

TEST(Found, A4RemovedBetweenTheFirstKindAndTheSecond) {
  Fixture fixture;
  const FactorId app = active_factor(fixture);
  fixture.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  fixture.hold("strict");
  ASSERT_EQ(fixture.check_totp(fixture.totp_code())->status, TransactionStatus::kHeld);
  ASSERT_EQ(why(fixture.remove(app)), kYes);
  EXPECT_EQ(fixture.status(), TransactionStatus::kCanceled);
  EXPECT_EQ(why(fixture.start(Channel::kEmail)), Code::kProofVoided);
}

// Without the sweep over open transactions the claim alone must see it.
TEST(Found, A4TheClaimJudgesAnew) {
  Fixture fixture;
  verify(fixture);
  const auto subject = fixture.row().state.subject;
  fixture.in([&](store::Tx& tx, Moment& moment) {
    static const store::Sql kForget{"UPDATE transactions SET status = 'canceled' WHERE subject_id = ?1"};
    static const store::Sql kBackdate{
        "UPDATE transactions SET status = 'verified', end_reason = NULL, ended_at = NULL"
        " WHERE subject_id = ?1"};
    tx.exec(kForget, {subject});
    auto history = usecase::load_history(tx, fixture.context(), fixture.account(), subject, fixture.service());
    auto ended = domain::standing::end(history, history.bindings.front().source, domain::standing::GoneWhy::kLost, {},
                                       moment.now);
    usecase::settle({tx, fixture.context(), fixture.caller(), moment}, history, *std::move(ended));
    tx.exec(kBackdate, {subject});
    return Done{};
  });
  ASSERT_EQ(fixture.status(), TransactionStatus::kVerified);
  EXPECT_EQ(why(fixture.claim()), Code::kProofVoided);
  EXPECT_EQ(fixture.status(), TransactionStatus::kCanceled);
  EXPECT_FALSE(fixture.has_payload());
}

TEST(Found, A5AnAppByTheApiIsNoFirstUseBesideAProvedTelephone) {
  Fixture fixture;
  known_person(fixture);
  fixture.policy("any").trust_on_first_use = true;
  fixture.hold();
  fixture.wait(kTick);
  active_factor(fixture);
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code())), Code::kSourceDoesNotCount);
}

TEST(Found, A5APolicyGivenInlineHasTheServicesWait) {
  Fixture fixture;
  known_person(fixture);
  domain::Policy inline_policy;
  inline_policy.any_of = {domain::Method::kSms};
  fixture.request().policy = inline_policy;
  fixture.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  fixture.hold();
  EXPECT_EQ(why(fixture.start({fixture.current(), Channel::kSms, std::string(kOtherPhone)})),
            Code::kSourceDoesNotCount);
  ASSERT_EQ(why(fixture.start()), kYes);  // Her own does.
  EXPECT_EQ(fixture.check(fixture.code())->status, TransactionStatus::kVerified);
}

TEST(Found, A5WithMoreThanAHundredContactsHerOwnIsSeen) {
  Fixture fixture;
  known_person(fixture);
  for (int i = 0; i < 105; ++i) {
    ASSERT_EQ(why(fixture.add_contact(Channel::kSms, "+55119" + std::to_string(80'000'000 + i))), kYes) << i;
  }
  fixture.hold();  // With her own number, as ever.
  EXPECT_EQ(fixture.counts(Channel::kSms, kPhone).counted, Counted::kFounding);
  ASSERT_EQ(why(fixture.start()), kYes);
  EXPECT_EQ(fixture.check(fixture.code())->status, TransactionStatus::kVerified);
}

TEST(Found, A6AScratchServicesEntityTakesNothingFromTheLiveOne) {
  Fixture fixture;
  const std::string identity = "organizer-42-long";
  fixture.request().identity = identity;
  fixture.request().contacts.clear();
  active_factor(fixture, identity);
  const auto& other = fixture.settings().account(fixture.account()).services.back().id;
  const auto seen_there = fixture.in([&](store::Tx& tx, Moment& moment) {
    using namespace usecase::verify_api;
    EXPECT_TRUE(create_entity({tx, fixture.context(), fixture.caller(), moment}, other, identity).has_value());
    const auto entity = find_entity({tx, fixture.context(), fixture.caller(), moment}, other, identity);
    const auto seen =
        usecase::verify_api::list_factors({tx, fixture.context(), fixture.caller(), moment}, other, *entity).size();
    EXPECT_TRUE(remove_entity({tx, fixture.context(), fixture.caller(), moment}, other, identity).has_value());
    return seen;
  });
  EXPECT_EQ(seen_there, 0U);
  fixture.hold();
  EXPECT_EQ(fixture.check_totp(fixture.totp_code())->status, TransactionStatus::kVerified);
}

}  // namespace
}  // namespace countersign::testing
