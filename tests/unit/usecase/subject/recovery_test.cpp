// Long because a set of codes goes through every part: making, keeping, using, replacing, telling.
#include "usecase/subject/recovery.h"

#include <set>

#include "base/ascii.h"
#include "notices/post.h"
#include "store/repository/recovery_codec.h"
#include "store/repository/subjects.h"
#include "usecase/outbox/webhooks.h"
#include "usecase/subject/enrol_on_page.h"
#include "usecase/subject/objections.h"
#include "usecase/subject/person_page.h"
#include "usecase/subject/show.h"
#include "usecase/subject/standing.h"

// Recovery codes: a set is made, kept, used up, replaced. [BKP-1, BKP-2, BKP-3, STD-10]
namespace countersign::testing {
namespace {

using domain::Method;
using domain::standing::Counted;
using domain::standing::Missing;
using domain::standing::WhyNot;

class Recovery : public ::testing::Test {
 protected:
  Recovery() {
    auto& service = fixture.settings().accounts.at(fixture.account()).services.front();
    service.objection = "support: 0800 123 4567";
    for (const char* name : {"any", "strict"}) {
      fixture.policy(name).any_of.add(Method::kRecoveryCode);
      fixture.policy(name).enrol = {Method::kTotp, Method::kRecoveryCode};
    }
    unlimited(fixture);
    fixture.request().expires_in = hours(24);
  }

  usecase::NewCodes make() {
    auto made = fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::make_recovery_codes({tx, fixture.context(), fixture.caller(), moment},
                                          {std::string(kIdentity), "on paper"});
    });
    EXPECT_TRUE(made);
    return *std::move(made);
  }
  Answer<usecase::FactorView> confirm(const FactorId& id, std::optional<SecretString> code = {}) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::confirm_factor({tx, fixture.context(), fixture.caller(), moment}, kIdentity, id, code);
    });
  }
  /// A set that the application gave and the person keeps.
  usecase::NewCodes kept() {
    auto made = make();
    EXPECT_EQ(why(confirm(made.id)), kYes);
    fixture.wait(seconds(1));  // It is bound after what is held at that instant.
    return made;
  }
  /// Held under "strict", with the telephone given and proved.
  void hold_and_prove_phone() {
    fixture.hold("strict");
    ASSERT_EQ(why(fixture.start()), kYes);
    ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  }
  Answer<usecase::Approved> use(const SecretString& code, std::string_view factor = "recovery_code") {
    return fixture.check_totp(code.expose(), factor);
  }
  std::vector<usecase::FactorView> factors() {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::list_factors({tx, fixture.context(), fixture.caller(), moment}, kIdentity);
    });
  }
  std::optional<usecase::NewCodes> shown(const FactorId& id) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::waiting_codes({tx, fixture.context(), fixture.caller(), moment}, kIdentity, id);
    });
  }
  store::FactorRow row_of(const FactorId& id) {
    return fixture.in([&](store::Tx& tx, Moment&) {
      const auto subject = store::find_subject(tx, fixture.context().vault, fixture.account(), kIdentity);
      return *store::find_factor(tx, fixture.account(), *subject, id);
    });
  }

  Fixture fixture;
};

TEST_F(Recovery, ASetIsTenCodesThatAreShownUntilSheKeepsThem) {
  fixture.hold();
  const auto made = make();
  ASSERT_EQ(made.codes.size(), 10U);
  std::set<std::string> different;
  for (const auto& code : made.codes) different.insert(code.expose());
  EXPECT_EQ(different.size(), 10U);
  const auto again = shown(made.id);
  ASSERT_TRUE(again);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(again->codes[i].expose(), made.codes[i].expose());
  EXPECT_EQ(factors().front().status, domain::FactorStatus::kUnconfirmed);

  const auto confirmed = confirm(made.id);
  ASSERT_EQ(why(confirmed), kYes);
  EXPECT_EQ(confirmed->type, Method::kRecoveryCode);
  EXPECT_EQ(confirmed->codes_left, 10U);
  EXPECT_FALSE(shown(made.id));
  EXPECT_FALSE(row_of(made.id).secret_sealed) << "only digests are left";
  EXPECT_EQ(why(confirm(made.id)), Code::kFactorUnusable);
}

