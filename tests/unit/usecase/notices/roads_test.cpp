#include "post.h"
#include "store/repository/accounts.h"
#include "support/settings.h"

// In which language people are told, by which provider, and in whose turn. [STD-7]
namespace countersign::testing {
namespace {

void change_something(House& house) {
  ASSERT_EQ(why(house.enrol()), kYes);
  ASSERT_EQ(why(house.confirm()), kYes);
  house.wait(seconds(1));
}

usecase::ServiceSettings& default_service(House& house) {
  return house.settings().accounts.at(house.account()).services.front();
}

std::string told_about_an_app(House& house) {
  change_something(house);
  const auto due = post_all(house);
  return due.size() == 1 ? due[0].message.body : "";
}

TEST(NoticeLanguage, IsThatOfThePersonsLastTransaction) {
  House house;
  house.request().locale = "pt-BR";
  known_person(house);
  EXPECT_NE(told_about_an_app(house).find("um novo aplicativo autenticador"), std::string::npos);
  house.request().locale = "es";
  house.hold();
  EXPECT_NE(told_about_an_app(house).find("una nueva app"), std::string::npos);
  house.request().locale = "";  // The hold says nothing: the service's.
  house.hold();
  EXPECT_NE(told_about_an_app(house).find("a new authenticator app"), std::string::npos);
}

TEST(NoticeLanguage, OfAHoldThatBringsTheChangeIsTheHolds) {
  House house;
  house.request().locale = "es";
  known_person(house);
  house.request().locale = "pt-BR";
  house.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  house.hold();
  const auto due = due_notices(house);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_NE(due[0].message.body.find("um novo telefone"), std::string::npos);
  EXPECT_EQ(due[0].message.locale, "pt-BR");
}

TEST(NoticeLanguage, IsTheServicesWhereNothingIsKnown) {
  House house;
  default_service(house).locale = "es";
  default_service(house).objection = "soporte";
  ASSERT_EQ(why(house.add_contact(Channel::kSms, kPhone)), kYes);
  house.wait(seconds(1));
  ASSERT_EQ(why(house.add_contact(Channel::kEmail, kEmail)), kYes);
  const auto due = due_notices(house);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_NE(due[0].message.body.find("un nuevo correo"), std::string::npos);
}

delivery::ProviderError refusal(delivery::Fault fault, bool maybe_sent = false) {
  return {fault, delivery::PersonNotice::kNumberNotSupported, "21211", "refused", {}, maybe_sent};
}

TEST(NoticeRoads, WhatOneRefusesForCertainGoesToTheNextThatCan) {
  House house;
  known_person(house);
  default_service(house).roads.at(Channel::kWhatsapp).provider = "other";
  change_something(house);
  const Id app = house.factor().id;
  std::vector<std::pair<Channel, std::string>> roads;
  for (int i = 0; i < 3; ++i) {
    const auto due = due_notices(house);
    ASSERT_EQ(due.size(), 1U) << i;
    EXPECT_EQ(due[0].message.to, kPhone);
    EXPECT_EQ(due[0].message.channel, due[0].row.channel);
    roads.emplace_back(due[0].row.channel, due[0].row.provider);
    EXPECT_EQ(house.counts(app).why_not, domain::standing::WhyNot::kNotTold);
    finish(house, due[0], fail(refusal(delivery::Fault::kInvalidAddress)));
  }
  EXPECT_EQ(roads, (std::vector<std::pair<Channel, std::string>>{
                       {Channel::kSms, "double"}, {Channel::kWhatsapp, "other"}, {Channel::kCall, "double"}}));
  EXPECT_TRUE(due_notices(house).empty());  // That was the last.
  EXPECT_EQ(count_events(house, "notice.handed_over"), 2);
  EXPECT_EQ(count_events(house, "notice.failed"), 1);
  EXPECT_EQ(house.counts(app).why_not, domain::standing::WhyNot::kNotTold);
}

TEST(NoticeRoads, ANumberThatARouteDivertsGoesByTheChannelsOwnRoadNext) {
  House house;
  known_person(house);
  default_service(house).routes = {{Channel::kSms, {}, 100, {"diverted", false}}};
  change_something(house);
  auto due = due_notices(house);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].row.provider, "diverted");
  finish(house, due[0], fail(refusal(delivery::Fault::kMisconfigured)));
  due = due_notices(house);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].row.provider, "double");
  EXPECT_EQ(due[0].row.channel, Channel::kSms);
  finish(house, due[0], delivery::Accepted{"SM-1"});
  EXPECT_EQ(house.counts(house.factor().id).counts_from, house.now() + hours(72));
}

