#include <algorithm>

#include "store/repository/events.h"
#include "tests/unit/usecase/script.h"
#include "usecase/risk/review.h"
#include "usecase/risk/rule_book.h"
#include "usecase/subject/erase.h"

namespace countersign::testing {
namespace {

using risk::Outcome;
using risk::Point;

/// A fixture whose account has one rule of its own.
class Judged {
 public:
  explicit Judged(Outcome outcome, risk::Points points = {Point::kHold}, std::string_view when = "amount > 5000") {
    auto& account = fixture.settings().accounts.at(fixture.account());
    account.risk.rules = {{"large", points, *risk::Expression::parse(when), outcome, false, false}};
    book = std::make_unique<usecase::RuleBook>(fixture.settings());
    fixture.judge_by(*book);
    fixture.request().display.amount = domain::Amount{"7500.00", "BRL"};
    fixture.caller().may_administer = true;
  }

  TransactionStatus status() {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return domain::status_at(store::find_transaction(tx, fixture.account(), fixture.current())->state, moment.now);
    });
  }
  template <class Decide>
  auto decide(Decide decide_it, std::string_view actor = "api:SKa") {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      usecase::Caller caller = fixture.caller();
      caller.actor = actor;
      return decide_it({tx, fixture.context(), caller, moment}, fixture.current());
    });
  }
  auto allow(std::string_view actor = "api:SKa") {
    return decide([](const usecase::Work& work, const TransactionId& id) { return usecase::allow_review(work, id); },
                  actor);
  }
  auto refuse() {
    return decide([](const usecase::Work& work, const TransactionId& id) { return usecase::refuse_review(work, id); });
  }
  /// Of webhooks that are due, in order.
  std::vector<std::string> told() {
    std::vector<std::string> types;
    for (const auto& job : fixture.due_deliveries()) types.push_back(job.row.event_type);
    return types;
  }
  std::vector<std::string> waiting() {
    const auto rows = fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::list_reviews({tx, fixture.context(), fixture.caller(), moment}, std::nullopt, 50);
    });
    std::vector<std::string> ids;
    for (const auto& row : *rows) ids.push_back(row.state.id.text());
    return ids;
  }

  Fixture fixture;
  std::unique_ptr<usecase::RuleBook> book;
};

/// Below what the rule stops.
void verify_small(Fixture& fixture) {
  fixture.request().display.amount = domain::Amount{"10.00", "BRL"};
  verify(fixture);
  ASSERT_EQ(why(fixture.claim()), kYes);
}

TEST(RiskReview, AHeldTransactionWaitsForAWordAndNobodyIsAskedMeanwhile) {
  Judged it(Outcome::kReview);
  const auto held = it.fixture.try_hold();
  ASSERT_EQ(why(held), kYes);
  EXPECT_EQ(held->status, TransactionStatus::kInReview);
  EXPECT_EQ(why(it.fixture.start()), Code::kInReview);
  EXPECT_EQ(why(it.fixture.claim()), Code::kInReview);
  EXPECT_EQ(it.waiting(), std::vector<std::string>{held->id.text()});
  EXPECT_TRUE(it.fixture.has_payload());

  it.fixture.wait(hours(3));  // Longer than it was to be held: the time of the review is not the person's.
  ASSERT_EQ(why(it.allow()), kYes);
  EXPECT_EQ(it.status(), TransactionStatus::kHeld);
  EXPECT_TRUE(it.waiting().empty());
  ASSERT_EQ(why(it.fixture.start()), kYes);
  ASSERT_EQ(why(it.fixture.check(it.fixture.code())), kYes);
  EXPECT_EQ(why(it.fixture.claim()), kYes);
}

TEST(RiskReview, WithASendNothingIsSent) {
  Judged it(Outcome::kReview);
  it.fixture.request().send = contact::parse_wanted("sms");
  const auto held = it.fixture.try_hold();
  ASSERT_EQ(why(held), kYes);
  EXPECT_FALSE(held->started);
  EXPECT_TRUE(it.fixture.sent().empty());
}

TEST(RiskReview, OneWordRefusesForGood) {
  Judged it(Outcome::kReview);
  it.fixture.hold();
  ASSERT_EQ(why(it.refuse()), kYes);
  EXPECT_EQ(it.status(), TransactionStatus::kDenied);
  EXPECT_FALSE(it.fixture.has_payload());
  EXPECT_EQ(why(it.allow()), Code::kNoReview);
  EXPECT_EQ(why(it.fixture.start()), Code::kTransactionNotHeld);
}