TEST_F(Recovery, WhatIsStoredAreKeyedDigestsEachWithItsSalt) {
  fixture.hold();
  const auto made = kept();
  const auto row = row_of(made.id);
  const auto& vault = fixture.context().vault;
  const auto set = usecase::recovery_set_of(vault, row);
  std::set<std::string> salts;
  for (std::size_t i = 0; i < 10; ++i) {
    salts.insert(set.codes[i].salt);
    const std::string code =
        made.codes[i].expose().substr(0, 5) + made.codes[i].expose().substr(6, 5) + made.codes[i].expose().substr(12);
    EXPECT_EQ(store::open_material(vault, row).expose().find(code), std::string::npos);
    EXPECT_EQ(set.codes[i].digest, usecase::recovery_digest(vault, row.state, set.codes[i].salt, SecretString(code)));
  }
  EXPECT_EQ(salts.size(), 10U);
}

TEST_F(Recovery, IsConfirmedWithoutACodeAndInTime) {
  fixture.hold();
  const auto made = make();
  const auto refused = confirm(made.id, made.codes[0]);
  EXPECT_EQ(why(refused), Code::kInvalidField);
  EXPECT_EQ(refused.error().field, "code");
  fixture.wait(fixture.settings().factor_confirm_within);
  EXPECT_EQ(why(confirm(made.id)), Code::kFactorUnusable);
  EXPECT_FALSE(shown(made.id));
  // An app's confirmation still takes its code.
  ASSERT_EQ(why(fixture.enrol()), kYes);
  EXPECT_EQ(confirm(fixture.factor()).error().field, "code");
}

TEST_F(Recovery, ACodeOfASetThatIsNotKeptProvesNothing) {
  fixture.hold();
  const auto made = make();
  hold_and_prove_phone();
  EXPECT_EQ(why(use(made.codes[0])), Code::kWrongCode);
  EXPECT_EQ(fixture.status(), TransactionStatus::kHeld);
}

TEST_F(Recovery, EachCodeWorksOnceBesideAnotherKind) {
  fixture.hold();
  const auto set = kept();
  for (std::size_t i = 0; i < 10; ++i) {
    hold_and_prove_phone();
    if (i > 0) {
      EXPECT_EQ(why(use(set.codes[i - 1])), Code::kWrongCode);
    }
    ASSERT_EQ(use(set.codes[i])->status, TransactionStatus::kVerified) << i;
    EXPECT_EQ(factors().front().codes_left, 9 - i);
  }
  hold_and_prove_phone();
  for (const auto& code : set.codes) EXPECT_EQ(why(use(code)), Code::kWrongCode);
  EXPECT_EQ(count_events(fixture, "factor.code_used"), 10);
}

TEST_F(Recovery, CodesAloneApproveNothing) {
  fixture.hold();
  ASSERT_EQ(why(fixture.add_contact(Channel::kEmail, kEmail)), kYes);
  const auto set = kept();
  fixture.hold("any");
  const auto approved = use(set.codes[0]);
  ASSERT_EQ(why(approved), kYes);
  EXPECT_EQ(approved->status, TransactionStatus::kHeld);
  EXPECT_EQ(approved->judgement.missing, Missing::kStrongerMethod);
  ASSERT_EQ(use(set.codes[1])->status, TransactionStatus::kHeld) << "another of them is the same proof";
  // Nor with a mailbox, which may not stand alone either.
  fixture.hold("strict");
  ASSERT_EQ(why(use(set.codes[2])), kYes);
  ASSERT_EQ(why(fixture.start(Channel::kEmail)), kYes);
  EXPECT_EQ(fixture.check(fixture.code())->status, TransactionStatus::kHeld);
}

TEST_F(Recovery, AreAskedForByNameOrByTheIdOfTheSetAndReadHoweverTyped) {
  fixture.hold();
  const auto set = kept();
  hold_and_prove_phone();
  const auto short_one = use(SecretString("7K3QM"));
  EXPECT_EQ(why(short_one), Code::kInvalidField);
  EXPECT_EQ(row_of(set.id).state.failures.consecutive, 0) << "no guess";
  ASSERT_EQ(why(use(SecretString(" " + lower_case(set.codes[0].expose()) + "\n"), set.id.text())), kYes);
  EXPECT_EQ(fixture.status(), TransactionStatus::kVerified);
}

