#include "usecase/subject/methods_page.h"

#include "base/encoding.h"
#include "methods_person.h"
#include "usecase/subject/decide_on_page.h"
#include "usecase/subject/person_page.h"
#include "webauthn/response_json.h"

// The page on which a person manages the own methods: what it shows, and that each change takes an operation of its
// own, proved by sources that count. [STD-4, STD-6]
namespace countersign::testing {
namespace {

using domain::Method;

TEST_F(MethodsPage, ShowsWhatIsMaskedAndWhatCounts) {
  const auto shown = view();
  ASSERT_EQ(shown.methods.size(), 4U);
  std::vector<domain::Kind> kinds;
  for (const auto& method : shown.methods) kinds.push_back(method.kind);
  EXPECT_EQ(kinds, (std::vector{domain::Kind::kPasskey, domain::Kind::kAuthenticator, domain::Kind::kPhone,
                                domain::Kind::kEmail}));
  EXPECT_EQ(shown.methods[0].name, "Security key");
  EXPECT_EQ(shown.methods[0].synced, false);
  EXPECT_EQ(shown.methods[2].masked.find("987654321"), std::string::npos);
  EXPECT_EQ(shown.methods[2].channels, std::vector{Channel::kSms});
  for (const auto& method : shown.methods) EXPECT_TRUE(method.counts.own());
  EXPECT_TRUE(shown.methods[0].may_be_removed);
  EXPECT_FALSE(shown.methods[2].may_be_removed) << "the application's";
  EXPECT_TRUE(shown.may_add_passkey && shown.may_add_app && shown.may_add_codes);
}

// [STD-6]
TEST_F(MethodsPage, TheLinkIsNoTransaction) {
  fixture.use(page);
  EXPECT_EQ(why(fixture.start()), Code::kNotFound);
  EXPECT_EQ(why(fixture.deny()), Code::kNotFound);
  EXPECT_EQ(why(fixture.claim()), Code::kNotFound);
  EXPECT_EQ(why(holder.ask()), Code::kNotFound);
  EXPECT_TRUE(fixture.row().state.policy.any_of.empty());
}

TEST_F(MethodsPage, TheLinkIsOpenForHalfAnHour) {
  const BindingId id = passkey();
  fixture.wait(usecase::kMethodsPageLife - kTick);
  EXPECT_EQ(begin(id, MethodChange::kRemove), kYes);
  fixture.wait(kTick);
  EXPECT_EQ(begin(id, MethodChange::kRemove), Code::kTransactionExpired);
}

TEST_F(MethodsPage, TheLinkAloneChangesNothing) {
  const auto before = fixture.history();
  ASSERT_EQ(begin(passkey(), MethodChange::kRemove), kYes);
  ASSERT_EQ(begin(passkey(), MethodChange::kRename, "mine"), kYes);
  EXPECT_EQ(fixture.history(), before);
  EXPECT_EQ(view().methods[0].name, "Security key");
  EXPECT_TRUE(due_notices(fixture).empty());
  fixture.wait(minutes(15));
  EXPECT_EQ(prove_by_phone(), Code::kTransactionExpired);
}

TEST_F(MethodsPage, ARenamingIsNamedProvedAndTold) {
  ASSERT_EQ(begin(passkey(), MethodChange::kRename, " my phone "), kYes);
  const auto shown = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::view_for_person(tx, fixture.context(),
                                    *store::find_transaction(tx, fixture.account(), fixture.current()), moment.now);
  });
  EXPECT_EQ(shown.display.title, "Rename a passkey");
  ASSERT_FALSE(shown.display.lines.empty());
  EXPECT_EQ(shown.display.lines[0].value, "my phone");
  EXPECT_EQ(shown.display.lines[0].previous, "Security key");
  ASSERT_EQ(prove_by_phone(), kYes);
  EXPECT_EQ(view().methods[0].name, "my phone");
  EXPECT_EQ(count_events(fixture, "factor.renamed"), 1);
  EXPECT_EQ(recipients(post_all(fixture)), (std::vector<std::string>{std::string(kPhone), std::string(kEmail)}));
  EXPECT_TRUE(one(domain::Kind::kPasskey).counts.own()) << "nothing else changed";
}

