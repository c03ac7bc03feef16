#include "usecase/person_page.h"

#include "base/encoding.h"
#include "crypto/otp.h"
#include "script.h"
#include "store/repository/factors.h"
#include "usecase/enrol_here.h"

// What the page of a transaction is told, and when an authenticator app may be added on it.
namespace countersign::testing {
namespace {

usecase::PersonView view(House& house) {
  return house.in([&](store::Tx& tx, Moment& moment) {
    const auto row = store::find_transaction(tx, house.account(), house.current());
    return usecase::view_for_person(tx, house.context(), *row, moment.now);
  });
}

bool may_enrol(House& house) { return view(house).may_enrol; }

std::optional<Code> enrol_here(House& house) {
  return why(house.in([&](store::Tx& tx, Moment& moment) {
    const auto row = store::find_transaction(tx, house.account(), house.current());
    return usecase::enrol_here(tx, house.context(), house.caller(), *row, moment);
  }));
}

bool opens(House& house, const TransactionId& id, std::string_view secret) {
  return house.in(
      [&](store::Tx& tx, Moment&) { return usecase::open_link(tx, house.context(), id, secret).has_value(); });
}

TEST(PersonPage, OnlyTheWholeLinkOpens) {
  House house;
  const auto one = house.try_hold();
  const auto two = house.try_hold();
  const auto secret = [](const std::string& url) { return url.substr(url.rfind('.') + 1); };
  EXPECT_TRUE(opens(house, one->id, secret(one->verify_url)));
  EXPECT_FALSE(opens(house, one->id, secret(two->verify_url)));
  EXPECT_FALSE(opens(house, one->id, ""));
  EXPECT_FALSE(opens(house, TransactionId{}, secret(one->verify_url)));
}

TEST(PersonPage, WaysAreOfKindsThatAreOpenTheStrongestFirst) {
  House house;
  house.request().contacts = {{Channel::kEmail, std::string(kEmail)},
                              {Channel::kSms, std::string(kPhone)},
                              {Channel::kCall, std::string(kPhone)}};
  active_factor(house);
  house.hold("any");
  const auto now = view(house);
  std::vector<domain::Method> methods;
  for (const auto& way : now.ways) methods.push_back(way.method);
  EXPECT_EQ(methods,
            (std::vector{domain::Method::kTotp, domain::Method::kSms, domain::Method::kCall, domain::Method::kEmail}));
  EXPECT_TRUE(now.ways[1].completes);
  EXPECT_FALSE(now.ways[3].completes);  // E-mail may not stand alone.
  EXPECT_TRUE(now.reachable);
}

TEST(PersonPage, AKindThatWasProvedIsNotAskedForAgain) {
  House house;
  house.settings().accounts.begin()->second.services.front().policies = {"any", "strict"};
  house.request().contacts = {{Channel::kSms, std::string(kPhone)},
                              {Channel::kCall, std::string(kPhone)},
                              {Channel::kEmail, std::string(kEmail)}};
  house.hold("strict");
  EXPECT_FALSE(view(house).ways.front().completes);
  ASSERT_EQ(why(house.start()), kYes);
  ASSERT_EQ(why(house.check(house.code())), kYes);
  const auto now = view(house);
  ASSERT_EQ(now.ways.size(), 1U);  // A call proves the same telephone.
  EXPECT_EQ(now.ways[0].method, domain::Method::kEmail);
  EXPECT_TRUE(now.ways[0].completes);
}

TEST(PersonPage, WhatCameAfterTheHoldDoesNotCountAndSaysFromWhen) {
  House house;
  house.request().contacts.clear();
  house.hold();
  EXPECT_FALSE(view(house).reachable);
  house.wait(kTick);
  ASSERT_EQ(why(house.add_contact(Channel::kSms, kPhone)), kYes);
  const auto now = view(house);
  ASSERT_EQ(now.ways.size(), 1U);
  EXPECT_FALSE(now.ways[0].counts);
  EXPECT_EQ(now.ways[0].counts_from, house.now());
  EXPECT_EQ(now.counts_from, house.now());
  EXPECT_FALSE(now.reachable);
}

// [STD-9]
TEST(PersonPage, WhatIsNewNeverHidesWhatCounts) {
  House house;
  verify(house);
  house.wait(hours(48));
  ASSERT_EQ(why(house.add_contact(Channel::kSms, kOtherPhone)), kYes);
  house.hold();
  const auto now = view(house);
  ASSERT_EQ(now.ways.size(), 1U);
  EXPECT_TRUE(now.ways[0].counts);
  EXPECT_EQ(now.ways[0].ending, "4321");
  EXPECT_TRUE(now.reachable);
}

TEST(PersonPage, ALockIsShownAndSoIsWhatIsLeft) {
  House house;
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  guess_wrong(house, 2);
  EXPECT_EQ(view(house).ways[0].sent->attempts_left, 3);
  EXPECT_EQ(view(house).ways[0].failures_left, 3);
  guess_wrong(house, 3);
  EXPECT_EQ(view(house).ways[0].locked_until, house.now() + seconds(30));
  EXPECT_FALSE(view(house).ways[0].usable());
  house.wait(seconds(30));
  EXPECT_TRUE(view(house).ways[0].usable());
}

TEST(EnrolHere, ByTheLinkOnlyWhereNothingWasEverGivenAndThePolicyTrusts) {
  House house;
  house.policy("any").enrol = {domain::Method::kTotp};
  house.request().contacts.clear();
  house.hold();
  EXPECT_FALSE(may_enrol(house));  // The link binds nothing. [STD-6]
  EXPECT_EQ(enrol_here(house), Code::kMethodNotAllowed);
  house.policy("any").trust_on_first_use = true;
  house.hold();
  EXPECT_TRUE(may_enrol(house));
  EXPECT_TRUE(view(house).enrol_counts);
  EXPECT_EQ(enrol_here(house), kYes);
  ASSERT_EQ(why(house.add_contact(Channel::kSms, kPhone)), kYes);
  EXPECT_FALSE(may_enrol(house));
  EXPECT_EQ(enrol_here(house), Code::kMethodNotAllowed);
}

TEST(EnrolHere, WhatIsProvedForATransactionAddsNothing) {
  House house;
  house.policy("any").enrol = {domain::Method::kTotp};
  house.policy("any").trust_on_first_use = true;
  verify(house);
  EXPECT_FALSE(may_enrol(house));
  EXPECT_EQ(enrol_here(house), Code::kMethodNotAllowed);
  EXPECT_TRUE(view(house).may_add);
}

TEST(EnrolHere, NeverWhereThePolicyDoesNotSaySoNorAfterARefusal) {
  House house;
  house.policy("any").trust_on_first_use = true;
  house.request().contacts.clear();
  house.hold();
  EXPECT_FALSE(may_enrol(house));
  house.policy("any").enrol = {domain::Method::kTotp};
  house.hold();
  EXPECT_TRUE(may_enrol(house));
  ASSERT_EQ(why(house.deny()), kYes);
  EXPECT_FALSE(may_enrol(house));
}

/// The operation by which an app is added, from the page of the current transaction.
class Adding : public ::testing::Test {
 protected:
  Adding() {
    house_.policy("any").enrol = {domain::Method::kTotp};
    house_.policy("strict").enrol = {domain::Method::kTotp};
  }