TEST_F(Recovery, OnlyWhereThePolicyNamesThem) {
  fixture.hold();
  const auto set = kept();
  fixture.policy("strict").any_of = {Method::kSms, Method::kTotp};
  hold_and_prove_phone();
  EXPECT_EQ(why(use(set.codes[0])), Code::kMethodNotAllowed);
  EXPECT_EQ(why(use(set.codes[0], set.id.text())), Code::kMethodNotAllowed);
}

TEST_F(Recovery, WrongCodesLockTheSetAndARightOneForgetsThem) {
  fixture.limits().failures = {5, seconds(30), hours(1), 100};
  fixture.hold();
  const auto set = kept();
  hold_and_prove_phone();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(why(use(SecretString("0000000000ZZZZZ"))), Code::kWrongCode);
  EXPECT_EQ(why(use(set.codes[0])), Code::kLocked);
  EXPECT_EQ(count_events(fixture, "factor.code_wrong"), 5);
  fixture.wait(seconds(30));
  ASSERT_EQ(use(set.codes[0])->status, TransactionStatus::kVerified);
  EXPECT_EQ(row_of(set.id).state.failures, domain::Failures{});
}

TEST_F(Recovery, AUseIsToldToContactsAndApplicationWithWhatIsLeft) {
  ASSERT_TRUE(fixture.add_endpoint());
  known_person(fixture);
  const auto set = kept();
  fixture.tell_all();
  fixture.wait(hours(73));
  static_cast<void>(post_all(fixture));
  static_cast<void>(fixture.due_deliveries());
  hold_and_prove_phone();
  ASSERT_EQ(use(set.codes[0])->status, TransactionStatus::kVerified);
  const auto told = due_notices(fixture);
  ASSERT_EQ(recipients(told), std::vector<std::string>{std::string(kPhone)});
  EXPECT_NE(told[0].message.body.find("a recovery code of your account was used (9 left)"), std::string::npos);
  std::string webhook;
  for (const auto& job : fixture.due_deliveries()) {
    if (job.row.event_type == "subject.recovery_code_used") webhook = job.attempt.body;
  }
  EXPECT_NE(webhook.find(R"("codes_left":9)"), std::string::npos) << webhook;
  EXPECT_NE(webhook.find(R"("renew":false)"), std::string::npos) << webhook;
  EXPECT_NE(webhook.find(set.id.text()), std::string::npos) << webhook;
  EXPECT_NE(webhook.find(kIdentity), std::string::npos) << webhook;
}

// Beyond what she may get in a day, the uses are told together, as changes are: none is kept from her. [STD-7]
TEST_F(Recovery, UsesBeyondTheCeilingAreToldTogether) {
  known_person(fixture);
  const auto set = kept();
  fixture.tell_all();
  fixture.wait(hours(73));
  static_cast<void>(post_all(fixture));
  fixture.settings().notices_per_contact.max = 1;
  for (const std::size_t i : {0U, 1U, 2U}) {
    hold_and_prove_phone();
    ASSERT_EQ(use(set.codes[i])->status, TransactionStatus::kVerified);
    fixture.wait(minutes(1));
  }
  const auto told = post_all(fixture);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_NE(told[0].message.body.find("a recovery code of your account was used (9 left)"), std::string::npos);
  fixture.wait(hours(24));
  const auto later = post_all(fixture);
  ASSERT_EQ(later.size(), 1U);
  EXPECT_NE(later[0].message.body.find("recovery codes of your account were used (2)"), std::string::npos)
      << later[0].message.body;
}

