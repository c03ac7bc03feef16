#include "usecase/subject/person_page.h"

#include "base/encoding.h"
#include "crypto/otp.h"
#include "store/repository/factors.h"
#include "tests/unit/usecase/script.h"
#include "usecase/subject/enrol_on_page.h"

// What the page of a transaction is told, and when an authenticator app may be added on it.
namespace countersign::testing {
namespace {

usecase::PersonView view(Fixture& fixture) {
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    const auto row = store::find_transaction(tx, fixture.account(), fixture.current());
    return usecase::view_for_person(tx, fixture.context(), *row, moment.now);
  });
}

bool may_enrol(Fixture& fixture) { return view(fixture).may_enrol; }

std::optional<Code> enrol_here(Fixture& fixture) {
  return why(fixture.in([&](store::Tx& tx, Moment& moment) {
    const auto row = store::find_transaction(tx, fixture.account(), fixture.current());
    return usecase::enrol_here({tx, fixture.context(), fixture.caller(), moment}, *row);
  }));
}

bool opens(Fixture& fixture, const TransactionId& id, std::string_view secret) {
  return fixture.in(
      [&](store::Tx& tx, Moment&) { return usecase::open_link(tx, fixture.context(), id, secret).has_value(); });
}

TEST(PersonPage, OnlyTheWholeLinkOpens) {
  Fixture fixture;
  const auto one = fixture.try_hold();
  const auto two = fixture.try_hold();
  const auto secret = [](const std::string& url) { return url.substr(url.rfind('.') + 1); };
  EXPECT_TRUE(opens(fixture, one->id, secret(one->verify_url)));
  EXPECT_FALSE(opens(fixture, one->id, secret(two->verify_url)));
  EXPECT_FALSE(opens(fixture, one->id, ""));
  EXPECT_FALSE(opens(fixture, TransactionId{}, secret(one->verify_url)));
}

TEST(PersonPage, WaysAreOfKindsThatAreOpenTheStrongestFirst) {
  Fixture fixture;
  fixture.request().contacts = {{Channel::kEmail, std::string(kEmail)},
                                {Channel::kSms, std::string(kPhone)},
                                {Channel::kCall, std::string(kPhone)}};
  active_factor(fixture);
  fixture.hold("any");
  const auto now = view(fixture);
  std::vector<domain::Method> methods;
  for (const auto& way : now.ways) methods.push_back(way.method);
  EXPECT_EQ(methods,
            (std::vector{domain::Method::kTotp, domain::Method::kSms, domain::Method::kCall, domain::Method::kEmail}));
  EXPECT_TRUE(now.ways[1].completes);
  EXPECT_FALSE(now.ways[3].completes);  // E-mail may not stand alone.
  EXPECT_TRUE(now.reachable);
}

TEST(PersonPage, AMessageThatShowsTheCodeAloneIsNotTheFirstChoice) {
  Fixture fixture;
  auto& providers = fixture.settings().accounts.begin()->second.services.front().providers;
  fixture.request().contacts = {{Channel::kWhatsapp, std::string(kPhone)},
                                {Channel::kSms, std::string(kPhone)},
                                {Channel::kCall, std::string(kPhone)},
                                {Channel::kEmail, std::string(kEmail)}};
  const auto methods = [&] {
    std::vector<domain::Method> list;
    for (const auto& way : view(fixture).ways) list.push_back(way.method);
    return list;
  };
  using enum domain::Method;
  fixture.hold("any");
  EXPECT_EQ(methods(), (std::vector{kWhatsapp, kSms, kCall, kEmail}));
  providers.at(Channel::kWhatsapp).code_alone = {Channel::kWhatsapp};
  EXPECT_EQ(methods(), (std::vector{kSms, kCall, kWhatsapp, kEmail}));
  EXPECT_TRUE(view(fixture).ways[0].shows_display);
  EXPECT_FALSE(view(fixture).ways[2].shows_display);
  const auto started = fixture.start(Channel::kWhatsapp);  // Her own choice.
  ASSERT_EQ(why(started), kYes);
  EXPECT_FALSE(started->shows_display);
}

