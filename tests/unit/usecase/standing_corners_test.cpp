#include "domain/standing/changes.h"
#include "script.h"
#include "store/repository/standings.h"
#include "usecase/enrol_here.h"
#include "usecase/erase.h"
#include "usecase/standing.h"
#include "usecase/verify/entity.h"
#include "usecase/verify/service.h"

// Several services of one account, several apps of one person: what one of them knows, another may not forget.
namespace countersign::testing {
namespace {

using domain::standing::Counted;
using domain::standing::WhyNot;

std::optional<Code> enrol_by_the_link(House& house) {
  return why(house.in([&](store::Tx& tx, Moment& moment) {
    const auto row = store::find_transaction(tx, house.account(), house.current());
    return usecase::enrol_here(tx, house.context(), house.caller(), *row, moment);
  }));
}

/// The link of a transaction at another service, whose policy trusts on first use.
void hold_elsewhere_trusting_the_link(House& house) {
  house.policy("any").enrol = {domain::Method::kTotp};
  house.policy("any").trust_on_first_use = true;
  house.request().service = "upstream";
  house.request().contacts.clear();
  house.hold("any");
}

TEST(Corners, TheLinkFoundsNothingForWhomAnotherServiceKnows) {
  House house;
  verify(house);
  house.wait(hours(24 * 30));
  hold_elsewhere_trusting_the_link(house);
  EXPECT_EQ(enrol_by_the_link(house), Code::kMethodNotAllowed);
}

TEST(Corners, NorForWhomAnotherServiceKnewOnce) {
  House house;
  house.request().contacts.clear();
  ASSERT_EQ(why(house.remove(active_factor(house))), kYes);
  hold_elsewhere_trusting_the_link(house);
  EXPECT_EQ(enrol_by_the_link(house), Code::kMethodNotAllowed);
}

TEST(Corners, AServiceThatWasConfiguredAfterAnErasureFoundsNothing) {
  House house;
  verify(house);
  auto& services = house.settings().accounts.at(house.account()).services;
  const auto later = services.back();
  services.pop_back();
  ASSERT_EQ(why(house.in([&](store::Tx& tx, Moment& moment) {
              return usecase::ask_for_erasure(tx, house.context(), house.caller(), kIdentity, moment);
            })),
            kYes);
  house.wait(hours(72));
  house.expire();
  ASSERT_EQ(house.in([&](store::Tx& tx, Moment& m) { return usecase::erase_due(tx, house.context(), 10, m); }), 1);
  services.push_back(later);
  house.wait(seconds(1));
  house.request().service = "upstream";
  house.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  house.hold("any");
  EXPECT_EQ(why(house.start()), Code::kSourceDoesNotCount);
  house.request().contacts.clear();
  hold_elsewhere_trusting_the_link(house);
  EXPECT_EQ(enrol_by_the_link(house), Code::kMethodNotAllowed);
}

std::optional<Code> put_list(House& house, const std::vector<usecase::GivenContact>& list,
                             const std::string& service = "") {
  return why(house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::put_contacts(tx, house.context(), house.caller(), {std::string(kIdentity), service}, list, {},
                                 moment);
  }));
}

/// As a version without histories would have left it.
void forget_histories(House& house) {
  house.in([&](store::Tx& tx, Moment&) {
    static const store::Sql kForget{"DELETE FROM standings"};
    static const store::Sql kContacts{"UPDATE contacts SET service_id = NULL"};
    tx.exec(kForget, {});
    tx.exec(kContacts, {});
    return Done{};
  });
}

TEST(Corners, AListForOneServiceLetsNoOtherForgetWhatWasThereBeforeTheUpgrade) {
  House house;
  verify(house);
  forget_histories(house);
  house.wait(hours(24 * 30));
  ASSERT_EQ(put_list(house, {}), kYes);
  house.wait(seconds(1));
  house.request().service = "upstream";
  house.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  house.hold();
  EXPECT_EQ(why(house.start({house.current(), Channel::kSms, std::string(kOtherPhone)})), Code::kSourceDoesNotCount);
  EXPECT_EQ(why(house.start()), kYes);  // Her own counts there as ever.
}

// The application gave the new number with a hold, and writes the list later.
TEST(Corners, AListWithANumberThatWaitsAlreadyLeavesTheOldOneInUse) {
  House house;
  verify(house);
  house.wait(hours(24 * 30));
  house.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  house.hold();
  house.tell_all();
  house.request().contacts.clear();
  house.wait(hours(1));
  ASSERT_EQ(put_list(house, {{Channel::kSms, std::string(kOtherPhone)}}), kYes);
  house.hold();
  EXPECT_TRUE(house.counts(Channel::kSms, kPhone).own());
  EXPECT_EQ(why(house.start()), kYes);
  house.wait(hours(72));
  house.lapse();
  EXPECT_EQ(house.counts(Channel::kSms, kPhone).why_not, WhyNot::kGone);
  EXPECT_TRUE(house.counts(Channel::kSms, kOtherPhone).own());
}

TEST(Corners, AListWithoutOneOfTwoThatCountRemovesIt) {
  House house;
  house.request().contacts.push_back({Channel::kSms, std::string(kOtherPhone)});
  house.hold();
  ASSERT_EQ(why(house.start({house.current(), Channel::kSms, std::string(kOtherPhone)})), kYes);
  ASSERT_EQ(why(house.check(house.code())), kYes);
  ASSERT_EQ(put_list(house, {{Channel::kSms, std::string(kPhone)}}), kYes);
  EXPECT_EQ(why(house.claim()), Code::kProofVoided);
}

TEST(Corners, AppsOfAScratchServiceLeaveRoomForThoseOfTheLiveOne) {
  House house;
  const std::string identity = "organizer-42-long";
  usecase::Caller tester = house.caller();
  tester.test_only = true;
  house.in([&](store::Tx& tx, Moment& moment) {
    using namespace usecase::verify;
    const auto scratch = create_service(tx, house.context(), tester, {{"friendly_name", "Scratch"}}, moment);
    EXPECT_TRUE(scratch.has_value());
    for (int i = 0; i < 100; ++i) {
      EXPECT_TRUE(create_factor(tx, house.context(), tester, scratch->settings.id, identity, {}, moment).has_value());
    }
    return Done{};
  });
  EXPECT_EQ(why(house.enrol(identity)), kYes);
}

TEST(Corners, ARepeatHidesNoAppThatCountsAsItsOwn) {
  House house;
  house.settings().accounts.at(house.account()).services.front().standing.max_min_kinds = 1;
  active_factor(house);
  verify(house);
  const Id line = house.row().state.proofs.front().source;
  house.wait(hours(24));
  const std::string hers = house.totp_code(4);
  // Whoever holds her line adds an app by it.
  ASSERT_EQ(why(house.enrol()), kYes);
  const FactorId added = house.factor();
  const auto confirmed = house.in([&](store::Tx& tx, Moment& moment) {
    usecase::ConfirmTerms terms{usecase::BindFactor::kAdded, {{domain::Method::kSms, line, moment.now}}};
    return usecase::confirm_factor(tx, house.context(), house.caller(), kIdentity, added,
                                   SecretString(house.totp_code()), moment, terms);
  });
  ASSERT_EQ(why(confirmed), kYes);
  house.wait(seconds(120));
  ASSERT_EQ(house.counts(added.id).counted, Counted::kRepeat);
  house.request().contacts.clear();
  house.hold();
  const auto approved = house.check_totp(hers);
  ASSERT_EQ(why(approved), kYes);
  EXPECT_EQ(approved->status, TransactionStatus::kVerified);
}

}  // namespace
}  // namespace countersign::testing
