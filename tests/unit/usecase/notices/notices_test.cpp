#include "post.h"
#include "store/repository/retention.h"

// Every change is told to those who were known before, and a wait begins when the first of them was told. [STD-3,
// STD-7]

namespace countersign::testing {
namespace {

using domain::standing::Counted;
using domain::standing::GoneWhy;
using domain::standing::WhyNot;

delivery::ProviderError gone_number() {
  return {delivery::Fault::kInvalidAddress,
          delivery::PersonNotice::kNumberNotSupported,
          "21211",
          "no such number",
          {},
          false};
}

FactorId add_app(House& house) {
  EXPECT_EQ(why(house.enrol()), kYes);
  EXPECT_EQ(why(house.confirm()), kYes);
  house.wait(seconds(1));
  return house.factor();
}

TEST(Notices, TellOfANewAppWithoutALinkAndWithWhomToContact) {
  House house;
  known_person(house);
  add_app(house);
  const auto due = due_notices(house);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].message.to, kPhone);
  EXPECT_EQ(due[0].message.channel, Channel::kSms);
  EXPECT_EQ(due[0].message.body,
            "Bilheteria: a new authenticator app was added to your account. Not you? Contact support: 0800 123 4567.");
  EXPECT_TRUE(due[0].message.code.expose().empty());
  EXPECT_TRUE(due[0].message.status_callback_url.empty());
}

TEST(Notices, TheWaitBeginsWhenAProviderHasAccepted) {
  House house;
  known_person(house);
  const Id app = add_app(house).id;
  EXPECT_EQ(house.counts(app).why_not, WhyNot::kNotTold);
  const auto due = due_notices(house);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(house.counts(app).why_not, WhyNot::kNotTold);  // Under way is not told.
  house.wait(minutes(3));
  finish(house, due[0], delivery::Accepted{"SM-1"});
  const WallTime told = house.now();
  EXPECT_EQ(house.counts(app).why_not, WhyNot::kWaits);
  EXPECT_EQ(house.counts(app).counts_from, told + hours(72));
  EXPECT_EQ(count_events(house, "notice.accepted"), 1);
  house.wait(hours(72));
  EXPECT_EQ(house.counts(app).counted, Counted::kWaited);
  EXPECT_TRUE(due_notices(house).empty());
}

TEST(Notices, ANewPersonIsToldNothing) {
  House house;
  house.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  house.hold();
  EXPECT_TRUE(due_notices(house).empty());
}

TEST(Notices, ALaterFoundingSourceTellsTheEarlierOnes) {
  House house;
  house.hold();
  house.wait(hours(1));
  ASSERT_EQ(why(house.add_contact(Channel::kEmail, kEmail)), kYes);
  const auto due = due_notices(house);
  EXPECT_EQ(recipients(due), std::vector<std::string>{std::string(kPhone)});
  EXPECT_NE(due.at(0).message.body.find("a new e-mail"), std::string::npos);
  EXPECT_EQ(house.counts(Channel::kEmail, kEmail).counted, Counted::kFounding);
}

TEST(Notices, OfALostPhoneGoToAllAndToThePhoneItself) {
  House house;
  house.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  known_person(house);
  const auto phone = house.sent().back();
  const auto contact = house.verification().state.contact;
  ASSERT_EQ(why(delete_contact(house, contact, GoneWhy::kLost)), kYes);
  const auto due = due_notices(house);
  EXPECT_EQ(recipients(due), (std::vector<std::string>{std::string(kPhone), std::string(kEmail)}));
  for (const auto& notice : due) {
    EXPECT_NE(notice.message.body.find("was reported lost"), std::string::npos) << notice.message.body;
    EXPECT_EQ(notice.message.subject.empty(), notice.message.channel != Channel::kEmail);
  }
}