TEST(RiskReview, NobodysWordInTimeRefuses) {
  Judged it(Outcome::kReview);
  it.fixture.hold();
  it.fixture.wait(hours(24) - kTick);
  EXPECT_EQ(it.status(), TransactionStatus::kInReview);
  it.fixture.wait(kTick);
  EXPECT_EQ(it.status(), TransactionStatus::kDenied);
  EXPECT_EQ(why(it.allow()), Code::kNoReview);
  EXPECT_TRUE(it.fixture.has_payload());
  EXPECT_EQ(it.fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::expire_lapsed(tx, it.fixture.context(), 10, moment);
  }),
            1);
  EXPECT_FALSE(it.fixture.has_payload());
  EXPECT_EQ(it.status(), TransactionStatus::kDenied);
  EXPECT_EQ(it.fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::expire_lapsed(tx, it.fixture.context(), 10, moment);
  }),
            0);
}

TEST(RiskReview, WhatTheRulesRefusedIsDeniedAndAnOperatorUndoesIt) {
  Judged it(Outcome::kRefuse);
  const auto held = it.fixture.try_hold();
  ASSERT_EQ(why(held), kYes);
  EXPECT_EQ(held->status, TransactionStatus::kDenied);
  EXPECT_EQ(why(it.fixture.start()), Code::kTransactionNotHeld);
  EXPECT_EQ(it.waiting().size(), 1U);
  ASSERT_EQ(why(it.allow()), kYes);
  ASSERT_EQ(why(it.fixture.start()), kYes);
  ASSERT_EQ(why(it.fixture.check(it.fixture.code())), kYes);
  EXPECT_EQ(why(it.fixture.claim()), kYes);
}

TEST(RiskReview, TwoPersonsAllow) {
  Judged it(Outcome::kReview);
  it.fixture.settings().review_by_two = true;
  it.fixture.hold();
  ASSERT_EQ(why(it.allow("api:SKa")), kYes);
  EXPECT_EQ(it.status(), TransactionStatus::kInReview);
  EXPECT_EQ(why(it.allow("api:SKa")), Code::kSameReviewer);
  ASSERT_EQ(why(it.allow("api:SKb")), kYes);
  EXPECT_EQ(it.status(), TransactionStatus::kHeld);
}

TEST(RiskReview, OnlyAKeyThatMayAdminister) {
  Judged it(Outcome::kReview);
  it.fixture.hold();
  it.fixture.caller().may_administer = false;
  EXPECT_EQ(why(it.allow()), Code::kMayNotAdminister);
  EXPECT_EQ(why(it.refuse()), Code::kMayNotAdminister);
}

TEST(RiskReview, AnApprovalIsStoppedBeforeAnybodyIsToldThatItIsVerified) {
  Judged it(Outcome::kReview, {Point::kApprove});
  it.fixture.hold();
  ASSERT_EQ(why(it.fixture.start()), kYes);
  const auto approved = it.fixture.check(it.fixture.code());
  ASSERT_EQ(why(approved), kYes);
  EXPECT_EQ(approved->status, TransactionStatus::kInReview);
  EXPECT_EQ(why(it.fixture.claim()), Code::kInReview);
  it.fixture.wait(hours(1));
  ASSERT_EQ(why(it.allow()), kYes);
  EXPECT_EQ(it.status(), TransactionStatus::kVerified);
  EXPECT_EQ(why(it.fixture.claim()), kYes);
}

TEST(RiskReview, AClaimIsStoppedAndAfterAWordItIsNotStoppedAgain) {
  Judged it(Outcome::kReview, {Point::kClaim});
  verify(it.fixture);
  EXPECT_EQ(why(it.fixture.claim()), Code::kInReview);
  EXPECT_EQ(why(it.fixture.claim()), Code::kInReview);
  ASSERT_EQ(why(it.allow()), kYes);
  EXPECT_EQ(why(it.fixture.claim()), kYes);
}

TEST(RiskReview, AClaimIsRefused) {
  Judged it(Outcome::kRefuse, {Point::kClaim});
  verify(it.fixture);
  EXPECT_EQ(why(it.fixture.claim()), Code::kTransactionNotHeld);
  EXPECT_EQ(it.status(), TransactionStatus::kDenied);
  EXPECT_EQ(it.waiting().size(), 1U);
}