TEST(PersonPage, AKindThatWasProvedIsNotAskedForAgain) {
  Fixture fixture;
  fixture.settings().accounts.begin()->second.services.front().policies = {"any", "strict"};
  fixture.request().contacts = {{Channel::kSms, std::string(kPhone)},
                                {Channel::kCall, std::string(kPhone)},
                                {Channel::kEmail, std::string(kEmail)}};
  fixture.hold("strict");
  EXPECT_FALSE(view(fixture).ways.front().completes);
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  const auto now = view(fixture);
  ASSERT_EQ(now.ways.size(), 1U);  // A call proves the same telephone.
  EXPECT_EQ(now.ways[0].method, domain::Method::kEmail);
  EXPECT_TRUE(now.ways[0].completes);
}

TEST(PersonPage, WhatCameAfterTheHoldDoesNotCountAndSaysFromWhen) {
  Fixture fixture;
  fixture.request().contacts.clear();
  fixture.hold();
  EXPECT_FALSE(view(fixture).reachable);
  fixture.wait(kTick);
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, kPhone)), kYes);
  const auto now = view(fixture);
  ASSERT_EQ(now.ways.size(), 1U);
  EXPECT_FALSE(now.ways[0].counts);
  EXPECT_EQ(now.ways[0].counts_from, fixture.now());
  EXPECT_EQ(now.counts_from, fixture.now());
  EXPECT_FALSE(now.reachable);
}

// [STD-9]
TEST(PersonPage, WhatIsNewNeverHidesWhatCounts) {
  Fixture fixture;
  verify(fixture);
  fixture.wait(hours(48));
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, kOtherPhone)), kYes);
  fixture.hold();
  const auto now = view(fixture);
  ASSERT_EQ(now.ways.size(), 1U);
  EXPECT_TRUE(now.ways[0].counts);
  EXPECT_EQ(now.ways[0].ending, "4321");
  EXPECT_TRUE(now.reachable);
}

TEST(PersonPage, ALockIsShownAndSoIsWhatIsLeft) {
  Fixture fixture;
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  guess_wrong(fixture, 2);
  EXPECT_EQ(view(fixture).ways[0].sent->attempts_left, 3);
  EXPECT_EQ(view(fixture).ways[0].failures_left, 3);
  guess_wrong(fixture, 3);
  EXPECT_EQ(view(fixture).ways[0].locked_until, fixture.now() + seconds(30));
  EXPECT_FALSE(view(fixture).ways[0].usable());
  fixture.wait(seconds(30));
  EXPECT_TRUE(view(fixture).ways[0].usable());
}

TEST(EnrolHere, ByTheLinkOnlyWhereNothingWasEverGivenAndThePolicyTrusts) {
  Fixture fixture;
  fixture.policy("any").enrol = {domain::Method::kTotp};
  fixture.request().contacts.clear();
  fixture.hold();
  EXPECT_FALSE(may_enrol(fixture));  // The link binds nothing. [STD-6]
  EXPECT_EQ(enrol_here(fixture), Code::kMethodNotAllowed);
  fixture.policy("any").trust_on_first_use = true;
  fixture.hold();
  EXPECT_TRUE(may_enrol(fixture));
  EXPECT_TRUE(view(fixture).enrol_counts);
  EXPECT_EQ(enrol_here(fixture), kYes);
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, kPhone)), kYes);
  EXPECT_FALSE(may_enrol(fixture));
  EXPECT_EQ(enrol_here(fixture), Code::kMethodNotAllowed);
}

TEST(EnrolHere, WhatIsProvedForATransactionAddsNothing) {
  Fixture fixture;
  fixture.policy("any").enrol = {domain::Method::kTotp};
  fixture.policy("any").trust_on_first_use = true;
  verify(fixture);
  EXPECT_FALSE(may_enrol(fixture));
  EXPECT_EQ(enrol_here(fixture), Code::kMethodNotAllowed);
  EXPECT_TRUE(view(fixture).may_add);
}

TEST(EnrolHere, NeverWhereThePolicyDoesNotSaySoNorAfterARefusal) {
  Fixture fixture;
  fixture.policy("any").trust_on_first_use = true;
  fixture.request().contacts.clear();
  fixture.hold();
  EXPECT_FALSE(may_enrol(fixture));
  fixture.policy("any").enrol = {domain::Method::kTotp};
  fixture.hold();
  EXPECT_TRUE(may_enrol(fixture));
  ASSERT_EQ(why(fixture.deny()), kYes);
  EXPECT_FALSE(may_enrol(fixture));
}

