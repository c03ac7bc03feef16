#include "store/repository/risk_people.h"
#include "tests/unit/usecase/script.h"
#include "usecase/risk/rule_book.h"
#include "usecase/risk/trust_book.h"

namespace countersign::testing {
namespace {

using risk::Outcome;

/// Rules that stop what they match, so that what is known shows in the status.
class Watched {
 public:
  explicit Watched(std::string_view when) {
    auto& account = fixture.settings().accounts.at(fixture.account());
    account.risk.rules = {
        {"watched", {risk::Point::kHold}, *risk::Expression::parse(when), Outcome::kRefuse, false, false}};
    for (const auto& rule : risk::built_in_rules()) account.risk.changes.push_back({rule.name, true, {}, {}});
    rules = std::make_unique<usecase::RuleBook>(fixture.settings());
    fixture.judge_by(*rules);
    fixture.remember(people);
    fixture.caller().end_user = IpAddress::parse("203.0.113.7");
  }

  bool stops(std::string_view device, std::string_view identity = kIdentity, std::string_view payout = "") {
    fixture.request().identity = identity;
    fixture.request().risk = {std::string(device), std::string(payout)};
    const auto held = fixture.try_hold();
    EXPECT_EQ(why(held), kYes);
    return held->status == TransactionStatus::kDenied;
  }
  void approve() {
    fixture.wait(minutes(2));  // Of other codes to the same line.
    ASSERT_EQ(why(fixture.start()), kYes);
    ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  }
  /// What was learned is in the database alone, as on another node.
  void write() {
    const auto unwritten = people.take();
    fixture.in([&](store::Tx& tx, Moment& moment) {
      usecase::write_trust(tx, unwritten, moment.now);
      return Done{};
    });
  }
  void move_to_another_node() {
    write();
    other = std::make_unique<usecase::TrustBook>();
    fixture.remember(*other);
  }

  Fixture fixture;
  std::unique_ptr<usecase::RuleBook> rules;
  usecase::TrustBook people;
  std::unique_ptr<usecase::TrustBook> other;
};

TEST(RiskTrust, ADeviceThatSheNeverApprovedFromIsNew) {
  Watched it("new_device");
  EXPECT_FALSE(it.stops("phone"));
  it.approve();
  EXPECT_TRUE(it.stops("thief"));
  EXPECT_TRUE(it.stops("thief")) << "asking again makes nothing known";
  EXPECT_FALSE(it.stops("phone")) << "nor does it shut her out";
  EXPECT_FALSE(it.stops("")) << "what is not said is not held against her";
  it.move_to_another_node();
  EXPECT_TRUE(it.stops("thief"));
  EXPECT_FALSE(it.stops("phone"));
}

TEST(RiskTrust, WhatIsReplayedIsHersAndSoTheApplicationMustKeepIt) {
  Watched it("new_device");
  EXPECT_FALSE(it.stops("phone"));
  it.approve();
  EXPECT_FALSE(it.stops("phone")) << "a device id is what the application says";
  EXPECT_TRUE(it.stops("phone ")) << "byte for byte";
}

TEST(RiskTrust, ANetworkIsNewAndAnotherAddressOfItIsNot) {
  Watched it("new_network");
  EXPECT_FALSE(it.stops("phone"));
  it.approve();
  it.fixture.caller().end_user = IpAddress::parse("203.0.113.99");
  EXPECT_FALSE(it.stops("phone"));
  it.fixture.caller().end_user = IpAddress::parse("198.51.100.1");
  EXPECT_TRUE(it.stops("phone"));
}

TEST(RiskTrust, PeopleOnOneDeviceAreCountedOnEveryNode) {
  Watched it("device_subjects_day > 3");
  for (const char* who : {"a", "b", "c"}) {
    EXPECT_FALSE(it.stops("shared", who));
    EXPECT_FALSE(it.stops("shared", who)) << "nobody twice";
  }
  EXPECT_TRUE(it.stops("shared", "d"));
  it.move_to_another_node();
  EXPECT_TRUE(it.stops("shared", "e"));
  it.fixture.wait(hours(24));
  EXPECT_FALSE(it.stops("shared", "f")) << "of a day";
}

TEST(RiskTrust, AManyTimesUsedPayoutIsHeldAgainstWhoComesLater) {
  Watched it("payout_subjects >= 3");
  EXPECT_FALSE(it.stops("d1", kIdentity, "iban"));
  it.approve();
  for (const char* who : {"mule-1", "mule-2"}) {
    it.fixture.request().contacts = {
        {Channel::kSms, who == std::string("mule-1") ? "+5511911112222" : "+5511933334444"}};
    it.stops("d", who, "iban");
    it.approve();
  }
  it.fixture.request().contacts.clear();
  EXPECT_TRUE(it.stops("d3", "mule-3", "iban"));
  EXPECT_FALSE(it.stops("d1", kIdentity, "iban")) << "she had it before them";
  it.move_to_another_node();
  EXPECT_TRUE(it.stops("d3", "mule-4", "iban"));
  EXPECT_FALSE(it.stops("d1", kIdentity, "iban"));
}

TEST(RiskTrust, HoldsOfADayAndTheirAmountAreCounted) {
  Watched it("holds_day > 4 || amount_day > 1000");
  it.fixture.request().display.amount = domain::Amount{"10.00", "BRL"};
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(it.stops("phone"));
  EXPECT_TRUE(it.stops("phone"));
  it.fixture.wait(hours(25));
  it.fixture.request().display.amount = domain::Amount{"600.00", "BRL"};
  EXPECT_FALSE(it.stops("phone"));
  EXPECT_TRUE(it.stops("phone"));
}

/// Nodes with one database.
class Nodes : public Watched {
 public:
  using Watched::Watched;