TEST(RiskReview, TheApplicationCancelsWhatIsInReview) {
  Judged it(Outcome::kReview);
  it.fixture.hold();
  ASSERT_EQ(why(it.fixture.cancel()), kYes);
  EXPECT_EQ(it.status(), TransactionStatus::kCanceled);
  EXPECT_TRUE(it.waiting().empty());
  EXPECT_EQ(why(it.allow()), Code::kNoReview);
}

TEST(RiskReview, TheApplicationIsToldWhatIsStoppedAndWhatGoesOn) {
  using Told = std::vector<std::string>;
  Judged it(Outcome::kReview, {Point::kHold, Point::kApprove});
  ASSERT_EQ(why(it.fixture.add_endpoint()), kYes);
  it.fixture.hold();
  EXPECT_EQ(it.told(), Told{"transaction.review_needed"});
  ASSERT_EQ(why(it.allow()), kYes);
  EXPECT_EQ(it.told(), Told{"transaction.review_allowed"});

  Judged late(Outcome::kReview, {Point::kApprove});
  ASSERT_EQ(why(late.fixture.add_endpoint()), kYes);
  late.fixture.hold();
  ASSERT_EQ(why(late.fixture.start()), kYes);
  ASSERT_EQ(why(late.fixture.check(late.fixture.code())), kYes);
  EXPECT_EQ(late.told(), Told{"transaction.review_needed"}) << "and not that it is verified";
  ASSERT_EQ(why(late.allow()), kYes);
  EXPECT_EQ(late.told(), (Told{"transaction.review_allowed", "transaction.verified"}));
}

TEST(RiskReview, TheApplicationIsToldWhatTheRulesRefuse) {
  Judged it(Outcome::kRefuse);
  ASSERT_EQ(why(it.fixture.add_endpoint()), kYes);
  it.fixture.hold();
  const auto due = it.fixture.due_deliveries();
  ASSERT_FALSE(due.empty());
  EXPECT_EQ(due.back().row.event_type, "transaction.denied");
  EXPECT_NE(due.back().row.body.find(R"("reason":"refused")"), std::string::npos) << due.back().row.body;
  EXPECT_EQ(due.back().row.body.find("large"), std::string::npos) << "never the rule";
}

TEST(RiskReview, WhatWasRefusedOfAPersonWhoIsErasedIsNobodysToAllow) {
  Judged it(Outcome::kRefuse);
  const auto erase_due = [&] {
    return it.fixture.in(
        [&](store::Tx& tx, Moment& moment) { return usecase::erase_due(tx, it.fixture.context(), 10, moment); });
  };
  verify_small(it.fixture);
  ASSERT_EQ(why(it.fixture.in([&](store::Tx& tx, Moment& moment) {
              return usecase::ask_for_erasure({tx, it.fixture.context(), it.fixture.caller(), moment}, kIdentity);
            })),
            kYes);
  it.fixture.wait(hours(71));
  it.fixture.request().display.amount = domain::Amount{"7500.00", "BRL"};
  ASSERT_EQ(it.fixture.try_hold()->status, TransactionStatus::kDenied);
  EXPECT_TRUE(it.fixture.has_payload());
  it.fixture.wait(hours(1));
  ASSERT_EQ(erase_due(), 1);
  EXPECT_FALSE(it.fixture.has_payload());
  EXPECT_TRUE(it.waiting().empty());
  EXPECT_EQ(why(it.allow()), Code::kNoReview);
}

TEST(RiskReview, OneOperatorIsNotTwoByWritingHisNameAnotherWay) {
  Judged it(Outcome::kReview);
  it.fixture.settings().review_by_two = true;
  it.fixture.hold();
  const auto allow_as = [&](std::string_view name) {
    return it.decide(
        [&](const usecase::Work& work, const TransactionId& id) { return usecase::allow_review(work, id, name); },
        "operator");
  };
  ASSERT_EQ(why(allow_as("ana")), kYes);
  EXPECT_EQ(why(allow_as("Ana")), Code::kSameReviewer);
  EXPECT_EQ(it.status(), TransactionStatus::kInReview);
  ASSERT_EQ(why(allow_as("rui")), kYes);
  EXPECT_EQ(it.status(), TransactionStatus::kHeld);
}