TEST(Notices, OneRemovedIsToldFor30DaysAndThenForgotten) {
  House house;
  house.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  known_person(house);
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  ASSERT_EQ(why(house.check(house.wrong_code())), Code::kWrongCode);
  ASSERT_EQ(why(delete_contact(house, house.verification().state.contact, GoneWhy::kRemoved)), kYes);
  post_all(house);
  const auto purge = [&] {
    return house.in([&](store::Tx& tx, Moment&) { return store::purge(tx, house.account(), {}, house.now(), 100); });
  };
  house.wait(hours(29 * 24));
  purge();
  ASSERT_EQ(why(house.add_contact(Channel::kWhatsapp, kOtherPhone)), kYes);
  EXPECT_EQ(recipients(due_notices(house)), (std::vector<std::string>{std::string(kPhone), std::string(kEmail)}));

  house.wait(hours(2 * 24 + 1));
  add_app(house);
  EXPECT_EQ(recipients(due_notices(house)), std::vector<std::string>{std::string(kEmail)});
  static const store::Sql kAddresses{"SELECT count(*) FROM addresses"};
  static const store::Sql kGuards{"SELECT count(*) FROM line_guards"};
  ASSERT_EQ(count_rows(house, kAddresses), 3);
  ASSERT_EQ(count_rows(house, kGuards), 1);
  purge();
  EXPECT_EQ(count_rows(house, kAddresses), 2);
  EXPECT_EQ(count_rows(house, kGuards), 0);
}

TEST(Notices, AnAddressThatIsUsedAgainIsNotForgotten) {
  House house;
  known_person(house);
  ASSERT_EQ(why(delete_contact(house, house.verification().state.contact, GoneWhy::kRemoved)), kYes);
  ASSERT_EQ(why(house.add_contact(Channel::kSms, kPhone)), kYes);
  house.wait(hours(32 * 24));
  house.in([&](store::Tx& tx, Moment&) { return store::purge(tx, house.account(), {}, house.now(), 100); });
  static const store::Sql kAddresses{"SELECT count(*) FROM addresses"};
  EXPECT_EQ(count_rows(house, kAddresses), 1);
}

TEST(Notices, AreTriedForADayAndThenNobodyWasTold) {
  House house;
  known_person(house);
  const WallTime begun = house.now();
  const Id app = add_app(house).id;
  int attempts = 0;
  WallTime last{};
  while (house.now() - begun < hours(30)) {
    for (const auto& notice : due_notices(house)) {
      ++attempts;
      last = house.now();
      finish(house, notice, fail(unavailable()));
    }
    house.wait(minutes(1));
  }
  EXPECT_GT(attempts, 20);
  EXPECT_LT(attempts, 200);
  EXPECT_GT(last - begun, hours(22));
  EXPECT_LT(last - begun, hours(24) + minutes(1));
  EXPECT_EQ(house.counts(app).why_not, WhyNot::kNotTold);
  EXPECT_EQ(count_events(house, "notice.failed"), 1);
}

TEST(Notices, AFinalRefusalIsTheEndAndNotTold) {
  House house;
  auto& roads = house.settings().accounts.at(house.account()).services.front().roads;
  std::erase_if(roads, [](const auto& road) { return road.first != Channel::kSms; });  // Nobody else could.
  known_person(house);
  const Id app = add_app(house).id;
  finish(house, due_notices(house).at(0), fail(gone_number()));
  house.wait(hours(1));
  EXPECT_TRUE(due_notices(house).empty());
  EXPECT_EQ(house.counts(app).why_not, WhyNot::kNotTold);
}

TEST(Notices, OfANodeThatDiedComeDueAgainAndAreToldOnce) {
  House house;
  known_person(house);
  const Id app = add_app(house).id;
  const auto first = due_notices(house);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_TRUE(due_notices(house).empty());
  house.wait(seconds(61));
  const auto second = due_notices(house);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].row.attempts, 2);
  finish(house, second[0], delivery::Accepted{"SM-1"});
  const auto from = house.counts(app).counts_from;
  house.wait(hours(1));
  finish(house, first[0], delivery::Accepted{"SM-1"});  // It was only slow.
  EXPECT_EQ(house.counts(app).counts_from, from);
  EXPECT_EQ(count_events(house, "notice.accepted"), 1);
}

