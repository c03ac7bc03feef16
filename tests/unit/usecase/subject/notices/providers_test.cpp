#include "post.h"
#include "store/repository/accounts.h"
#include "support/settings.h"
#include "usecase/outbox/provider_board.h"
#include "usecase/subject/notices.h"

// In which language people are told, by which provider, and in whose turn. [STD-7]
namespace countersign::testing {
namespace {

void change_something(Fixture& fixture) {
  ASSERT_EQ(why(fixture.enrol()), kYes);
  ASSERT_EQ(why(fixture.confirm()), kYes);
  fixture.wait(seconds(1));
}

usecase::ServiceSettings& default_service(Fixture& fixture) {
  return fixture.settings().accounts.at(fixture.account()).services.front();
}

std::string told_about_an_app(Fixture& fixture) {
  change_something(fixture);
  const auto due = post_all(fixture);
  return due.size() == 1 ? due[0].message.body : "";
}

TEST(NoticeLanguage, IsThatOfThePersonsLastTransaction) {
  Fixture fixture;
  fixture.request().locale = "pt-BR";
  known_person(fixture);
  EXPECT_NE(told_about_an_app(fixture).find("um novo aplicativo autenticador"), std::string::npos);
  fixture.request().locale = "es";
  fixture.hold();
  EXPECT_NE(told_about_an_app(fixture).find("una nueva app"), std::string::npos);
  fixture.request().locale = "";  // The hold says nothing: the service's.
  fixture.hold();
  EXPECT_NE(told_about_an_app(fixture).find("a new authenticator app"), std::string::npos);
}

TEST(NoticeLanguage, OfAHoldThatBringsTheChangeIsTheHolds) {
  Fixture fixture;
  fixture.request().locale = "es";
  known_person(fixture);
  fixture.request().locale = "pt-BR";
  fixture.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  fixture.hold();
  const auto due = due_notices(fixture);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_NE(due[0].message.body.find("um novo telefone"), std::string::npos);
  EXPECT_EQ(due[0].message.locale, "pt-BR");
}

TEST(NoticeLanguage, IsTheServicesWhereNothingIsKnown) {
  Fixture fixture;
  default_service(fixture).locale = "es";
  default_service(fixture).objection = "soporte";
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, kPhone)), kYes);
  fixture.wait(seconds(1));
  ASSERT_EQ(why(fixture.add_contact(Channel::kEmail, kEmail)), kYes);
  const auto due = due_notices(fixture);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_NE(due[0].message.body.find("un nuevo correo"), std::string::npos);
}

delivery::ProviderError refusal(delivery::Fault fault, bool maybe_sent = false) {
  return {fault, delivery::PersonNotice::kNumberNotSupported, "21211", "refused", {}, maybe_sent};
}

TEST(NoticeProviders, WhatOneRefusesForCertainGoesToTheNextThatCan) {
  Fixture fixture;
  known_person(fixture);
  default_service(fixture).providers.at(Channel::kWhatsapp).name = "other";
  change_something(fixture);
  const Id app = fixture.factor().id;
  std::vector<std::pair<Channel, std::string>> providers;
  for (int i = 0; i < 3; ++i) {
    const auto due = due_notices(fixture);
    ASSERT_EQ(due.size(), 1U) << i;
    EXPECT_EQ(due[0].message.to, kPhone);
    EXPECT_EQ(due[0].message.channel, due[0].row.channel);
    providers.emplace_back(due[0].row.channel, due[0].row.provider);
    EXPECT_EQ(fixture.counts(app).why_not, domain::standing::WhyNot::kNotTold);
    finish(fixture, due[0], fail(refusal(delivery::Fault::kInvalidAddress)));
  }
  EXPECT_EQ(providers, (std::vector<std::pair<Channel, std::string>>{
                           {Channel::kSms, "double"}, {Channel::kWhatsapp, "other"}, {Channel::kCall, "double"}}));
  EXPECT_TRUE(due_notices(fixture).empty());  // That was the last.
  EXPECT_EQ(count_events(fixture, "notice.handed_over"), 2);
  EXPECT_EQ(count_events(fixture, "notice.failed"), 1);
  EXPECT_EQ(fixture.counts(app).why_not, domain::standing::WhyNot::kNotTold);
}

