#include "tests/unit/usecase/passkey/key_holder.h"
#include "usecase/subject/change_on_page.h"
#include "usecase/subject/decide_on_page.h"
#include "usecase/subject/enrol_on_page.h"
#include "usecase/subject/methods_page.h"
#include "usecase/subject/objections.h"
#include "usecase/subject/person_page.h"

// What the pages offer is what can be done: not to who has a security key without a PIN as one of two kinds, nor with a
// passkey of another site, nor where no more factors fit. [STD-4]
namespace countersign::testing {
namespace {

using domain::Method;
using usecase::MethodChange;

class WithoutPin : public ::testing::Test {
 protected:
  /// A person with a proved phone and a security key that has no PIN; the service asks for two kinds.
  WithoutPin() {
    settings().standing.max_min_kinds = 2;
    offer_passkeys(fixture);
    unlimited(fixture);
    fixture.request().contacts = {{Channel::kSms, std::string(kPhone)}};
    holder.device.user_verified = false;
    holder.bind();
    fixture.hold();
    EXPECT_EQ(why(fixture.start()), kYes);
    EXPECT_EQ(why(fixture.check(fixture.code())), kYes);
    fixture.wait(hours(25));
  }
  usecase::ServiceSettings& settings() { return fixture.settings().accounts.at(fixture.account()).services.front(); }
  usecase::Work work(store::Tx& tx, Moment& moment) { return {tx, fixture.context(), fixture.caller(), moment}; }
  TransactionId open() {
    fixture.caller().actor = "api:SK1";
    return fixture
        .in([&](store::Tx& tx, Moment& moment) {
          return usecase::open_methods_page(work(tx, moment), {std::string(kIdentity)}, {"", "en"});
        })
        ->id;
  }
  usecase::MethodsView shown() {
    const TransactionId page = open();
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::methods_for_person(tx, fixture.context(), *store::find_transaction(tx, fixture.account(), page),
                                         moment.now);
    });
  }
  /// The operation is the current transaction from then on.
  std::optional<Code> begin_renaming() {
    const TransactionId page = open();
    const BindingId key = binding(domain::Kind::kPasskey);
    const auto begun = fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::begin_change(work(tx, moment), *store::find_transaction(tx, fixture.account(), page),
                                   {key, MethodChange::kRename, "my key"}, {"", "en"});
    });
    if (begun) fixture.use(begun->id);
    fixture.caller().actor = "person";
    return why(begun);
  }
  std::optional<Code> add(Method method) {
    return why(fixture.in([&](store::Tx& tx, Moment& moment) {
      usecase::AdditionPage page;
      page.method = method;
      return usecase::ask_person_to_add(work(tx, moment), {std::string(kIdentity), ""}, page);
    }));
  }
  usecase::PersonView view() {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::view_for_person(tx, fixture.context(),
                                      *store::find_transaction(tx, fixture.account(), fixture.current()), moment.now);
    });
  }
  BindingId binding(domain::Kind kind) {
    const auto history = fixture.history();
    return std::ranges::find(history.bindings, kind, &domain::standing::Binding::kind)->id;
  }
  /// Held, and approved by the key after it asked for the PIN that it has now.
  void use_with_pin() {
    fixture.caller().actor = "api:SK1";
    holder.device.user_verified = true;
    fixture.hold("any");
    ASSERT_EQ(why(holder.prove()), kYes);
    fixture.wait(seconds(1));
  }

  Fixture fixture;
  KeyHolder holder{fixture};
};

TEST_F(WithoutPin, NothingIsOfferedThatCannotBeDone) {
  const auto page = shown();
  EXPECT_FALSE(page.may_change);
  EXPECT_TRUE(page.needs_pin) << "and the page says what is missing";
  EXPECT_FALSE(page.may_add_app || page.may_add_codes || page.may_add_passkey);
  for (const auto& method : page.methods) EXPECT_FALSE(method.may_be_renamed || method.may_be_removed);
  EXPECT_EQ(begin_renaming(), Code::kSourceDoesNotCount);
  EXPECT_EQ(add(Method::kTotp), Code::kSourceDoesNotCount);
  fixture.policy("any").enrol = {Method::kTotp, Method::kRecoveryCode, Method::kWebauthn};
  fixture.hold("any");
  const auto done = view();
  EXPECT_FALSE(done.may_add || done.may_add_codes || done.may_add_passkey);
}