TEST(Notices, HaveACeilingOfTheirOwnAndAboveItNobodyWasTold) {
  House house;
  known_person(house);
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(why(house.enrol()), kYes);
    ASSERT_EQ(why(house.confirm()), kYes);
    ASSERT_EQ(why(house.remove(house.factor())), kYes);
    house.wait(minutes(31));
  }
  EXPECT_EQ(post_all(house).size(), 10U);
  EXPECT_GE(count_events(house, "notice.suppressed"), 10);
  const Id app = add_app(house).id;
  EXPECT_TRUE(post_all(house).empty());
  EXPECT_EQ(house.counts(app).why_not, WhyNot::kNotTold);
  // Her codes go on.
  house.hold();
  EXPECT_EQ(why(house.start()), kYes);
  house.wait(hours(24));
  ASSERT_EQ(why(house.remove(FactorId{app})), kYes);
  EXPECT_EQ(post_all(house).size(), 1U);
}

TEST(Notices, GoNowhereWhereTheProviderSendsItsOwnCodesOnly) {
  House house;
  auto& services = house.settings().accounts.at(house.account()).services;
  for (auto& [channel, road] : services.front().roads) road.checks_codes = true;
  house.hold();
  house.wait(hours(25));
  add_app(house);
  EXPECT_TRUE(due_notices(house).empty());
  EXPECT_EQ(count_events(house, "notice.queued"), 0);
}

TEST(Notices, NeverStandBeforeACode) {
  House house;
  known_person(house);
  add_app(house);
  EXPECT_TRUE(house.due_messages().empty());
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  house.wait(seconds(60));
  EXPECT_EQ(house.due_messages().size(), 1U);
}

TEST(Notices, AreUnreadableAtRestAndGoneWhenTheyAreFinished) {
  House house;
  known_person(house);
  add_app(house);
  static const store::Sql kContent{"SELECT content_sealed FROM notices"};
  house.in([&](store::Tx& tx, Moment&) {
    tx.all(kContent, {}, [&](const store::Row& row) {
      const std::string content = row.bytes(0);
      EXPECT_EQ(content.find("Bilheteria"), std::string::npos);
      EXPECT_EQ(content.find(kPhone.substr(1)), std::string::npos);
    });
    return Done{};
  });
  post_all(house);
  static const store::Sql kLeft{"SELECT count(*) FROM notices WHERE content_sealed IS NOT NULL"};
  EXPECT_EQ(count_rows(house, kLeft), 0);
}

Answer<std::vector<usecase::ContactView>> put_hundred(House& house, int first) {
  std::vector<usecase::GivenContact> given;
  for (int i = 0; i < 100; ++i) given.push_back({Channel::kSms, "+5511981" + std::to_string(100'000 + first + i)});
  return house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::put_contacts(tx, house.context(), house.caller(), {std::string(kIdentity)}, given, {}, moment);
  });
}

TEST(Notices, ListsPutBackAndForthWriteDownOnceForEachContactThatNoMoreIsTold) {
  House house;
  for (int i = 0; i < 3; ++i) ASSERT_EQ(why(put_hundred(house, i % 2 * 100)), kYes);
  // Two hundred contacts, two lists: not two hundred times two hundred.
  EXPECT_LE(count_events(house, "notice.suppressed"), 400);
}

TEST(Notices, ListsPutBackAndForthEndAtAThousandSources) {
  House house;
  int lists = 0;
  while (lists < 20 && why(put_hundred(house, lists % 2 * 100)) == kYes) {
    ++lists;
    house.wait(hours(1));
  }
  EXPECT_GE(lists, 9);
  EXPECT_LE(lists, 11);
  EXPECT_EQ(why(put_hundred(house, lists % 2 * 100)), Code::kRateLimited);
  static const store::Sql kContacts{"SELECT count(*) FROM contacts"};
  const auto contacts = count_rows(house, kContacts);
  house.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  const auto held = house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::hold(tx, house.context(), house.caller(), house.request(), moment);
  });
  EXPECT_EQ(why(held), Code::kRateLimited);
  EXPECT_EQ(count_rows(house, kContacts), contacts);
  house.request().contacts.clear();
  house.hold();  // Without new ones it goes on.
}

}  // namespace
}  // namespace countersign::testing