  void at(usecase::TrustBook& node) { fixture.remember(node); }
  void write(usecase::TrustBook& node) {
    const auto unwritten = node.take();
    fixture.in([&](store::Tx& tx, Moment& moment) {
      usecase::write_trust(tx, unwritten, moment.now);
      return Done{};
    });
  }
  usecase::TrustBook::Person her() { return {fixture.account(), fixture.history().subject}; }
  void deny(usecase::TrustBook& node) { node.note_event(her(), risk::Profile::Event::kDenial, fixture.now()); }
  double denials(usecase::TrustBook& node) {
    return fixture.in([&, person = her()](store::Tx& tx, Moment& moment) {
      const auto stored = store::find_profile(tx, person.account, person.subject);
      risk::Features features;
      node.profile_of(person, stored).describe_events(moment.now, features);
      return features.get(risk::Feature::kDenialsDay).value_or(-1);
    });
  }

  usecase::TrustBook a;
  usecase::TrustBook b;
  usecase::TrustBook c;
};

TEST(RiskTrust, WhatNodesCountInOneHourAddsUp) {
  Nodes it("denials_day >= 4");
  EXPECT_FALSE(it.stops("phone"));
  it.deny(it.a);
  it.deny(it.a);
  it.deny(it.b);
  EXPECT_EQ(it.denials(it.a), 2) << "at once where it happens";
  it.write(it.a);
  it.write(it.b);
  EXPECT_EQ(it.denials(it.a), 3);
  EXPECT_EQ(it.denials(it.b), 3);
  EXPECT_EQ(it.denials(it.c), 3);
  it.at(it.b);
  EXPECT_FALSE(it.stops("phone")) << "three, and a hold that learns of them makes no more of them";
  it.write(it.a);
  it.write(it.b);
  it.write(it.b);
  EXPECT_EQ(it.denials(it.c), 3);
  it.deny(it.b);
  it.a.put_back(it.a.take());
  it.b.put_back(it.b.take());
  EXPECT_EQ(it.denials(it.b), 4) << "and what could not be written counts as before";
  it.write(it.b);
  EXPECT_EQ(it.denials(it.b), 4);
  it.at(it.c);
  EXPECT_TRUE(it.stops("phone"));
}

TEST(RiskTrust, HoldsOnSeveralNodesAddUp) {
  Nodes it("holds_day > 6");
  for (auto* const node : {&it.a, &it.b, &it.a, &it.b, &it.a, &it.b}) {
    it.at(*node);
    EXPECT_FALSE(it.stops(""));
  }
  it.fixture.caller().end_user = IpAddress::parse("198.51.100.1");  // New things are written at once.
  for (auto* const node : {&it.a, &it.b}) {
    it.at(*node);
    it.stops("");
  }
  it.write(it.a);
  it.write(it.b);
  it.at(it.c);
  EXPECT_TRUE(it.stops(""));
}

TEST(RiskTrust, NothingReadableIsStored) {
  Watched it("new_device");
  EXPECT_FALSE(it.stops("device-of-ana", kIdentity, "iban-of-ana"));
  it.approve();
  it.write();
  const auto subject = it.fixture.row().state.subject;
  const auto content =
      it.fixture.in([&](store::Tx& tx, Moment&) { return store::find_profile(tx, it.fixture.account(), subject); });
  ASSERT_TRUE(content);
  for (const char* readable : {"device-of-ana", "iban-of-ana", "203.0.113"})
    EXPECT_EQ(content->find(readable), std::string::npos);
}

TEST(RiskTrust, ItIsForgotten) {
  Watched it("new_device");
  EXPECT_FALSE(it.stops("phone"));
  it.approve();
  it.write();
  EXPECT_EQ(it.fixture.count("risk_people"), 1);
  EXPECT_GE(it.fixture.count("risk_links"), 2);
  const auto purge = [&](int days) {
    return it.fixture.in([&](store::Tx& tx, Moment& moment) {
      return store::purge_risk_people(tx, it.fixture.account(), usecase::trust_day(moment.now) + days, 10);
    });
  };
  EXPECT_EQ(purge(2), 0);
  EXPECT_GE(purge(3), 2);
  EXPECT_EQ(it.fixture.count("risk_people"), 1);
  EXPECT_EQ(purge(401), 1);
  EXPECT_EQ(it.fixture.count("risk_people"), 0);
  EXPECT_EQ(it.fixture.count("risk_links"), 0);
}

TEST(RiskTrust, WhatAnotherNodeCountedBeforeTheHoldIsKnownAtTheApproval) {
  Watched it("false");
  auto& account = it.fixture.settings().accounts.at(it.fixture.account());
  account.risk.rules = {{"denied",
                         {risk::Point::kApprove},
                         *risk::Expression::parse("denials_day >= 2"),
                         Outcome::kRefuse,
                         false,
                         false}};
  usecase::RuleBook rules(it.fixture.settings());
  it.fixture.judge_by(rules);
  it.fixture.request().expires_in = hours(24);
  verify(it.fixture);
  const usecase::TrustBook::Person her{it.fixture.account(), it.fixture.history().subject};
  for (int i = 0; i < 2; ++i) it.people.note_event(her, risk::Profile::Event::kDenial, it.fixture.now());
  it.write();
  const auto approved_elsewhere = [&](Duration later) {
    usecase::TrustBook held_there;
    it.fixture.remember(held_there);
    it.fixture.hold();
    it.fixture.wait(later);
    usecase::TrustBook approved_there;
    it.fixture.remember(approved_there);
    it.approve();
    return it.fixture.status();
  };
  EXPECT_EQ(approved_elsewhere(minutes(1)), TransactionStatus::kDenied);
  EXPECT_EQ(approved_elsewhere(hours(23)), TransactionStatus::kDenied) << "of the day before the hold";
  it.fixture.wait(hours(2));
  EXPECT_EQ(approved_elsewhere(minutes(1)), TransactionStatus::kVerified) << "a day is over";
}

/// A rule that refuses an approval that was faster than that.
class Fast {
 public:
  explicit Fast(std::string_view when = "approval_seconds < 3") {
    auto& account = fixture.settings().accounts.at(fixture.account());
    account.risk.rules = {
        {"fast", {risk::Point::kApprove}, *risk::Expression::parse(when), Outcome::kRefuse, false, false}};
    rules = std::make_unique<usecase::RuleBook>(fixture.settings());
    fixture.judge_by(*rules);
    unlimited(fixture);
  }
  /// Held an hour before.
  void hold() {
    fixture.request().expires_in = hours(10);
    fixture.hold("any");
    fixture.wait(hours(1));
  }
  TransactionStatus by_code(Duration after = Duration::zero()) {
    EXPECT_EQ(why(fixture.start()), kYes);
    fixture.wait(after);
    EXPECT_EQ(why(fixture.check(fixture.code())), kYes);
    return fixture.status();
  }