/// The operation by which an app is added, from the page of the current transaction.
class Adding : public ::testing::Test {
 protected:
  Adding() {
    fixture_.policy("any").enrol = {domain::Method::kTotp};
    fixture_.policy("strict").enrol = {domain::Method::kTotp};
  }

  std::optional<Code> begin() {
    const auto begun = fixture_.in([&](store::Tx& tx, Moment& moment) {
      const auto row = store::find_transaction(tx, fixture_.account(), fixture_.current());
      return usecase::begin_addition({tx, fixture_.context(), fixture_.caller(), moment}, *row,
                                     {"https://verify.example.com/verify/x", locale_});
    });
    if (begun) fixture_.use(begun->id);
    fixture_.caller().actor = "person";
    return why(begun);
  }
  /// By the application, which leads her to the page: whatever the policies of its transactions let be enrolled.
  std::optional<Code> ask(usecase::AdditionPage page = {"https://shop.example.com/security", ""},
                          const std::string& identity = std::string(kIdentity)) {
    const auto asked = fixture_.in([&](store::Tx& tx, Moment& moment) {
      return usecase::ask_person_to_add({tx, fixture_.context(), fixture_.caller(), moment}, {identity}, page);
    });
    if (asked) {
      fixture_.use(asked->id);
      url_ = asked->verify_url;
    }
    fixture_.caller().actor = "person";
    return why(asked);
  }
  std::optional<Code> enrol() {
    auto enrolled = fixture_.in([&](store::Tx& tx, Moment& moment) {
      const auto row = store::find_transaction(tx, fixture_.account(), fixture_.current());
      return usecase::enrol_here({tx, fixture_.context(), fixture_.caller(), moment}, *row);
    });
    if (enrolled) {
      factor_ = enrolled->id;
      secret_ = *from_base32(enrolled->secret_base32.expose());
    }
    return why(enrolled);
  }
  [[nodiscard]] std::string code() const { return crypto::totp(secret_, crypto::totp_step(fixture_.now(), {}), {}); }
  std::optional<Code> confirm() {
    const auto confirmed = fixture_.in([&](store::Tx& tx, Moment& moment) {
      const auto row = store::find_transaction(tx, fixture_.account(), fixture_.current());
      return usecase::confirm_here({tx, fixture_.context(), fixture_.caller(), moment}, *row, factor_, "my app",
                                   SecretString(code()));
    });
    return why(confirmed);
  }
  void by_sms() {
    ASSERT_EQ(why(fixture_.start()), kYes);
    ASSERT_EQ(why(fixture_.check(fixture_.code())), kYes);
  }
  // No application sees an operation.
  void as_application() { fixture_.caller().actor = "api:test"; }
  /// An app that she has added with her telephone.
  void add_by_sms() {
    ASSERT_EQ(begin(), kYes);
    by_sms();
    ASSERT_EQ(enrol(), kYes);
    ASSERT_EQ(confirm(), kYes);
    fixture_.wait(seconds(60));
  }

  Fixture fixture_;
  FactorId factor_{};
  std::string secret_;
  std::string locale_ = "en";
  std::string url_;
};

// The page's, which is not the transaction's where the application has chosen none.
TEST_F(Adding, IsTitledInTheLanguageOfThePageWhereItWasBegun) {
  fixture_.hold();
  locale_ = "pt-BR";
  ASSERT_EQ(begin(), kYes);
  EXPECT_EQ(view(fixture_).display.title, "Novo aplicativo autenticador");
  const auto started = fixture_.start();
  ASSERT_EQ(why(started), kYes);
  EXPECT_NE(fixture_.written(started->queued).body.find("Novo aplicativo autenticador"), std::string::npos);
}

// Another app is had where the application leads to it, or by the address of the page for it.
TEST_F(Adding, IsOfferedToThoseWhoHaveNoApp) {
  fixture_.hold();
  EXPECT_TRUE(view(fixture_).offers_adding);
  active_factor(fixture_);
  fixture_.hold();
  EXPECT_FALSE(view(fixture_).offers_adding);
  EXPECT_TRUE(view(fixture_).may_add);
}

