#include "domain/standing/changes.h"
#include "store/repository/standings.h"
#include "tests/unit/usecase/script.h"
#include "usecase/subject/enrol_on_page.h"
#include "usecase/subject/erase.h"
#include "usecase/subject/standing.h"
#include "usecase/verify_api/entity.h"
#include "usecase/verify_api/service.h"

// Several services of one account, several apps of one person: what one of them knows, another may not forget.
namespace countersign::testing {
namespace {

using domain::standing::Counted;
using domain::standing::WhyNot;

std::optional<Code> enrol_by_the_link(Fixture& fixture) {
  return why(fixture.in([&](store::Tx& tx, Moment& moment) {
    const auto row = store::find_transaction(tx, fixture.account(), fixture.current());
    return usecase::enrol_here({tx, fixture.context(), fixture.caller(), moment}, *row);
  }));
}

/// The link of a transaction at another service, whose policy trusts on first use.
void hold_elsewhere_trusting_the_link(Fixture& fixture) {
  fixture.policy("any").enrol = {domain::Method::kTotp};
  fixture.policy("any").trust_on_first_use = true;
  fixture.request().service = "upstream";
  fixture.request().contacts.clear();
  fixture.hold("any");
}

TEST(Corners, TheLinkFoundsNothingForWhomAnotherServiceKnows) {
  Fixture fixture;
  verify(fixture);
  fixture.wait(hours(24 * 30));
  hold_elsewhere_trusting_the_link(fixture);
  EXPECT_EQ(enrol_by_the_link(fixture), Code::kMethodNotAllowed);
}

TEST(Corners, NorForWhomAnotherServiceKnewOnce) {
  Fixture fixture;
  fixture.request().contacts.clear();
  ASSERT_EQ(why(fixture.remove(active_factor(fixture))), kYes);
  hold_elsewhere_trusting_the_link(fixture);
  EXPECT_EQ(enrol_by_the_link(fixture), Code::kMethodNotAllowed);
}

TEST(Corners, AServiceThatWasConfiguredAfterAnErasureFoundsNothing) {
  Fixture fixture;
  verify(fixture);
  auto& services = fixture.settings().accounts.at(fixture.account()).services;
  const auto later = services.back();
  services.pop_back();
  ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              return usecase::ask_for_erasure({tx, fixture.context(), fixture.caller(), moment}, kIdentity);
            })),
            kYes);
  fixture.wait(hours(72));
  fixture.expire();
  ASSERT_EQ(fixture.in([&](store::Tx& tx, Moment& m) { return usecase::erase_due(tx, fixture.context(), 10, m); }), 1);
  services.push_back(later);
  fixture.wait(seconds(1));
  fixture.request().service = "upstream";
  fixture.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  fixture.hold("any");
  EXPECT_EQ(why(fixture.start()), Code::kSourceDoesNotCount);
  fixture.request().contacts.clear();
  hold_elsewhere_trusting_the_link(fixture);
  EXPECT_EQ(enrol_by_the_link(fixture), Code::kMethodNotAllowed);
}

std::optional<Code> put_list(Fixture& fixture, const std::vector<usecase::GivenContact>& list,
                             const std::string& service = "") {
  return why(fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::put_contacts({tx, fixture.context(), fixture.caller(), moment}, {std::string(kIdentity), service},
                                 list, {});
  }));
}

/// As a version without histories would have left it.
void forget_histories(Fixture& fixture) {
  fixture.in([&](store::Tx& tx, Moment&) {
    static const store::Sql kForget{"DELETE FROM standings"};
    static const store::Sql kContacts{"UPDATE contacts SET service_id = NULL"};
    tx.exec(kForget, {});
    tx.exec(kContacts, {});
    return Done{};
  });
}

TEST(Corners, AListForOneServiceLetsNoOtherForgetWhatWasThereBeforeTheUpgrade) {
  Fixture fixture;
  verify(fixture);
  forget_histories(fixture);
  fixture.wait(hours(24 * 30));
  ASSERT_EQ(put_list(fixture, {}), kYes);
  fixture.wait(seconds(1));
  fixture.request().service = "upstream";
  fixture.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  fixture.hold();
  EXPECT_EQ(why(fixture.start({fixture.current(), Channel::kSms, std::string(kOtherPhone)})),
            Code::kSourceDoesNotCount);
  EXPECT_EQ(why(fixture.start()), kYes);  // Her own counts there as ever.
}