TEST_F(WithoutPin, TheKeyIsAskedAgainOnceItHasVerifiedThePerson) {
  use_with_pin();
  const auto page = shown();
  EXPECT_TRUE(page.may_change);
  EXPECT_FALSE(page.needs_pin);
  ASSERT_EQ(begin_renaming(), kYes);
  EXPECT_EQ(why(holder.prove()), kYes);
}

TEST_F(WithoutPin, AServiceThatDiscouragesVerificationLearnsOfThePinAsWell) {
  settings().passkeys->user_verification = webauthn::UserVerification::kDiscouraged;
  const auto asked = [&] {
    fixture.caller().actor = "api:SK1";
    fixture.hold("any");
    return json_text_or_empty(json_of(holder.options()), "userVerification");
  };
  EXPECT_EQ(asked(), "preferred") << "a key without a PIN asks for none";
  use_with_pin();
  EXPECT_FALSE(shown().needs_pin);
  EXPECT_EQ(asked(), "discouraged") << "known of it, it is not asked for again";
  settings().passkeys->user_verification = webauthn::UserVerification::kPreferred;
  EXPECT_EQ(asked(), "preferred");
}

TEST_F(WithoutPin, AnotherMethodIsEnoughAndTheKeyIsNotShownBesideIt) {
  settings().standing.max_min_kinds = 1;
  EXPECT_TRUE(shown().may_change);
  ASSERT_EQ(begin_renaming(), kYes);
  const auto operation = view();
  ASSERT_EQ(operation.ways.size(), 1U);
  EXPECT_EQ(operation.ways[0].method, Method::kSms);
  EXPECT_TRUE(operation.reachable);
}

TEST_F(WithoutPin, ItEndsWhatWasStoppedAndKeepsNothing) {
  const BindingId phone = binding(domain::Kind::kPhone);
  const usecase::SubjectAt her{std::string(kIdentity), ""};
  ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              return usecase::object_to_source(work(tx, moment), her, phone);
            })),
            kYes);
  fixture.hold();
  ASSERT_TRUE(view().stopped);
  EXPECT_TRUE(view().stopped->may_decide);
  EXPECT_FALSE(view().stopped->may_keep);
  const auto ask = [&](bool keep) {
    return why(fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::ask_person_to_decide(work(tx, moment), her, phone, keep);
    }));
  };
  EXPECT_EQ(ask(true), Code::kSourceDoesNotCount);
  EXPECT_EQ(ask(false), kYes);
  use_with_pin();
  fixture.hold();
  EXPECT_TRUE(view().stopped->may_keep);
}

TEST_F(WithoutPin, AKeyOfAnotherSiteIsNotAskedFor) {
  use_with_pin();
  ASSERT_TRUE(shown().may_change);
  settings().passkeys->party.id = "other.example";
  EXPECT_FALSE(shown().may_change);
  EXPECT_FALSE(shown().needs_pin) << "a PIN would not help";
  settings().standing.max_min_kinds = 1;
  ASSERT_EQ(begin_renaming(), kYes) << "by the phone";
  EXPECT_FALSE(fixture.row().state.policy.any_of.contains(Method::kWebauthn));
}

TEST_F(WithoutPin, WhereThereAreNoPasskeysTheApplicationIsToldSo) {
  use_with_pin();
  EXPECT_EQ(add(Method::kWebauthn), kYes);
  settings().passkeys->on_page = false;
  EXPECT_EQ(add(Method::kWebauthn), Code::kChannelUnavailable) << "not that the person has too few sources";
  settings().passkeys.reset();
  EXPECT_EQ(add(Method::kWebauthn), Code::kChannelUnavailable);
}

TEST_F(WithoutPin, WhereNoMoreFitNoneIsOffered) {
  use_with_pin();
  fixture.policy("any").enrol = {Method::kTotp, Method::kRecoveryCode, Method::kWebauthn};
  fixture.hold("any");
  ASSERT_TRUE(view().may_add && view().may_add_codes && view().may_add_passkey);
  for (int i = 0; i < 99; ++i) {
    ASSERT_EQ(why(fixture.enrol()), kYes);
    ASSERT_EQ(why(fixture.confirm()), kYes);
    fixture.wait(minutes(1));
  }
  const auto page = shown();
  EXPECT_TRUE(page.may_change && page.is_full);
  EXPECT_FALSE(page.may_add_app || page.may_add_codes || page.may_add_passkey);
  fixture.hold("any");
  EXPECT_FALSE(view().may_add || view().may_add_codes || view().may_add_passkey);
  EXPECT_EQ(add(Method::kTotp), Code::kTooManyFactors);
}

}  // namespace
}  // namespace countersign::testing