  Fixture fixture;
  std::unique_ptr<usecase::RuleBook> rules;
};

TEST(RiskTrust, ReadingBeginsWithTheFirstMessageAndNotWithTheHold) {
  Fast it;
  it.hold();
  EXPECT_EQ(it.by_code(), TransactionStatus::kDenied) << "typed at once, an hour after it was held";
  it.hold();
  EXPECT_EQ(it.by_code(seconds(5)), TransactionStatus::kVerified);
  it.hold();
  EXPECT_EQ(why(it.fixture.start()), kYes);
  it.fixture.wait(minutes(2));
  EXPECT_EQ(it.by_code(), TransactionStatus::kVerified) << "she has had the first message for two minutes";
}

TEST(RiskTrust, ReadingBeginsWithTheFirstPageThatWasShown) {
  Fast it;
  active_factor(it.fixture);
  it.fixture.caller().shown_for = seconds(40);
  it.hold();
  EXPECT_EQ(it.by_code(), TransactionStatus::kVerified) << "she read it before she asked for the code";
  it.fixture.caller().shown_for = seconds(2);
  it.hold();
  EXPECT_EQ(it.by_code(), TransactionStatus::kDenied);
  const auto app = [&] {
    it.hold();
    EXPECT_EQ(why(it.fixture.check_totp(it.fixture.totp_code())), kYes);
    return it.fixture.status();
  };
  EXPECT_EQ(app(), TransactionStatus::kDenied) << "two seconds on the page";
  it.fixture.caller().shown_for = minutes(1);
  EXPECT_EQ(app(), TransactionStatus::kVerified);
  it.fixture.caller().shown_for.reset();
  EXPECT_EQ(app(), TransactionStatus::kVerified) << "where nobody knows, since the hold";
}

TEST(RiskTrust, NoPageIsOlderThanTheHold) {
  Fast it("approval_seconds > 20");
  it.fixture.caller().shown_for = hours(3);
  it.fixture.hold("any");
  EXPECT_EQ(it.by_code(seconds(5)), TransactionStatus::kVerified) << "the browser was shown something else then";
  it.fixture.hold("any");
  EXPECT_EQ(it.by_code(seconds(30)), TransactionStatus::kDenied);
}

TEST(RiskTrust, TheBookIsBounded) {
  usecase::TrustBook book;
  Fixture fixture;
  Moment moment{fixture.now(), fixture.random()};
  for (int i = 0; i < 50'000; ++i) {
    book.note_hold({fixture.account(), SubjectId::make(moment)}, {}, {.device = std::to_string(i), .type = "t"},
                   moment.now);
  }
  const auto unwritten = book.take();
  EXPECT_LE(unwritten.people.size(), usecase::TrustBook::kPeopleMax);
  EXPECT_LE(unwritten.links.size(), usecase::TrustBook::kPeopleMax);
}

}  // namespace
}  // namespace countersign::testing