TEST(NoticeProviders, ATemplateThatShowsACodeAloneCarriesNone) {
  Fixture fixture;
  known_person(fixture);
  auto& providers = default_service(fixture).providers;
  providers.at(Channel::kWhatsapp).code_alone = {Channel::kWhatsapp};
  change_something(fixture);
  std::vector<Channel> channels;
  for (int i = 0; i < 2; ++i) {
    const auto due = due_notices(fixture);
    ASSERT_EQ(due.size(), 1U) << i;
    channels.push_back(due[0].row.channel);
    finish(fixture, due[0], fail(refusal(delivery::Fault::kInvalidAddress)));
  }
  EXPECT_EQ(channels, (std::vector{Channel::kSms, Channel::kCall}));
  for (const auto channel : {Channel::kSms, Channel::kCall, Channel::kEmail}) providers.erase(channel);
  EXPECT_FALSE(usecase::can_tell(default_service(fixture)));
}

TEST(NoticeProviders, ANumberThatARouteDivertsGoesByTheChannelsOwnProviderNext) {
  Fixture fixture;
  known_person(fixture);
  default_service(fixture).routing_rules = {{Channel::kSms, {}, 100, {"diverted", false}}};
  change_something(fixture);
  auto due = due_notices(fixture);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].row.provider, "diverted");
  finish(fixture, due[0], fail(refusal(delivery::Fault::kMisconfigured)));
  due = due_notices(fixture);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].row.provider, "double");
  EXPECT_EQ(due[0].row.channel, Channel::kSms);
  finish(fixture, due[0], delivery::Accepted{"SM-1"});
  EXPECT_EQ(fixture.counts(fixture.factor().id).counts_from, fixture.now() + hours(72));
}

TEST(NoticeProviders, WhatMayHaveArrivedStaysWhereItIs) {
  for (const auto& error : {unavailable(true), unavailable(), refusal(delivery::Fault::kRejected, true)}) {
    Fixture fixture;
    known_person(fixture);
    change_something(fixture);
    finish(fixture, due_notices(fixture).at(0), fail(error));
    fixture.wait(hours(1));
    for (const auto& notice : due_notices(fixture)) EXPECT_EQ(notice.row.channel, Channel::kSms);
    EXPECT_EQ(count_events(fixture, "notice.handed_over"), 0);
  }
}

/// Text messages by "double", for want of it by "second"; and what the node knows of both.
class NoticeLists : public ::testing::Test {
 protected:
  NoticeLists() {
    fixture.know(board);
    known_person(fixture);
    auto& service = default_service(fixture);
    service.further[Channel::kSms] = {{{"second", false}}, {}};
    service.providers.erase(Channel::kWhatsapp);
  }
  usecase::QueuedNotice only_due() {
    const auto due = due_notices(fixture);
    EXPECT_EQ(due.size(), 1U);
    return due.at(0);
  }
  void break_down(const std::string& provider) {
    for (int i = 0; i < delivery::Breaker::kFailures; ++i) {
      static_cast<void>(board.started(provider));
      board.ended(provider, false, true, fixture.clock().monotonic(), fixture.random());
    }
    ASSERT_TRUE(board.failing(provider));
  }

  usecase::ProviderBoard board;
  Fixture fixture;
};

TEST_F(NoticeLists, BeginWithTheFirstThatWorksAndIsNotDrained) {
  change_something(fixture);
  EXPECT_EQ(post_all(fixture).at(0).row.provider, "double");
  board.set_drained({"double"});
  change_something(fixture);
  EXPECT_EQ(post_all(fixture).at(0).row.provider, "second");
  board.set_drained({"double", "second"});
  change_something(fixture);
  EXPECT_EQ(post_all(fixture).at(0).row.provider, "double") << "nobody is left without a notice";
  board.set_drained({});
  break_down("double");
  change_something(fixture);
  const auto due = post_all(fixture);
  EXPECT_EQ(due.at(0).row.provider, "second");
  EXPECT_EQ(due.at(0).row.channel, Channel::kSms) << "no call because of an outage";
}

TEST_F(NoticeLists, WhatWaitsForADrainedProviderGoesByTheNext) {
  change_something(fixture);
  board.set_drained({"double"});
  const auto due = only_due();
  EXPECT_EQ(due.row.provider, "second");
  finish(fixture, due, delivery::Accepted{"SM-1"});
  EXPECT_EQ(fixture.counts(fixture.factor().id).counts_from, fixture.now() + hours(72));
}

TEST_F(NoticeLists, AnOutageIsStoodInForAtOnceAndThenPaced) {
  change_something(fixture);
  auto due = only_due();
  finish(fixture, due, fail(unavailable()));
  due = only_due();
  EXPECT_EQ(due.row.provider, "second");
  EXPECT_EQ(due.row.channel, Channel::kSms);
  finish(fixture, due, fail(unavailable()));
  EXPECT_TRUE(due_notices(fixture).empty()) << "both are out of order: not in turn for ever";
  fixture.wait(hours(1));
  due = only_due();
  EXPECT_EQ(due.row.provider, "double");
  finish(fixture, due, delivery::Accepted{"SM-1"});
  EXPECT_EQ(count_events(fixture, "notice.accepted"), 1);
}