TEST(NoticeRoads, WhatMayHaveArrivedStaysWhereItIs) {
  for (const auto& error : {unavailable(true), unavailable(), refusal(delivery::Fault::kRejected, true)}) {
    House house;
    known_person(house);
    change_something(house);
    finish(house, due_notices(house).at(0), fail(error));
    house.wait(hours(1));
    for (const auto& notice : due_notices(house)) EXPECT_EQ(notice.row.channel, Channel::kSms);
    EXPECT_EQ(count_events(house, "notice.handed_over"), 0);
  }
}

/// One more account, with a notice that is due.
AccountId another_account(House& house) {
  const auto [account, service] = house.in([](store::Tx& tx, Moment& moment) {
    const auto id = store::ensure_account(tx, "other", moment);
    return std::pair(id, store::ensure_service(tx, id, "theirs", moment));
  });
  auto settings = house.settings().accounts.at(house.account());
  settings.id = account;
  const auto roads = settings.services.front().roads;
  settings.services = {test_service(service, "theirs", {"any"})};
  settings.services.front().roads = roads;
  house.settings().accounts.emplace(account, settings);
  auto caller = house.caller();
  caller.account = account;
  for (const auto& [channel, address] : {std::pair(Channel::kSms, kPhone), std::pair(Channel::kEmail, kEmail)}) {
    EXPECT_EQ(why(house.in([&](store::Tx& tx, Moment& moment) {
                return usecase::add_contact(tx, house.context(), caller, {"theirs"}, {channel, std::string(address)},
                                            {}, moment);
              })),
              kYes);
    house.wait(seconds(1));
  }
  return account;
}

std::map<AccountId, int> taken_of(House& house, const usecase::NoticeRoom& room) {
  std::map<AccountId, int> taken;
  const auto due = house.in(
      [&](store::Tx& tx, Moment& moment) { return usecase::lease_due_notices(tx, house.context(), room, moment); });
  for (const auto& notice : due.jobs) ++taken[notice.row.account];
  return taken;
}

TEST(NoticeTurns, AnAccountWithManyKeepsNobodyWaiting) {
  House house;
  unlimited(house);
  house.settings().notices_per_contact = {1000, hours(24)};
  known_person(house);
  for (int i = 0; i < 40; ++i) change_something(house);
  const AccountId other = another_account(house);
  const auto taken = taken_of(house, {4, 4, {}});
  EXPECT_EQ(taken.at(other), 1);
  EXPECT_EQ(taken.at(house.account()), 3);
}

TEST(NoticeTurns, WhatIsUnderWayCountsForItsAccount) {
  House house;
  unlimited(house);
  house.settings().notices_per_contact = {1000, hours(24)};
  known_person(house);
  for (int i = 0; i < 40; ++i) change_something(house);
  const AccountId other = another_account(house);
  // Its providers are slow: it has all that it may have.
  EXPECT_EQ(taken_of(house, {12, 4, {{house.account(), 4}}}), (std::map<AccountId, int>{{other, 1}}));
  EXPECT_EQ(taken_of(house, {12, 4, {{house.account(), 1}}}), (std::map<AccountId, int>{{house.account(), 3}}));
}

}  // namespace
}  // namespace countersign::testing
