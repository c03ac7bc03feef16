#include "script.h"
#include "store/repository/factors.h"
#include "usecase/enrol_here.h"
#include "usecase/standing.h"
#include "usecase/verify/entity.h"

// Each way in which a payload was once released, or a guard lifted, by somebody who held less than the policy asks for.
// One story each, as it was played then.
namespace countersign::testing {
namespace {

using domain::standing::Counted;
using domain::standing::WhyNot;

/// A person whose first proof was long ago, by her telephone.
void known_person(House& house) {
  verify(house);
  house.wait(hours(24 * 30));
}

/// Proves the current transaction by a text message to the telephone that counts.
void prove_by_sms(House& house) {
  ASSERT_EQ(why(house.start()), kYes);
  ASSERT_EQ(why(house.check(house.code())), kYes);
}

// A swapped SIM; an app of the thief's own, enrolled by the API in the middle: one kind, as before.
TEST(Found, A1TwoKindsByOneStolenLineAndAnAppEnrolledInTheMiddle) {
  House house;
  known_person(house);
  house.hold("strict");
  prove_by_sms(house);
  house.wait(kTick);
  active_factor(house);
  EXPECT_EQ(why(house.check_totp(house.totp_code())), Code::kSourceDoesNotCount);
  EXPECT_EQ(house.status(), TransactionStatus::kHeld);
  EXPECT_EQ(why(house.claim()), Code::kNotVerified);
}

TEST(Found, A1TwoKindsByOneStolenLineAndAMailboxAddedInTheMiddle) {
  House house;
  known_person(house);
  house.hold("strict");
  prove_by_sms(house);
  house.wait(kTick);
  ASSERT_EQ(why(house.add_contact(Channel::kEmail, kEmail)), kYes);
  EXPECT_EQ(why(house.start(Channel::kEmail)), Code::kSourceDoesNotCount);
  // Nor in the next hold: it waits, and nobody was told.
  house.hold("strict");
  EXPECT_EQ(why(house.start(Channel::kEmail)), Code::kSourceDoesNotCount);
  EXPECT_EQ(house.counts(Channel::kEmail, kEmail).why_not, WhyNot::kNotTold);
}

std::optional<Code> enrol_by_link(House& house) {
  return why(house.in([&](store::Tx& tx, Moment& moment) {
    const auto row = store::find_transaction(tx, house.account(), house.current());
    return usecase::enrol_here(tx, house.context(), house.caller(), *row, moment);
  }));
}

// The link of a transaction whose policy names the app alone enrolled one with no proof of anything.
TEST(Found, A2AnAppEnrolledByTheLinkAloneBesideAProvedTelephone) {
  House house;
  known_person(house);
  house.request().contacts.clear();
  house.policy("any").any_of = {domain::Method::kTotp};  // It names nothing that she has.
  house.policy("any").enrol = {domain::Method::kTotp};
  house.policy("any").trust_on_first_use = true;
  house.hold("any");
  EXPECT_EQ(enrol_by_link(house), Code::kMethodNotAllowed);
  EXPECT_EQ(house.count("standings"), 1);
}

TEST(Found, A2NothingIsFoundedByALinkWhereAnAppWasOnceRemoved) {
  House house;
  house.request().contacts.clear();
  ASSERT_EQ(why(house.remove(active_factor(house))), kYes);
  house.policy("any").enrol = {domain::Method::kTotp};
  house.policy("any").trust_on_first_use = true;
  house.hold("any");
  EXPECT_EQ(enrol_by_link(house), Code::kMethodNotAllowed);
}

std::optional<Code> delete_contact(House& house, Channel channel) {
  return why(house.in([&](store::Tx& tx, Moment& moment) -> Answer<Done> {
    const auto all = usecase::list_contacts(tx, house.context(), house.caller(), {std::string(kIdentity)}, moment.now);
    for (const auto& contact : *all) {
      if (contact.channel != channel) continue;
      return usecase::delete_contact(tx, house.context(), house.caller(), {std::string(kIdentity)}, contact.id,
                                     domain::standing::GoneWhy::kLost, moment);
    }
    return usecase::refuse(Code::kNotFound);
  }));
}

TEST(Found, A3TheWaitIsNotWalkedAroundByRemovingTheOldNumber) {
  House house;
  known_person(house);
  ASSERT_EQ(delete_contact(house, Channel::kSms), kYes);
  house.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  house.hold();
  EXPECT_EQ(why(house.start()), Code::kSourceDoesNotCount);
}

TEST(Found, A3NorByAnotherChannelOfTheNewNumber) {
  for (const auto channel : {Channel::kWhatsapp, Channel::kCall}) {
    House house;
    known_person(house);
    house.request().contacts = {{channel, std::string(kOtherPhone)}};
    house.hold();
    EXPECT_EQ(why(house.start(channel)), Code::kSourceDoesNotCount);
  }
}

TEST(Found, A3NorByRemovingTheAppAndEnrollingAnother) {
  House house;
  house.request().contacts.clear();
  const FactorId first = active_factor(house);
  house.hold();
  ASSERT_EQ(house.check_totp(house.totp_code())->status, TransactionStatus::kVerified);
  ASSERT_EQ(why(house.remove(first)), kYes);
  active_factor(house);
  house.hold();
  EXPECT_EQ(why(house.check_totp(house.totp_code())), Code::kSourceDoesNotCount);
}

TEST(Found, A3NorByAnEnrolmentBegunBeforeAndConfirmedAfter) {
  House house;
  ASSERT_EQ(why(house.enrol()), kYes);  // The thief's, before the person had proved anything.
  verify(house);
  house.wait(minutes(1));
  ASSERT_EQ(why(house.confirm()), kYes);
  house.wait(minutes(1));
  house.hold();
  EXPECT_EQ(why(house.check_totp(house.totp_code())), Code::kSourceDoesNotCount);
}

TEST(Found, A4RemovedBetweenProofAndClaim) {
  House house;
  verify(house);
  ASSERT_EQ(why(house.add_endpoint()), kYes);
  house.wait(seconds(1));
  ASSERT_EQ(delete_contact(house, Channel::kSms), kYes);
  EXPECT_EQ(house.status(), TransactionStatus::kCanceled);
  EXPECT_EQ(why(house.claim()), Code::kProofVoided);
  EXPECT_FALSE(house.has_payload());
  const auto jobs = house.due_deliveries();
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].row.event_type, "transaction.canceled");
  EXPECT_NE(jobs[0].row.body.find(R"("reason":"proof_voided")"), std::string::npos) << jobs[0].row.body;
}