TEST(RiskReview, AWordIsOfTheTransactionThatItNames) {
  Judged it(Outcome::kReview);
  const auto first = it.fixture.hold();
  it.fixture.request().identity = "somebody-else";
  it.fixture.hold();
  it.fixture.settings().review_by_two = true;
  ASSERT_EQ(why(it.allow("api:SKa")), kYes);
  ASSERT_EQ(
      why(it.decide([&](const usecase::Work& work, const TransactionId&) { return usecase::allow_review(work, first); },
                    "api:SKb")),
      kYes);
  EXPECT_EQ(it.status(), TransactionStatus::kInReview) << "one word for each of two is two for none";
  EXPECT_EQ(it.waiting().size(), 2U);
}

TEST(RiskAnotherKind, OneKindMoreIsAskedForOfAPersonWhoHasIt) {
  Judged it(Outcome::kAnotherKind);
  it.fixture.request().contacts = {{Channel::kSms, std::string(kPhone)}, {Channel::kEmail, std::string(kEmail)}};
  const auto held = it.fixture.try_hold();
  ASSERT_EQ(why(held), kYes);
  EXPECT_EQ(held->status, TransactionStatus::kHeld);
  ASSERT_EQ(why(it.fixture.start(Channel::kSms)), kYes);
  const auto first = it.fixture.check(it.fixture.code());
  ASSERT_EQ(why(first), kYes);
  EXPECT_EQ(first->status, TransactionStatus::kHeld);
  EXPECT_EQ(first->judgement.missing, domain::standing::Missing::kAnotherKind);
  EXPECT_EQ(first->judgement.kinds_needed, 2);
  it.fixture.wait(minutes(1));
  ASSERT_EQ(why(it.fixture.start(Channel::kEmail)), kYes);
  EXPECT_EQ(it.fixture.check(it.fixture.code())->status, TransactionStatus::kVerified);
  EXPECT_EQ(why(it.fixture.claim()), kYes);
}

TEST(RiskAnotherKind, WhoHasNoneGoesToReview) {
  Judged it(Outcome::kAnotherKind);
  it.fixture.request().contacts = {{Channel::kSms, std::string(kPhone)}};
  EXPECT_EQ(it.fixture.try_hold()->status, TransactionStatus::kInReview);
}

TEST(RiskAnotherKind, AtTheApprovalToo) {
  Judged it(Outcome::kAnotherKind, {Point::kApprove});
  it.fixture.request().contacts = {{Channel::kSms, std::string(kPhone)}, {Channel::kEmail, std::string(kEmail)}};
  it.fixture.hold();
  ASSERT_EQ(why(it.fixture.start(Channel::kSms)), kYes);
  EXPECT_EQ(it.fixture.check(it.fixture.code())->status, TransactionStatus::kHeld);
  EXPECT_EQ(why(it.fixture.claim()), Code::kNotVerified);
  it.fixture.wait(minutes(1));
  ASSERT_EQ(why(it.fixture.start(Channel::kEmail)), kYes);
  EXPECT_EQ(it.fixture.check(it.fixture.code())->status, TransactionStatus::kVerified);
}

// She has done all that she can: an operator decides, and she is not asked for what she does not have.
TEST(RiskAnotherKind, AtTheApprovalWhoHasNoneGoesToReview) {
  Judged it(Outcome::kAnotherKind, {Point::kApprove});
  it.fixture.request().contacts = {{Channel::kSms, std::string(kPhone)}};
  it.fixture.hold();
  ASSERT_EQ(why(it.fixture.start()), kYes);
  EXPECT_EQ(it.fixture.check(it.fixture.code())->status, TransactionStatus::kInReview);
  ASSERT_EQ(why(it.allow()), kYes);
  EXPECT_EQ(it.status(), TransactionStatus::kVerified);
}

TEST(RiskReview, AnApprovalIsJudgedOnceItIsWhole) {
  Judged it(Outcome::kReview, {Point::kApprove});
  it.fixture.policy("any").min_kinds = 2;
  it.fixture.request().contacts = {{Channel::kSms, std::string(kPhone)}, {Channel::kEmail, std::string(kEmail)}};
  it.fixture.hold("any");
  ASSERT_EQ(why(it.fixture.start(Channel::kSms)), kYes);
  EXPECT_EQ(it.fixture.check(it.fixture.code())->status, TransactionStatus::kHeld);
  it.fixture.wait(minutes(1));
  ASSERT_EQ(why(it.fixture.start(Channel::kEmail)), kYes);
  EXPECT_EQ(it.fixture.check(it.fixture.code())->status, TransactionStatus::kInReview);
}