TEST_F(MethodsPage, ARenamingBeyondTheCeilingIsNamedInTheCommonNotice) {
  fixture.settings().notices_per_contact = {1, hours(24)};
  const BindingId of_app = one(domain::Kind::kAuthenticator).binding;
  for (const std::string name : {"first", "second"}) {  // The first is told at once, the second with what follows it.
    ASSERT_EQ(begin(passkey(), MethodChange::kRename, name), kYes);
    ASSERT_EQ(prove_by_phone(), kYes);
    fixture.wait(minutes(1));
  }
  ASSERT_EQ(begin(of_app, MethodChange::kRename, "third"), kYes);
  ASSERT_EQ(prove_by_phone(), kYes);
  EXPECT_EQ(post_all(fixture).size(), 2U);
  fixture.wait(hours(24));
  const auto told = post_all(fixture);
  ASSERT_EQ(recipients(told), (std::vector<std::string>{std::string(kPhone), std::string(kEmail)}));
  for (const auto& notice : told) {
    const std::string& text = notice.message.body;
    EXPECT_NE(text.find("the passkey of your account got another name"), std::string::npos) << text;
    EXPECT_NE(text.find("the authenticator app of your account got another name"), std::string::npos) << text;
  }
}

TEST_F(MethodsPage, NoneIsMadeToLookLikeAnother) {
  const BindingId id = one(domain::Kind::kAuthenticator).binding;
  for (const char* name : {"Security key", "SECURITY KEY ", "", "a name that is much too long", "a\u202Eb"})
    EXPECT_EQ(begin(id, MethodChange::kRename, name), Code::kInvalidField) << name;
  ASSERT_EQ(begin(id, MethodChange::kRename, "same"), kYes);
  const TransactionId first = fixture.current();
  ASSERT_EQ(begin(passkey(), MethodChange::kRename, "same"), kYes);
  ASSERT_EQ(prove_by_phone(), kYes);
  fixture.use(first);  // Asked for before the other had the name.
  ASSERT_EQ(prove_by_phone(), kYes);
  EXPECT_EQ(fixture.status(), TransactionStatus::kCanceled);
  EXPECT_NE(one(domain::Kind::kAuthenticator).name, "same");
}

TEST_F(MethodsPage, WhatDoesNotCountYetProvesNoChange) {
  fixture.caller().actor = "api:SK1";
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, kOtherPhone)), kYes);
  fixture.wait(minutes(1));
  ASSERT_EQ(begin(passkey(), MethodChange::kRemove), kYes);
  const auto shown = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::view_for_person(tx, fixture.context(),
                                    *store::find_transaction(tx, fixture.account(), fixture.current()), moment.now);
  });
  for (const auto& way : shown.ways) EXPECT_EQ(way.masked.find("5432"), std::string::npos) << "the new number";
}

TEST_F(MethodsPage, NobodyElsesFactorIsChanged) {
  const auto theirs = fixture.enrol("somebody-else");
  ASSERT_EQ(why(theirs), kYes);
  ASSERT_EQ(why(fixture.confirm("somebody-else")), kYes);
  const BindingId id = fixture.history("somebody-else").bindings.front().id;
  EXPECT_EQ(begin(id, MethodChange::kRemove), Code::kNotFound);
  EXPECT_EQ(begin(one(domain::Kind::kPhone).binding, MethodChange::kRemove), Code::kNotFound);
}

// [STD-4]
TEST_F(MethodsPage, APasskeyIsAddedByAnOperation) {
  const auto begun = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::begin_addition(work(tx, moment), *store::find_transaction(tx, fixture.account(), page),
                                   {link, "en", Method::kWebauthn});
  });
  ASSERT_EQ(why(begun), kYes);
  fixture.use(begun->id);
  fixture.caller().actor = "person";
  const auto offer = [&] {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::enrol_passkey_here(work(tx, moment),
                                         *store::find_transaction(tx, fixture.account(), fixture.current()));
    });
  };
  EXPECT_EQ(why(offer()), Code::kMethodNotAllowed) << "nothing was proved";
  ASSERT_EQ(prove_by_phone(), kYes);
  const auto offered = offer();
  ASSERT_EQ(why(offered), kYes);
  KeyHolder fresh(fixture);
  fresh.factor = offered->id;
  const auto response = fresh.device.create(offered->options);
  EXPECT_EQ(why(fresh.confirm_with(response)), Code::kFactorUnusable) << "the application does not confirm it";
  const auto read = webauthn::read_registration_response(response);
  ASSERT_TRUE(read);
  const auto challenge = json_text_or_empty(json_of(read->client_data), "challenge");
  const auto keep = [&] {
    return fixture.in([&](store::Tx& tx, Moment& moment) -> Answer<usecase::FactorView> {
      const auto row = *store::find_transaction(tx, fixture.account(), fixture.current());
      const auto seen = usecase::look_for_offer_here(tx, fixture.context(), row, *from_base64url(challenge));
      if (!seen) return usecase::refuse(Code::kNotFound);
      const auto judged =
          usecase::judge_registration(*usecase::passkeys_of(fixture.context(), fixture.account(), seen->seen.service),
                                      seen->seen, read, moment.now);
      return usecase::confirm_passkey_here(work(tx, moment), row, seen->factor, "new phone", judged);
    });
  };
  const auto kept = keep();
  ASSERT_EQ(why(kept), kYes);
  EXPECT_EQ(kept->name, "new phone");
  EXPECT_EQ(fixture.status(), TransactionStatus::kReleased);
  EXPECT_NE(why(keep()), kYes) << "a replay adds nothing";
  fixture.wait(seconds(1));
  const auto counts = fixture.counts(offered->id.id);
  EXPECT_EQ(counts.counted, domain::standing::Counted::kRepeat);
  EXPECT_EQ(counts.repeat_of, Method::kSms);
}