TEST_F(Recovery, ANewSetWaitsAndTheOldOneWorksUntilItCounts) {
  known_person(fixture);
  const auto first = kept();
  fixture.tell_all();
  fixture.wait(hours(73));
  ASSERT_TRUE(fixture.counts(first.id.id).own());
  const auto second = kept();
  fixture.tell_all();
  EXPECT_EQ(fixture.counts(second.id.id).why_not, WhyNot::kWaits);
  hold_and_prove_phone();
  EXPECT_EQ(why(use(second.codes[0])), Code::kWrongCode) << "it is judged by the set that counts";
  EXPECT_EQ(why(use(second.codes[0], second.id.text())), Code::kSourceDoesNotCount);
  EXPECT_EQ(use(first.codes[0])->status, TransactionStatus::kVerified);

  fixture.wait(hours(72));
  fixture.lapse();
  hold_and_prove_phone();
  EXPECT_EQ(why(use(first.codes[1])), Code::kWrongCode);
  EXPECT_EQ(use(second.codes[0])->status, TransactionStatus::kVerified);
  const auto old = row_of(first.id);
  EXPECT_EQ(old.state.status, domain::FactorStatus::kRemoved);
  EXPECT_FALSE(old.material_sealed) << "nothing is left of a void set";
  EXPECT_EQ(factors().size(), 1U);
}

// For a policy that waits longer, the old set works until the new one counts for that policy. [STD-8]
TEST_F(Recovery, WhereAPolicyWaitsLongerTheOldSetWorksLonger) {
  fixture.policy("strict").wait = hours(7 * 24);
  known_person(fixture);
  const auto first = kept();
  fixture.tell_all();
  fixture.wait(hours(10 * 24));
  const auto second = kept();
  fixture.tell_all();
  fixture.wait(hours(73));
  fixture.lapse();
  hold_and_prove_phone();
  EXPECT_EQ(why(use(second.codes[0], second.id.text())), Code::kSourceDoesNotCount);
  EXPECT_EQ(use(first.codes[0])->status, TransactionStatus::kVerified);
  fixture.wait(hours(5 * 24));
  hold_and_prove_phone();
  EXPECT_EQ(why(use(first.codes[1])), Code::kWrongCode);
  ASSERT_EQ(why(use(second.codes[0])), kYes);
  const auto third = kept();  // Any later change of hers.
  EXPECT_EQ(row_of(first.id).state.status, domain::FactorStatus::kRemoved);
  EXPECT_FALSE(row_of(first.id).material_sealed);
}

TEST_F(Recovery, LosingASetEndsItAndVoidsWhatItProved) {
  fixture.hold();
  const auto set = kept();
  hold_and_prove_phone();
  ASSERT_EQ(use(set.codes[0])->status, TransactionStatus::kVerified);
  ASSERT_EQ(why(fixture.remove(set.id)), kYes);
  EXPECT_EQ(fixture.status(), TransactionStatus::kCanceled);
  EXPECT_FALSE(row_of(set.id).material_sealed);
  hold_and_prove_phone();
  EXPECT_EQ(why(use(set.codes[1])), Code::kWrongCode);
}

TEST_F(Recovery, SetsThatNobodyKeepsHideNothing) {
  fixture.hold();
  const auto set = kept();
  ASSERT_EQ(why(fixture.enrol()), kYes);
  ASSERT_EQ(why(fixture.confirm()), kYes);
  for (int times = 0; times < 3; ++times) {
    for (int i = 0; i < 90; ++i) static_cast<void>(make());
    fixture.wait(fixture.settings().factor_confirm_within);
  }
  const auto living = factors();
  EXPECT_EQ(std::ranges::count(living, domain::FactorStatus::kActive, &usecase::FactorView::status), 2);
  EXPECT_TRUE(std::ranges::is_sorted(living, std::greater(), &usecase::FactorView::id)) << "newest first";
  hold_and_prove_phone();
  EXPECT_EQ(use(set.codes[0])->status, TransactionStatus::kVerified);
}