TEST_F(Adding, TakesAProofOfItsOwnAndCountsFromTheNextHoldOnAsARepeat) {
  const auto before = fixture_.hold();
  ASSERT_EQ(begin(), kYes);
  EXPECT_EQ(enrol(), Code::kMethodNotAllowed);  // Nothing was proved in it yet.
  by_sms();
  EXPECT_EQ(fixture_.status(), TransactionStatus::kVerified);
  EXPECT_EQ(why(fixture_.claim()), Code::kNotFound);  // It releases nothing.
  ASSERT_EQ(enrol(), kYes);
  ASSERT_EQ(confirm(), kYes);
  EXPECT_EQ(fixture_.status(), TransactionStatus::kReleased);
  EXPECT_EQ(enrol(), Code::kMethodNotAllowed);  // It adds one.
  fixture_.wait(seconds(60));

  fixture_.use(before);
  EXPECT_EQ(why(fixture_.check_totp(code(), factor_.text())), Code::kSourceDoesNotCount);
  fixture_.hold("any");
  ASSERT_EQ(fixture_.check_totp(code(), factor_.text())->status, TransactionStatus::kVerified);
  const auto proof = fixture_.row().state.proofs.front();
  EXPECT_EQ(proof.how.counted, domain::standing::Counted::kRepeat);
  EXPECT_EQ(proof.how.repeat_of, domain::Method::kSms);
}

TEST_F(Adding, AStolenLineAndTheAppThatItAddedAreOneKind) {
  fixture_.hold();
  add_by_sms();
  fixture_.hold("strict");
  by_sms();
  const auto approved = fixture_.check_totp(code(), factor_.text());
  ASSERT_EQ(why(approved), kYes);
  EXPECT_EQ(approved->status, TransactionStatus::kHeld);
  EXPECT_EQ(approved->judgement.kinds_proven, 1);
  EXPECT_EQ(approved->judgement.missing, domain::standing::Missing::kAnotherKind);
}

TEST_F(Adding, AsManyKindsAreAskedForAsSheHasCounting) {
  fixture_.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  fixture_.hold();
  ASSERT_EQ(begin(), kYes);
  by_sms();
  EXPECT_EQ(fixture_.status(), TransactionStatus::kHeld);
  ASSERT_EQ(why(fixture_.start(Channel::kEmail)), kYes);
  ASSERT_EQ(why(fixture_.check(fixture_.code())), kYes);
  EXPECT_EQ(fixture_.status(), TransactionStatus::kVerified);
  EXPECT_EQ(enrol(), kYes);
}

TEST_F(Adding, NotWithAMailboxAlone) {
  fixture_.request().contacts = {{Channel::kEmail, std::string(kEmail)}};
  fixture_.hold();
  EXPECT_FALSE(view(fixture_).may_add);
  EXPECT_EQ(begin(), Code::kMethodNotAllowed);
}

TEST_F(Adding, WithinAQuarterOfAnHourOfTheProof) {
  fixture_.hold();
  ASSERT_EQ(begin(), kYes);
  by_sms();
  ASSERT_EQ(enrol(), kYes);
  fixture_.wait(minutes(15));
  EXPECT_EQ(confirm(), Code::kMethodNotAllowed);
  EXPECT_EQ(fixture_.count("standings"), 1);
  EXPECT_EQ(fixture_.history().bindings.size(), 1U);
}

TEST_F(Adding, WhatSheAddedWaitsAnewWhenTheLineIsLost) {
  verify(fixture_);
  add_by_sms();
  fixture_.hold();
  ASSERT_EQ(fixture_.check_totp(code(), factor_.text())->status, TransactionStatus::kVerified);
  const auto contacts = fixture_.in([&](store::Tx& tx, Moment& moment) {
    return usecase::list_contacts({tx, fixture_.context(), fixture_.caller(), moment}, {std::string(kIdentity)});
  });
  ASSERT_EQ(contacts->size(), 1U);
  ASSERT_EQ(why(fixture_.in([&](store::Tx& tx, Moment& moment) {
              return usecase::delete_contact({tx, fixture_.context(), fixture_.caller(), moment},
                                             {std::string(kIdentity)}, contacts->front().id,
                                             domain::standing::GoneWhy::kLost);
            })),
            kYes);
  EXPECT_EQ(fixture_.status(), TransactionStatus::kCanceled);
  EXPECT_EQ(why(fixture_.claim()), Code::kProofVoided);
  EXPECT_EQ(fixture_.counts(factor_.id).why_not, domain::standing::WhyNot::kNotTold);
}