// Who has only the link of one page must not use up what the person may change on another.
TEST_F(MethodsPage, TheLinkOfOnePageUsesUpNoChangesOfAnother) {
  const BindingId id = passkey();
  for (int i = 0; i < 20; ++i) ASSERT_EQ(begin(id, MethodChange::kRename, "name " + std::to_string(i)), kYes);
  EXPECT_EQ(begin(id, MethodChange::kRemove), Code::kRateLimited);
  open();
  EXPECT_EQ(begin(id, MethodChange::kRemove), kYes);
}

// A key that was found, whose PIN the finder does not know, may end what it stopped, but lets nothing count. [STD-11]
TEST_F(MethodsPage, AKeyWithoutItsPinDecidesNothingInFavour) {
  fixture.caller().actor = "api:SK1";
  const BindingId stopped = one(domain::Kind::kAuthenticator).binding;
  const usecase::SubjectAt the_person{std::string(kIdentity), ""};
  ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              return usecase::object_to_source(work(tx, moment), the_person, stopped);
            })),
            kYes);
  const auto decide = [&](bool keep) {
    const auto asked = fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::ask_person_to_decide(work(tx, moment), the_person, stopped, keep);
    });
    ASSERT_EQ(why(asked), kYes);
    fixture.use(asked->id);
  };
  holder.device.user_verified = false;
  decide(true);
  EXPECT_NE(why(holder.prove()), kYes);
  EXPECT_EQ(fixture.counts(app.id).why_not, domain::standing::WhyNot::kStopped);
  holder.device.user_verified = true;
  EXPECT_EQ(why(holder.prove()), kYes) << "with its PIN it does";
  fixture.wait(seconds(1));
  EXPECT_TRUE(fixture.counts(app.id).own());
}

TEST_F(MethodsPage, ABrowserIsToldOfAllPasskeysThatAreNotGone) {
  ask_to_remove_passkey();
  const auto signals = [&] {
    return fixture.in([&](store::Tx& tx, Moment&) {
      return usecase::passkey_signals(tx, fixture.context(), *store::find_transaction(tx, fixture.account(), page));
    });
  };
  ASSERT_TRUE(signals());
  EXPECT_EQ(signals()->credentials, std::vector{holder.device.credential_id}) << "the removal can still be objected to";
  static_cast<void>(post_all(fixture));
  fixture.wait(hours(72));
  fixture.lapse();
  EXPECT_FALSE(signals());
}

TEST_F(MethodsPage, APersonWithoutMethodsSeesNone) {
  Fixture empty;
  empty.request().contacts.clear();
  empty.hold();
  const auto opened = empty.in([&](store::Tx& tx, Moment& moment) {
    return usecase::open_methods_page({tx, empty.context(), empty.caller(), moment}, {std::string(kIdentity)}, {});
  });
  ASSERT_EQ(why(opened), kYes);
  const auto shown = empty.in([&](store::Tx& tx, Moment& moment) {
    return usecase::methods_for_person(tx, empty.context(), *store::find_transaction(tx, empty.account(), opened->id),
                                       moment.now);
  });
  EXPECT_TRUE(shown.methods.empty());
  EXPECT_FALSE(shown.may_change || shown.may_add_app || shown.may_add_codes || shown.may_add_passkey);
}

TEST_F(MethodsPage, SaysWhenAPasskeyWasUsedLast) {
  EXPECT_FALSE(one(domain::Kind::kPasskey).used_at);
  fixture.caller().actor = "api:SK1";
  fixture.hold();
  ASSERT_EQ(why(holder.prove()), kYes);
  const auto used = one(domain::Kind::kPasskey).used_at;
  ASSERT_TRUE(used);
  EXPECT_EQ(std::chrono::floor<std::chrono::days>(*used), std::chrono::floor<std::chrono::days>(fixture.now()));
}

}  // namespace
}  // namespace countersign::testing