/// The operation on the page.
class MakingOnThePage : public Recovery {
 protected:
  std::optional<Code> begin(Method method = Method::kRecoveryCode) {
    const auto begun = fixture.in([&](store::Tx& tx, Moment& moment) {
      const auto row = store::find_transaction(tx, fixture.account(), fixture.current());
      return usecase::begin_addition({tx, fixture.context(), fixture.caller(), moment}, *row,
                                     {"https://verify.example.com/verify/x", "en", method});
    });
    if (begun) fixture.use(begun->id);
    fixture.caller().actor = "person";
    return why(begun);
  }
  Answer<usecase::NewCodes> make_here() {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      const auto row = store::find_transaction(tx, fixture.account(), fixture.current());
      return usecase::make_codes_here({tx, fixture.context(), fixture.caller(), moment}, *row);
    });
  }
  std::optional<Code> enrol_here() {
    return why(fixture.in([&](store::Tx& tx, Moment& moment) {
      const auto row = store::find_transaction(tx, fixture.account(), fixture.current());
      return usecase::enrol_here({tx, fixture.context(), fixture.caller(), moment}, *row);
    }));
  }
  std::optional<Code> confirm_here(const FactorId& id) {
    return why(fixture.in([&](store::Tx& tx, Moment& moment) {
      const auto row = store::find_transaction(tx, fixture.account(), fixture.current());
      return usecase::confirm_here({tx, fixture.context(), fixture.caller(), moment}, *row, id, "", std::nullopt);
    }));
  }
  usecase::PersonView view() {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      const auto row = store::find_transaction(tx, fixture.account(), fixture.current());
      return usecase::view_for_person(tx, fixture.context(), *row, moment.now);
    });
  }
  void as_application() { fixture.caller().actor = "api:test"; }
  void by_sms() {
    ASSERT_EQ(why(fixture.start()), kYes);
    ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  }
};

TEST_F(MakingOnThePage, TakesAnApprovalOfItsOwnAndTheSetCountsAsARepeatFromTheNextHoldOn) {
  known_person(fixture);
  const auto before = fixture.hold("strict");
  ASSERT_EQ(begin(), kYes);
  EXPECT_EQ(view().display.title, "New recovery codes");
  EXPECT_EQ(view().adds, Method::kRecoveryCode);
  EXPECT_EQ(why(make_here()), Code::kMethodNotAllowed) << "nothing was proved in it yet";
  by_sms();
  EXPECT_EQ(enrol_here(), Code::kMethodNotAllowed) << "she approved codes, not an app";
  const auto made = make_here();
  ASSERT_EQ(why(made), kYes);
  ASSERT_EQ(confirm_here(made->id), kYes);
  EXPECT_EQ(fixture.status(), TransactionStatus::kReleased);
  as_application();
  fixture.wait(seconds(1));
  EXPECT_EQ(fixture.counts(made->id.id).counted, Counted::kRepeat);

  // Not for what was held before; and afterwards no second kind beside the telephone that made it.
  fixture.use(before);
  by_sms();
  EXPECT_EQ(why(use(made->codes[0])), Code::kSourceDoesNotCount);
  hold_and_prove_phone();
  ASSERT_EQ(why(use(made->codes[0])), kYes);
  EXPECT_EQ(fixture.status(), TransactionStatus::kHeld);
  // Told to nobody but the telephone that made it, so only the webhook lets it count.
  EXPECT_EQ(fixture.counts(made->id.id).counted, Counted::kRepeat);
}

TEST_F(MakingOnThePage, ASetThatRepeatsTheTelephoneDoesNotHideTheOneThatCounts) {
  known_person(fixture);
  const auto first = kept();
  fixture.tell_all();
  fixture.wait(hours(73));
  fixture.hold("strict");
  ASSERT_EQ(begin(), kYes);
  by_sms();
  const auto second = make_here();
  ASSERT_EQ(why(second), kYes);
  ASSERT_EQ(confirm_here(second->id), kYes);
  as_application();
  fixture.wait(seconds(1));
  ASSERT_EQ(fixture.counts(second->id.id).counted, Counted::kRepeat);

  hold_and_prove_phone();
  const auto way_of = [](const usecase::PersonView& seen) {
    const auto way = std::ranges::find(seen.ways, Method::kRecoveryCode, &usecase::Way::method);
    return way == seen.ways.end() ? usecase::Way{} : *way;
  };
  EXPECT_EQ(way_of(view()).id, first.id.text());
  EXPECT_TRUE(way_of(view()).completes);
  // A code of the new set was no second kind; the old set still is one.
  ASSERT_EQ(why(use(second->codes[0])), kYes);
  ASSERT_EQ(fixture.status(), TransactionStatus::kHeld);
  EXPECT_TRUE(view().reachable);
  EXPECT_EQ(way_of(view()).id, first.id.text());
  EXPECT_EQ(use(first.codes[0])->status, TransactionStatus::kVerified);
}