TEST_F(Adding, NoApplicationSeesTheOperation) {
  const auto from = fixture_.hold();
  ASSERT_EQ(begin(), kYes);
  as_application();
  EXPECT_EQ(why(fixture_.start()), Code::kNotFound);
  EXPECT_EQ(why(fixture_.check("123456")), Code::kNotFound);
  EXPECT_EQ(why(fixture_.cancel()), Code::kNotFound);
  fixture_.use(from);
  EXPECT_EQ(why(fixture_.start()), kYes);
}

// A repeat adds nothing: else what a stolen line once added goes on adding.
TEST_F(Adding, OnlyWithSourcesThatCountAsTheirOwn) {
  active_factor(fixture_);  // Her own app, given with the telephone.
  fixture_.hold();
  ASSERT_EQ(begin(), kYes);
  by_sms();
  ASSERT_EQ(why(fixture_.check_totp(fixture_.totp_code())), kYes);
  ASSERT_EQ(enrol(), kYes);
  ASSERT_EQ(confirm(), kYes);
  fixture_.wait(seconds(60));
  as_application();
  fixture_.hold();
  ASSERT_EQ(begin(), kYes);
  for (const auto& way : view(fixture_).ways) EXPECT_EQ(way.counts, way.id != factor_.text()) << way.id;
}

TEST_F(Adding, TheApplicationLeadsHerThere) {
  fixture_.policy("any").enrol = {};
  fixture_.request().locale = "es";
  fixture_.hold();
  ASSERT_EQ(ask(), kYes);
  EXPECT_NE(url_.find("/verify/" + fixture_.current().text() + "."), std::string::npos);
  EXPECT_EQ(view(fixture_).return_url, "https://shop.example.com/security");
  EXPECT_EQ(view(fixture_).locale, "es");
  EXPECT_EQ(enrol(), Code::kMethodNotAllowed);  // The link binds nothing. [STD-6]
  by_sms();
  ASSERT_EQ(enrol(), kYes);
  ASSERT_EQ(confirm(), kYes);
  EXPECT_EQ(fixture_.status(), TransactionStatus::kReleased);
  as_application();
  EXPECT_EQ(why(fixture_.start()), Code::kNotFound);  // Its id tells it no more than that of one begun on a page.
}

TEST_F(Adding, TheApplicationIsToldWhereNobodyCanBeLed) {
  EXPECT_EQ(ask(), Code::kNotFound);
  fixture_.request().contacts = {{Channel::kEmail, std::string(kEmail)}};
  fixture_.hold();
  EXPECT_EQ(ask(), Code::kSourceDoesNotCount);  // A mailbox alone.
  EXPECT_EQ(ask({"javascript:alert(1)", ""}), Code::kInvalidField);
  EXPECT_EQ(ask({"", "x"}), Code::kInvalidField);
}

TEST_F(Adding, OnlyWhereTheServiceLetsPagesLeadBackTo) {
  fixture_.hold();
  fixture_.settings().accounts.at(fixture_.account()).services.front().return_urls = {"https://shop.example.com/back"};
  EXPECT_EQ(ask({"https://elsewhere.example.com/", ""}), Code::kInvalidField);
  EXPECT_EQ(ask({"https://shop.example.com/back", ""}), kYes);
}

TEST_F(Adding, ByPageAndApplicationTogetherNoMoreThanTenTimesAnHour) {
  const auto from = fixture_.hold();
  for (int i = 0; i < 10; ++i) {
    fixture_.use(from);
    ASSERT_EQ(i % 2 == 0 ? begin() : ask(), kYes) << i;
  }
  EXPECT_EQ(ask(), Code::kRateLimited);
}

TEST_F(Adding, NoMoreThanTenTimesAnHour) {
  const auto from = fixture_.hold();
  for (int i = 0; i < 10; ++i) {
    fixture_.use(from);
    ASSERT_EQ(begin(), kYes) << i;
  }
  fixture_.use(from);
  EXPECT_EQ(begin(), Code::kRateLimited);
}

}  // namespace
}  // namespace countersign::testing
