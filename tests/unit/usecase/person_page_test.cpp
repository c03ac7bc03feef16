#include "usecase/person_page.h"

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

TEST(PersonPage, WhatCameAfterTheHoldIsSaidToBeFresh) {
  House house;
  house.request().contacts.clear();
  house.hold();
  EXPECT_FALSE(view(house).reachable);
  house.wait(kTick);
  ASSERT_EQ(why(house.add_contact(Channel::kSms, kPhone)), kYes);
  const auto now = view(house);
  ASSERT_EQ(now.ways.size(), 1U);
  EXPECT_FALSE(now.ways[0].established);
  EXPECT_FALSE(now.reachable);
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

TEST(EnrolHere, OnlyAfterAProofWhereOneCanBeGiven) {
  House house;
  house.policy("any").enrol = {domain::Method::kTotp};
  house.hold();
  EXPECT_FALSE(may_enrol(house));
  EXPECT_EQ(enrol_here(house), Code::kMethodNotAllowed);
  ASSERT_EQ(why(house.start()), kYes);
  ASSERT_EQ(why(house.check(house.code())), kYes);
  EXPECT_TRUE(may_enrol(house));
  EXPECT_EQ(enrol_here(house), kYes);
}

TEST(EnrolHere, ForAQuarterOfAnHourAfterTheProof) {
  House house;
  house.policy("any").enrol = {domain::Method::kTotp};
  verify(house);
  ASSERT_TRUE(house.claim());
  ASSERT_EQ(why(house.ack(house.claim()->fencing_token)), kYes);
  house.wait(minutes(15) - kTick);
  EXPECT_TRUE(may_enrol(house));
  house.wait(kTick);
  EXPECT_FALSE(may_enrol(house));
  EXPECT_EQ(enrol_here(house), Code::kMethodNotAllowed);
}

TEST(EnrolHere, NeverWhereThePolicyDoesNotSaySoNorAfterARefusal) {
  House house;
  house.request().contacts.clear();
  house.hold();
  EXPECT_FALSE(may_enrol(house));
  house.policy("any").enrol = {domain::Method::kTotp};
  house.hold();
  EXPECT_TRUE(may_enrol(house));
  ASSERT_EQ(why(house.deny()), kYes);
  EXPECT_FALSE(may_enrol(house));
}

TEST(EnrolHere, AFactorThatThePersonHasMustProveFirst) {
  House house;
  house.policy("any").enrol = {domain::Method::kTotp};
  house.request().contacts.clear();
  active_factor(house);
  house.hold();
  EXPECT_FALSE(may_enrol(house));
  ASSERT_EQ(why(house.check_totp(house.totp_code())), kYes);
  EXPECT_TRUE(may_enrol(house));
}

}  // namespace
}  // namespace countersign::testing