  std::optional<Code> begin() {
    const auto begun = house_.in([&](store::Tx& tx, Moment& moment) {
      const auto row = store::find_transaction(tx, house_.account(), house_.current());
      return usecase::begin_addition(tx, house_.context(), house_.caller(), *row,
                                     {"https://verify.example.com/verify/x", locale_}, moment);
    });
    if (begun) house_.use(begun->id);
    house_.caller().actor = "person";
    return why(begun);
  }
  /// By the application, which leads her to the page: whatever the policies of its transactions let be enrolled.
  std::optional<Code> ask(usecase::AdditionPage page = {"https://shop.example.com/security", ""},
                          const std::string& identity = std::string(kIdentity)) {
    const auto asked = house_.in([&](store::Tx& tx, Moment& moment) {
      return usecase::ask_person_to_add(tx, house_.context(), house_.caller(), {identity}, page, moment);
    });
    if (asked) {
      house_.use(asked->id);
      url_ = asked->verify_url;
    }
    house_.caller().actor = "person";
    return why(asked);
  }
  std::optional<Code> enrol() {
    auto enrolled = house_.in([&](store::Tx& tx, Moment& moment) {
      const auto row = store::find_transaction(tx, house_.account(), house_.current());
      return usecase::enrol_here(tx, house_.context(), house_.caller(), *row, moment);
    });
    if (enrolled) {
      factor_ = enrolled->id;
      secret_ = *from_base32(enrolled->secret_base32.expose());
    }
    return why(enrolled);
  }
  [[nodiscard]] std::string code() const { return crypto::totp(secret_, crypto::totp_step(house_.now(), {}), {}); }
  std::optional<Code> confirm() {
    const auto confirmed = house_.in([&](store::Tx& tx, Moment& moment) {
      const auto row = store::find_transaction(tx, house_.account(), house_.current());
      return usecase::confirm_here(tx, house_.context(), house_.caller(), *row, factor_, "my app", SecretString(code()),
                                   moment);
    });
    return why(confirmed);
  }
  void by_sms() {
    ASSERT_EQ(why(house_.start()), kYes);
    ASSERT_EQ(why(house_.check(house_.code())), kYes);
  }
  // No application sees an operation.
  void as_application() { house_.caller().actor = "api:test"; }
  /// An app that she has added with her telephone.
  void add_by_sms() {
    ASSERT_EQ(begin(), kYes);
    by_sms();
    ASSERT_EQ(enrol(), kYes);
    ASSERT_EQ(confirm(), kYes);
    house_.wait(seconds(60));
  }