TEST(RiskAnotherKind, AtTheClaimWhoeverHasProvedTwoKindsIsNotStopped) {
  Judged it(Outcome::kAnotherKind, {Point::kHold, Point::kClaim});
  it.fixture.request().contacts = {{Channel::kSms, std::string(kPhone)}, {Channel::kEmail, std::string(kEmail)}};
  it.fixture.hold();
  ASSERT_EQ(why(it.fixture.start(Channel::kSms)), kYes);
  ASSERT_EQ(why(it.fixture.check(it.fixture.code())), kYes);
  it.fixture.wait(minutes(1));
  ASSERT_EQ(why(it.fixture.start(Channel::kEmail)), kYes);
  ASSERT_EQ(it.fixture.check(it.fixture.code())->status, TransactionStatus::kVerified);
  EXPECT_EQ(why(it.fixture.claim()), kYes);

  Judged one(Outcome::kAnotherKind, {Point::kClaim});
  verify(one.fixture);
  EXPECT_EQ(why(one.fixture.claim()), Code::kInReview) << "nobody is on a page any more";
}

TEST(RiskRules, ARuleThatHitsEstablishedPeopleAsksThemForAnotherKind) {
  Judged it(Outcome::kRefuse);
  it.fixture.settings().risk_guard.people_min = 2;
  const auto hold_of = [&](int person, std::string_view amount) {
    it.fixture.request().identity = "person-" + std::to_string(person);
    it.fixture.request().contacts = {{Channel::kSms, "+551198765000" + std::to_string(person)},
                                     {Channel::kEmail, std::to_string(person) + "@example.com"}};
    it.fixture.request().display.amount = domain::Amount{std::string(amount), "BRL"};
    return it.fixture.try_hold()->status;
  };
  for (int person = 1; person <= 4; ++person) EXPECT_EQ(hold_of(person, "10.00"), TransactionStatus::kHeld);
  it.fixture.wait(hours(24 * 31));
  EXPECT_EQ(hold_of(1, "7000.00"), TransactionStatus::kDenied);
  EXPECT_EQ(hold_of(1, "7000.00"), TransactionStatus::kDenied) << "one person, however often";
  EXPECT_EQ(hold_of(2, "7000.00"), TransactionStatus::kDenied);
  EXPECT_EQ(hold_of(3, "7000.00"), TransactionStatus::kHeld);
  EXPECT_FALSE(it.fixture.row().state.policy.also.empty());
  EXPECT_EQ(it.book->fallen(it.fixture.account(), it.fixture.now()), std::vector<std::string>{"large"});
  it.fixture.wait(hours(25));
  EXPECT_EQ(hold_of(4, "7000.00"), TransactionStatus::kDenied) << "a day later it bites again";
}

TEST(RiskRules, InShadowNothingChanges) {
  Judged it(Outcome::kRefuse);
  auto& rules = it.fixture.settings().accounts.at(it.fixture.account()).risk.rules;
  rules.front().shadow = true;
  it.book = std::make_unique<usecase::RuleBook>(it.fixture.settings());
  it.fixture.judge_by(*it.book);
  EXPECT_EQ(it.fixture.try_hold()->status, TransactionStatus::kHeld);
}

TEST(RiskRules, WhatTheAccountSetsHoldsOverTheConfiguration) {
  Judged it(Outcome::kRefuse);
  EXPECT_TRUE(
      it.book->replace({{it.fixture.account(), R"({"changes":{"large":{"outcome":"note"}},"rules":[]})"}}).empty());
  EXPECT_EQ(it.fixture.try_hold()->status, TransactionStatus::kHeld);
  const auto unreadable = it.book->replace({{it.fixture.account(), R"({"rules":[{"name":"x"}]})"}});
  EXPECT_EQ(unreadable, std::vector<AccountId>{it.fixture.account()});
  EXPECT_EQ(it.fixture.try_hold()->status, TransactionStatus::kHeld) << "those before stay in force";
}

}  // namespace
}  // namespace countersign::testing