TEST(Found, A4RemovedBetweenTheFirstKindAndTheSecond) {
  House house;
  const FactorId app = active_factor(house);
  house.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  house.hold("strict");
  ASSERT_EQ(house.check_totp(house.totp_code())->status, TransactionStatus::kHeld);
  ASSERT_EQ(why(house.remove(app)), kYes);
  EXPECT_EQ(house.status(), TransactionStatus::kCanceled);
  EXPECT_EQ(why(house.start(Channel::kEmail)), Code::kProofVoided);
}

// Without the sweep over open transactions the claim alone must see it.
TEST(Found, A4TheClaimJudgesAnew) {
  House house;
  verify(house);
  const auto subject = house.row().state.subject;
  house.in([&](store::Tx& tx, Moment& moment) {
    static const store::Sql kForget{"UPDATE transactions SET status = 'canceled' WHERE subject_id = ?1"};
    static const store::Sql kBackdate{
        "UPDATE transactions SET status = 'verified', end_reason = NULL, ended_at = NULL"
        " WHERE subject_id = ?1"};
    tx.exec(kForget, {subject});
    auto history = usecase::load_history(tx, house.context(), house.account(), subject, house.service());
    auto ended = domain::standing::end(history, history.bindings.front().source, domain::standing::GoneWhy::kLost, {},
                                       moment.now);
    usecase::settle(tx, house.context(), house.caller(), history, *std::move(ended), moment);
    tx.exec(kBackdate, {subject});
    return Done{};
  });
  ASSERT_EQ(house.status(), TransactionStatus::kVerified);
  EXPECT_EQ(why(house.claim()), Code::kProofVoided);
  EXPECT_EQ(house.status(), TransactionStatus::kCanceled);
  EXPECT_FALSE(house.has_payload());
}

TEST(Found, A5AnAppByTheApiIsNoFirstUseBesideAProvedTelephone) {
  House house;
  known_person(house);
  house.policy("any").trust_on_first_use = true;
  house.hold();
  house.wait(kTick);
  active_factor(house);
  EXPECT_EQ(why(house.check_totp(house.totp_code())), Code::kSourceDoesNotCount);
}

TEST(Found, A5APolicyGivenInlineHasTheServicesWait) {
  House house;
  known_person(house);
  domain::Policy inline_policy;
  inline_policy.any_of = {domain::Method::kSms};
  house.request().policy = inline_policy;
  house.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  house.hold();
  EXPECT_EQ(why(house.start({house.current(), Channel::kSms, std::string(kOtherPhone)})), Code::kSourceDoesNotCount);
  ASSERT_EQ(why(house.start()), kYes);  // Her own does.
  EXPECT_EQ(house.check(house.code())->status, TransactionStatus::kVerified);
}

TEST(Found, A5WithMoreThanAHundredContactsHerOwnIsSeen) {
  House house;
  known_person(house);
  for (int i = 0; i < 105; ++i) {
    ASSERT_EQ(why(house.add_contact(Channel::kSms, "+55119" + std::to_string(80'000'000 + i))), kYes) << i;
  }
  house.hold();  // With her own number, as ever.
  EXPECT_EQ(house.counts(Channel::kSms, kPhone).counted, Counted::kFounding);
  ASSERT_EQ(why(house.start()), kYes);
  EXPECT_EQ(house.check(house.code())->status, TransactionStatus::kVerified);
}

TEST(Found, A6AScratchServicesEntityTakesNothingFromTheLiveOne) {
  House house;
  const std::string identity = "organizer-42-long";
  house.request().identity = identity;
  house.request().contacts.clear();
  active_factor(house, identity);
  const auto& other = house.settings().account(house.account()).services.back().id;
  const auto seen_there = house.in([&](store::Tx& tx, Moment& moment) {
    using namespace usecase::verify;
    EXPECT_TRUE(create_entity(tx, house.context(), house.caller(), other, identity, moment).has_value());
    const auto entity = find_entity(tx, house.context(), house.caller(), other, identity);
    const auto seen = usecase::verify::list_factors(tx, house.context(), house.caller(), other, *entity).size();
    EXPECT_TRUE(remove_entity(tx, house.context(), house.caller(), other, identity, moment).has_value());
    return seen;
  });
  EXPECT_EQ(seen_there, 0U);
  house.hold();
  EXPECT_EQ(house.check_totp(house.totp_code())->status, TransactionStatus::kVerified);
}

}  // namespace
}  // namespace countersign::testing