  House house_;
  FactorId factor_{};
  std::string secret_;
  std::string locale_ = "en";
  std::string url_;
};

// The page's, which is not the transaction's where the application has chosen none.
TEST_F(Adding, IsTitledInTheLanguageOfThePageWhereItWasBegun) {
  house_.hold();
  locale_ = "pt-BR";
  ASSERT_EQ(begin(), kYes);
  EXPECT_EQ(view(house_).display.title, "Novo aplicativo autenticador");
  const auto started = house_.start();
  ASSERT_EQ(why(started), kYes);
  EXPECT_NE(house_.written(started->queued).body.find("Novo aplicativo autenticador"), std::string::npos);
}

// Another app is had where the application leads to it, or by the address of the page for it.
TEST_F(Adding, IsOfferedToThoseWhoHaveNoApp) {
  house_.hold();
  EXPECT_TRUE(view(house_).offers_adding);
  active_factor(house_);
  house_.hold();
  EXPECT_FALSE(view(house_).offers_adding);
  EXPECT_TRUE(view(house_).may_add);
}

TEST_F(Adding, TakesAProofOfItsOwnAndCountsFromTheNextHoldOnAsARepeat) {
  const auto before = house_.hold();
  ASSERT_EQ(begin(), kYes);
  EXPECT_EQ(enrol(), Code::kMethodNotAllowed);  // Nothing was proved in it yet.
  by_sms();
  EXPECT_EQ(house_.status(), TransactionStatus::kVerified);
  EXPECT_EQ(why(house_.claim()), Code::kNotFound);  // It releases nothing.
  ASSERT_EQ(enrol(), kYes);
  ASSERT_EQ(confirm(), kYes);
  EXPECT_EQ(house_.status(), TransactionStatus::kReleased);
  EXPECT_EQ(enrol(), Code::kMethodNotAllowed);  // It adds one.
  house_.wait(seconds(60));

  house_.use(before);
  EXPECT_EQ(why(house_.check_totp(code(), factor_.text())), Code::kSourceDoesNotCount);
  house_.hold("any");
  ASSERT_EQ(house_.check_totp(code(), factor_.text())->status, TransactionStatus::kVerified);
  const auto proof = house_.row().state.proofs.front();
  EXPECT_EQ(proof.how.counted, domain::standing::Counted::kRepeat);
  EXPECT_EQ(proof.how.repeat_of, domain::Method::kSms);
}

TEST_F(Adding, AStolenLineAndTheAppThatItAddedAreOneKind) {
  house_.hold();
  add_by_sms();
  house_.hold("strict");
  by_sms();
  const auto approved = house_.check_totp(code(), factor_.text());
  ASSERT_EQ(why(approved), kYes);
  EXPECT_EQ(approved->status, TransactionStatus::kHeld);
  EXPECT_EQ(approved->judgement.kinds_proven, 1);
  EXPECT_EQ(approved->judgement.missing, domain::standing::Missing::kAnotherKind);
}

TEST_F(Adding, AsManyKindsAreAskedForAsSheHasCounting) {
  house_.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  house_.hold();
  ASSERT_EQ(begin(), kYes);
  by_sms();
  EXPECT_EQ(house_.status(), TransactionStatus::kHeld);
  ASSERT_EQ(why(house_.start(Channel::kEmail)), kYes);
  ASSERT_EQ(why(house_.check(house_.code())), kYes);
  EXPECT_EQ(house_.status(), TransactionStatus::kVerified);
  EXPECT_EQ(enrol(), kYes);
}

TEST_F(Adding, NotWithAMailboxAlone) {
  house_.request().contacts = {{Channel::kEmail, std::string(kEmail)}};
  house_.hold();
  EXPECT_FALSE(view(house_).may_add);
  EXPECT_EQ(begin(), Code::kMethodNotAllowed);
}

TEST_F(Adding, WithinAQuarterOfAnHourOfTheProof) {
  house_.hold();
  ASSERT_EQ(begin(), kYes);
  by_sms();
  ASSERT_EQ(enrol(), kYes);
  house_.wait(minutes(15));
  EXPECT_EQ(confirm(), Code::kMethodNotAllowed);
  EXPECT_EQ(house_.count("standings"), 1);
  EXPECT_EQ(house_.history().bindings.size(), 1U);
}

TEST_F(Adding, WhatSheAddedWaitsAnewWhenTheLineIsLost) {
  verify(house_);
  add_by_sms();
  house_.hold();
  ASSERT_EQ(house_.check_totp(code(), factor_.text())->status, TransactionStatus::kVerified);
  const auto contacts = house_.in([&](store::Tx& tx, Moment& moment) {
    return usecase::list_contacts(tx, house_.context(), house_.caller(), {std::string(kIdentity)}, moment.now);
  });
  ASSERT_EQ(contacts->size(), 1U);
  ASSERT_EQ(why(house_.in([&](store::Tx& tx, Moment& moment) {
              return usecase::delete_contact(tx, house_.context(), house_.caller(), {std::string(kIdentity)},
                                             contacts->front().id, domain::standing::GoneWhy::kLost, moment);
            })),
            kYes);
  EXPECT_EQ(house_.status(), TransactionStatus::kCanceled);
  EXPECT_EQ(why(house_.claim()), Code::kProofVoided);
  EXPECT_EQ(house_.counts(factor_.id).why_not, domain::standing::WhyNot::kNotTold);
}

TEST_F(Adding, NoApplicationSeesTheOperation) {
  const auto from = house_.hold();
  ASSERT_EQ(begin(), kYes);
  as_application();
  EXPECT_EQ(why(house_.start()), Code::kNotFound);
  EXPECT_EQ(why(house_.check("123456")), Code::kNotFound);
  EXPECT_EQ(why(house_.cancel()), Code::kNotFound);
  house_.use(from);
  EXPECT_EQ(why(house_.start()), kYes);
}

// A repeat adds nothing: else what a stolen line once added goes on adding.
TEST_F(Adding, OnlyWithSourcesThatCountAsTheirOwn) {
  active_factor(house_);  // Her own app, given with the telephone.
  house_.hold();
  ASSERT_EQ(begin(), kYes);
  by_sms();
  ASSERT_EQ(why(house_.check_totp(house_.totp_code())), kYes);
  ASSERT_EQ(enrol(), kYes);
  ASSERT_EQ(confirm(), kYes);
  house_.wait(seconds(60));
  as_application();
  house_.hold();
  ASSERT_EQ(begin(), kYes);
  for (const auto& way : view(house_).ways) EXPECT_EQ(way.counts, way.id != factor_.text()) << way.id;
}

TEST_F(Adding, TheApplicationLeadsHerThere) {
  house_.policy("any").enrol = {};
  house_.request().locale = "es";
  house_.hold();
  ASSERT_EQ(ask(), kYes);
  EXPECT_NE(url_.find("/verify/" + house_.current().text() + "."), std::string::npos);
  EXPECT_EQ(view(house_).return_url, "https://shop.example.com/security");
  EXPECT_EQ(view(house_).locale, "es");
  EXPECT_EQ(enrol(), Code::kMethodNotAllowed);  // The link binds nothing. [STD-6]
  by_sms();
  ASSERT_EQ(enrol(), kYes);
  ASSERT_EQ(confirm(), kYes);
  EXPECT_EQ(house_.status(), TransactionStatus::kReleased);
  as_application();
  EXPECT_EQ(why(house_.start()), Code::kNotFound);  // Its id tells it no more than that of one begun on a page.
}

TEST_F(Adding, TheApplicationIsToldWhereNobodyCanBeLed) {
  EXPECT_EQ(ask(), Code::kNotFound);
  house_.request().contacts = {{Channel::kEmail, std::string(kEmail)}};
  house_.hold();
  EXPECT_EQ(ask(), Code::kSourceDoesNotCount);  // A mailbox alone.
  EXPECT_EQ(ask({"javascript:alert(1)", ""}), Code::kInvalidField);
  EXPECT_EQ(ask({"", "x"}), Code::kInvalidField);
}

TEST_F(Adding, OnlyWhereTheServiceLetsPagesLeadBackTo) {
  house_.hold();
  house_.settings().accounts.at(house_.account()).services.front().return_urls = {"https://shop.example.com/back"};
  EXPECT_EQ(ask({"https://elsewhere.example.com/", ""}), Code::kInvalidField);
  EXPECT_EQ(ask({"https://shop.example.com/back", ""}), kYes);
}

TEST_F(Adding, BothRoadsTogetherNoMoreThanTenTimesAnHour) {
  const auto from = house_.hold();
  for (int i = 0; i < 10; ++i) {
    house_.use(from);
    ASSERT_EQ(i % 2 == 0 ? begin() : ask(), kYes) << i;
  }
  EXPECT_EQ(ask(), Code::kRateLimited);
}

TEST_F(Adding, NoMoreThanTenTimesAnHour) {
  const auto from = house_.hold();
  for (int i = 0; i < 10; ++i) {
    house_.use(from);
    ASSERT_EQ(begin(), kYes) << i;
  }
  house_.use(from);
  EXPECT_EQ(begin(), Code::kRateLimited);
}

}  // namespace
}  // namespace countersign::testing