TEST_F(MakingOnThePage, AnOperationForAnAppMakesNoCodes) {
  known_person(fixture);
  fixture.hold();
  ASSERT_EQ(begin(Method::kTotp), kYes);
  by_sms();
  EXPECT_EQ(why(make_here()), Code::kMethodNotAllowed);
  as_application();
  const auto set = make();  // By the application, for the same person: not what she approved.
  fixture.caller().actor = "person";
  EXPECT_EQ(confirm_here(set.id), Code::kNotFound);
}

TEST_F(MakingOnThePage, MakesTwentyInAnHour) {
  known_person(fixture);
  fixture.hold("strict");
  ASSERT_EQ(begin(), kYes);
  by_sms();
  for (int i = 0; i < 20; ++i) ASSERT_EQ(why(make_here()), kYes) << i;
  EXPECT_EQ(why(make_here()), Code::kRateLimited);
}

TEST_F(MakingOnThePage, CodesAloneAddNothing) {
  fixture.request().contacts.clear();
  fixture.hold();
  const auto set = kept();
  fixture.hold("any");
  EXPECT_EQ(begin(), Code::kMethodNotAllowed);
  EXPECT_EQ(begin(Method::kTotp), Code::kMethodNotAllowed);
}

TEST_F(MakingOnThePage, IsOfferedToWhoHasNoneOrFew) {
  known_person(fixture);
  fixture.hold();
  EXPECT_TRUE(view().offers_codes);
  const auto set = kept();
  fixture.tell_all();
  fixture.wait(hours(73));
  fixture.hold();
  EXPECT_FALSE(view().offers_codes);
  EXPECT_TRUE(view().may_add_codes);
  for (std::size_t i = 0; i < 8; ++i) {
    hold_and_prove_phone();
    ASSERT_EQ(use(set.codes[i])->status, TransactionStatus::kVerified);
    EXPECT_EQ(view().codes_left, 9 - i);
  }
  EXPECT_TRUE(view().offers_codes);
}

TEST_F(MakingOnThePage, ASetThatWasDroppedIsNoneThatSheHas) {
  known_person(fixture);
  const auto set = kept();
  fixture.hold();
  EXPECT_FALSE(view().offers_codes);
  const auto dropped = fixture.in([&](store::Tx& tx, Moment& moment) {
    const usecase::Work work{tx, fixture.context(), fixture.caller(), moment};
    const usecase::SubjectAt her{std::string(kIdentity), ""};
    const auto history = usecase::history_of(work, her);
    const auto binding = domain::standing::own_living(*history, set.id.id)->id;
    EXPECT_TRUE(usecase::object_to_source(work, her, binding));
    return why(usecase::decide_about_source(work, her, binding, false));
  });
  ASSERT_EQ(dropped, kYes);
  fixture.hold();
  EXPECT_TRUE(view().offers_codes);
}

TEST_F(MakingOnThePage, TheWayNamesTheSetThatCountsAndWhenANewerOneWill) {
  known_person(fixture);
  const auto first = kept();
  fixture.tell_all();
  fixture.wait(hours(73));
  const auto second = kept();
  fixture.tell_all();
  fixture.hold("strict");
  const auto seen = view();
  const auto way = std::ranges::find(seen.ways, Method::kRecoveryCode, &usecase::Way::method);
  ASSERT_NE(way, seen.ways.end());
  EXPECT_EQ(way->id, first.id.text());
  EXPECT_TRUE(way->counts);
  EXPECT_FALSE(way->completes);
  EXPECT_EQ(way->codes_left, 10U);
  EXPECT_EQ(way->newer_from, fixture.now() + hours(72));
  EXPECT_EQ(std::ranges::count(seen.ways, Method::kRecoveryCode, &usecase::Way::method), 1);
}

}  // namespace
}  // namespace countersign::testing