TEST_F(NoticeLists, WhatMayHaveArrivedIsRepeatedByTheSame) {
  change_something(fixture);
  finish(fixture, only_due(), fail(unavailable(true)));
  fixture.wait(hours(1));
  EXPECT_EQ(only_due().row.provider, "double");
}

TEST_F(NoticeLists, WhoRefusedForGoodIsNotAskedAgainAndWhoDidNotIs) {
  change_something(fixture);
  finish(fixture, only_due(), fail(unavailable()));
  auto due = only_due();
  EXPECT_EQ(due.row.provider, "second");
  finish(fixture, due, fail(refusal(delivery::Fault::kRejected)));
  due = only_due();
  EXPECT_EQ(due.row.provider, "double") << "it was only out of order";
  finish(fixture, due, fail(refusal(delivery::Fault::kRejected)));
  due = only_due();
  EXPECT_EQ(due.row.channel, Channel::kCall);
  finish(fixture, due, fail(refusal(delivery::Fault::kRejected)));
  fixture.wait(hours(1));
  EXPECT_TRUE(due_notices(fixture).empty());
  EXPECT_EQ(count_events(fixture, "notice.failed"), 1);
}

TEST_F(NoticeLists, ByWeightAPersonsNoticesKeepTheirProvider) {
  default_service(fixture).further[Channel::kSms].weights = {0, 1};
  change_something(fixture);
  EXPECT_EQ(post_all(fixture).at(0).row.provider, "second");
}

/// One more account, with a notice that is due.
AccountId another_account(Fixture& fixture) {
  const auto [account, service] = fixture.in([](store::Tx& tx, Moment& moment) {
    const auto id = store::ensure_account(tx, "other", moment);
    return std::pair(id, store::ensure_service(tx, id, "theirs", moment));
  });
  auto settings = fixture.settings().accounts.at(fixture.account());
  settings.id = account;
  const auto providers = settings.services.front().providers;
  settings.services = {test_service(service, "theirs", {"any"})};
  settings.services.front().providers = providers;
  fixture.settings().accounts.emplace(account, settings);
  auto caller = fixture.caller();
  caller.account = account;
  for (const auto& [channel, address] : {std::pair(Channel::kSms, kPhone), std::pair(Channel::kEmail, kEmail)}) {
    EXPECT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
                return usecase::add_contact({tx, fixture.context(), caller, moment}, {"theirs"},
                                            {channel, std::string(address)}, {});
              })),
              kYes);
    fixture.wait(seconds(1));
  }
  return account;
}

/// Of one account, and no limit holds them back.
void forty_notices(Fixture& fixture) {
  unlimited(fixture);
  fixture.settings().notices_per_contact = {1000, hours(24)};
  known_person(fixture);
  for (int i = 0; i < 40; ++i) change_something(fixture);
}

std::map<AccountId, int> taken_of(Fixture& fixture, const usecase::NoticeRoom& room) {
  std::map<AccountId, int> taken;
  const auto due = fixture.in(
      [&](store::Tx& tx, Moment& moment) { return usecase::lease_due_notices(tx, fixture.context(), room, moment); });
  for (const auto& notice : due.jobs) ++taken[notice.row.account];
  return taken;
}

TEST(NoticeTurns, AnAccountWithManyKeepsNobodyWaiting) {
  Fixture fixture;
  forty_notices(fixture);
  const AccountId other = another_account(fixture);
  const auto taken = taken_of(fixture, {4, 4, {}});
  EXPECT_EQ(taken.at(other), 1);
  EXPECT_EQ(taken.at(fixture.account()), 3);
}

TEST(NoticeTurns, WhatIsUnderWayCountsForItsAccount) {
  Fixture fixture;
  forty_notices(fixture);
  const AccountId other = another_account(fixture);
  // Its providers are slow: it has all that it may have.
  EXPECT_EQ(taken_of(fixture, {12, 4, {{fixture.account(), 4}}}), (std::map<AccountId, int>{{other, 1}}));
  EXPECT_EQ(taken_of(fixture, {12, 4, {{fixture.account(), 1}}}), (std::map<AccountId, int>{{fixture.account(), 3}}));
}

}  // namespace
}  // namespace countersign::testing