// The application gave the new number with a hold, and writes the list later.
TEST(Corners, AListWithANumberThatWaitsAlreadyLeavesTheOldOneInUse) {
  Fixture fixture;
  verify(fixture);
  fixture.wait(hours(24 * 30));
  fixture.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  fixture.hold();
  fixture.tell_all();
  fixture.request().contacts.clear();
  fixture.wait(hours(1));
  ASSERT_EQ(put_list(fixture, {{Channel::kSms, std::string(kOtherPhone)}}), kYes);
  fixture.hold();
  EXPECT_TRUE(fixture.counts(Channel::kSms, kPhone).own());
  EXPECT_EQ(why(fixture.start()), kYes);
  fixture.wait(hours(72));
  fixture.lapse();
  EXPECT_EQ(fixture.counts(Channel::kSms, kPhone).why_not, WhyNot::kGone);
  EXPECT_TRUE(fixture.counts(Channel::kSms, kOtherPhone).own());
}

TEST(Corners, AListWithoutOneOfTwoThatCountRemovesIt) {
  Fixture fixture;
  fixture.request().contacts.push_back({Channel::kSms, std::string(kOtherPhone)});
  fixture.hold();
  ASSERT_EQ(why(fixture.start({fixture.current(), Channel::kSms, std::string(kOtherPhone)})), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  ASSERT_EQ(put_list(fixture, {{Channel::kSms, std::string(kPhone)}}), kYes);
  EXPECT_EQ(why(fixture.claim()), Code::kProofVoided);
}

TEST(Corners, AppsOfAScratchServiceLeaveRoomForThoseOfTheLiveOne) {
  Fixture fixture;
  const std::string identity = "organizer-42-long";
  usecase::Caller tester = fixture.caller();
  tester.test_only = true;
  fixture.in([&](store::Tx& tx, Moment& moment) {
    using namespace usecase::verify_api;
    const auto scratch = create_service({tx, fixture.context(), tester, moment}, {{"friendly_name", "Scratch"}});
    EXPECT_TRUE(scratch.has_value());
    for (int i = 0; i < 100; ++i) {
      EXPECT_TRUE(
          create_factor({tx, fixture.context(), tester, moment}, scratch->settings.id, identity, {}).has_value());
    }
    return Done{};
  });
  EXPECT_EQ(why(fixture.enrol(identity)), kYes);
}

TEST(Corners, ARepeatHidesNoAppThatCountsAsItsOwn) {
  Fixture fixture;
  fixture.settings().accounts.at(fixture.account()).services.front().standing.max_min_kinds = 1;
  active_factor(fixture);
  verify(fixture);
  const Id line = fixture.row().state.proofs.front().source;
  fixture.wait(hours(24));
  const std::string hers = fixture.totp_code(4);
  // Whoever holds her line adds an app by it.
  ASSERT_EQ(why(fixture.enrol()), kYes);
  const FactorId added = fixture.factor();
  const auto confirmed = fixture.in([&](store::Tx& tx, Moment& moment) {
    usecase::ConfirmTerms terms{usecase::BindFactor::kAdded, {{domain::Method::kSms, line, moment.now}}};
    return usecase::confirm_factor({tx, fixture.context(), fixture.caller(), moment}, kIdentity, added,
                                   SecretString(fixture.totp_code()), terms);
  });
  ASSERT_EQ(why(confirmed), kYes);
  fixture.wait(seconds(120));
  ASSERT_EQ(fixture.counts(added.id).counted, Counted::kRepeat);
  fixture.request().contacts.clear();
  fixture.hold();
  const auto approved = fixture.check_totp(hers);
  ASSERT_EQ(why(approved), kYes);
  EXPECT_EQ(approved->status, TransactionStatus::kVerified);
}

}  // namespace
}  // namespace countersign::testing
