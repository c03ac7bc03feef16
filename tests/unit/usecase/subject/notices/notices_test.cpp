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

FactorId add_app(Fixture& fixture) {
  EXPECT_EQ(why(fixture.enrol()), kYes);
  EXPECT_EQ(why(fixture.confirm()), kYes);
  fixture.wait(seconds(1));
  return fixture.factor();
}

TEST(Notices, TellOfANewAppWithoutALinkAndWithWhomToContact) {
  Fixture fixture;
  known_person(fixture);
  add_app(fixture);
  const auto due = due_notices(fixture);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].message.to, kPhone);
  EXPECT_EQ(due[0].message.channel, Channel::kSms);
  EXPECT_EQ(due[0].message.body,
            "Bilheteria: a new authenticator app was added to your account. Not you? Contact support: 0800 123 4567.");
  EXPECT_TRUE(due[0].message.code.expose().empty());
  EXPECT_TRUE(due[0].message.status_callback_url.empty());
}

TEST(Notices, TheWaitBeginsWhenAProviderHasAccepted) {
  Fixture fixture;
  known_person(fixture);
  const Id app = add_app(fixture).id;
  EXPECT_EQ(fixture.counts(app).why_not, WhyNot::kNotTold);
  const auto due = due_notices(fixture);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(fixture.counts(app).why_not, WhyNot::kNotTold);  // Under way is not told.
  fixture.wait(minutes(3));
  finish(fixture, due[0], delivery::Accepted{"SM-1"});
  const WallTime told = fixture.now();
  EXPECT_EQ(fixture.counts(app).why_not, WhyNot::kWaits);
  EXPECT_EQ(fixture.counts(app).counts_from, told + hours(72));
  EXPECT_EQ(count_events(fixture, "notice.accepted"), 1);
  fixture.wait(hours(72));
  EXPECT_EQ(fixture.counts(app).counted, Counted::kWaited);
  EXPECT_TRUE(due_notices(fixture).empty());
}

TEST(Notices, ANewPersonIsToldNothing) {
  Fixture fixture;
  fixture.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  fixture.hold();
  EXPECT_TRUE(due_notices(fixture).empty());
}

TEST(Notices, ALaterFoundingSourceTellsTheEarlierOnes) {
  Fixture fixture;
  fixture.hold();
  fixture.wait(hours(1));
  ASSERT_EQ(why(fixture.add_contact(Channel::kEmail, kEmail)), kYes);
  const auto due = due_notices(fixture);
  EXPECT_EQ(recipients(due), std::vector<std::string>{std::string(kPhone)});
  EXPECT_NE(due.at(0).message.body.find("a new e-mail"), std::string::npos);
  EXPECT_EQ(fixture.counts(Channel::kEmail, kEmail).counted, Counted::kFounding);
}

TEST(Notices, OfALostPhoneGoToAllAndToThePhoneItself) {
  Fixture fixture;
  fixture.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  known_person(fixture);
  const auto phone = fixture.sent().back();
  const auto contact = fixture.verification().state.contact;
  ASSERT_EQ(why(delete_contact(fixture, contact, GoneWhy::kLost)), kYes);
  const auto due = due_notices(fixture);
  EXPECT_EQ(recipients(due), (std::vector<std::string>{std::string(kPhone), std::string(kEmail)}));
  for (const auto& notice : due) {
    EXPECT_NE(notice.message.body.find("was reported lost"), std::string::npos) << notice.message.body;
    EXPECT_EQ(notice.message.subject.empty(), notice.message.channel != Channel::kEmail);
  }
}

TEST(Notices, OneRemovedIsToldFor30DaysAndThenForgotten) {
  Fixture fixture;
  fixture.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  known_person(fixture);
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.wrong_code())), Code::kWrongCode);
  ASSERT_EQ(why(delete_contact(fixture, fixture.verification().state.contact, GoneWhy::kRemoved)), kYes);
  post_all(fixture);
  const auto purge = [&] {
    return fixture.in(
        [&](store::Tx& tx, Moment&) { return store::purge(tx, fixture.account(), {}, fixture.now(), 100); });
  };
  fixture.wait(hours(29 * 24));
  purge();
  ASSERT_EQ(why(fixture.add_contact(Channel::kWhatsapp, kOtherPhone)), kYes);
  EXPECT_EQ(recipients(due_notices(fixture)), (std::vector<std::string>{std::string(kPhone), std::string(kEmail)}));

  fixture.wait(hours(2 * 24 + 1));
  add_app(fixture);
  EXPECT_EQ(recipients(due_notices(fixture)), std::vector<std::string>{std::string(kEmail)});
  static const store::Sql kAddresses{"SELECT count(*) FROM addresses WHERE length(address_sealed) > 0"};
  ASSERT_EQ(count_rows(fixture, kAddresses), 3);
  purge();
  EXPECT_EQ(count_rows(fixture, kAddresses), 2);
}

TEST(Notices, AnAddressThatIsUsedAgainIsNotForgotten) {
  Fixture fixture;
  known_person(fixture);
  ASSERT_EQ(why(delete_contact(fixture, fixture.verification().state.contact, GoneWhy::kRemoved)), kYes);
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, kPhone)), kYes);
  fixture.wait(hours(32 * 24));
  fixture.in([&](store::Tx& tx, Moment&) { return store::purge(tx, fixture.account(), {}, fixture.now(), 100); });
  static const store::Sql kAddresses{"SELECT count(*) FROM addresses"};
  EXPECT_EQ(count_rows(fixture, kAddresses), 1);
}

TEST(Notices, AreTriedForADayAndThenNobodyWasTold) {
  Fixture fixture;
  known_person(fixture);
  const WallTime begun = fixture.now();
  const Id app = add_app(fixture).id;
  int attempts = 0;
  WallTime last{};
  while (fixture.now() - begun < hours(30)) {
    for (const auto& notice : due_notices(fixture)) {
      ++attempts;
      last = fixture.now();
      finish(fixture, notice, fail(unavailable()));
    }
    fixture.wait(minutes(1));
  }
  EXPECT_GT(attempts, 20);
  EXPECT_LT(attempts, 200);
  EXPECT_GT(last - begun, hours(22));
  EXPECT_LT(last - begun, hours(24) + minutes(1));
  EXPECT_EQ(fixture.counts(app).why_not, WhyNot::kNotTold);
  EXPECT_EQ(count_events(fixture, "notice.failed"), 1);
}

TEST(Notices, AFinalRefusalIsTheEndAndNotTold) {
  Fixture fixture;
  auto& providers = fixture.settings().accounts.at(fixture.account()).services.front().providers;
  std::erase_if(providers, [](const auto& provider) { return provider.first != Channel::kSms; });  // Nobody else could.
  known_person(fixture);
  const Id app = add_app(fixture).id;
  finish(fixture, due_notices(fixture).at(0), fail(gone_number()));
  fixture.wait(hours(1));
  EXPECT_TRUE(due_notices(fixture).empty());
  EXPECT_EQ(fixture.counts(app).why_not, WhyNot::kNotTold);
}

TEST(Notices, OfANodeThatDiedComeDueAgainAndAreToldOnce) {
  Fixture fixture;
  known_person(fixture);
  const Id app = add_app(fixture).id;
  const auto first = due_notices(fixture);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_TRUE(due_notices(fixture).empty());
  fixture.wait(seconds(61));
  const auto second = due_notices(fixture);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].row.attempts, 2);
  finish(fixture, second[0], delivery::Accepted{"SM-1"});
  const auto from = fixture.counts(app).counts_from;
  fixture.wait(hours(1));
  finish(fixture, first[0], delivery::Accepted{"SM-1"});  // It was only slow.
  EXPECT_EQ(fixture.counts(app).counts_from, from);
  EXPECT_EQ(count_events(fixture, "notice.accepted"), 1);
}

TEST(Notices, HaveACeilingOfTheirOwnAndAboveItNobodyWasToldYet) {
  Fixture fixture;
  known_person(fixture);
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(why(fixture.enrol()), kYes);
    ASSERT_EQ(why(fixture.confirm()), kYes);
    ASSERT_EQ(why(fixture.remove(fixture.factor())), kYes);
    fixture.wait(minutes(31));
  }
  EXPECT_EQ(post_all(fixture).size(), 10U);
  EXPECT_GE(count_events(fixture, "notice.suppressed"), 10);
  const Id app = add_app(fixture).id;
  EXPECT_TRUE(post_all(fixture).empty());
  EXPECT_EQ(fixture.counts(app).why_not, WhyNot::kNotTold);
  // Her codes go on.
  fixture.hold();
  EXPECT_EQ(why(fixture.start()), kYes);
  fixture.wait(hours(24));
  ASSERT_EQ(why(fixture.remove(FactorId{app})), kYes);
  EXPECT_EQ(post_all(fixture).size(), 2U);  // That, and what was kept back.
}

TEST(Notices, GoNowhereWhereTheProviderSendsItsOwnCodesOnly) {
  Fixture fixture;
  auto& services = fixture.settings().accounts.at(fixture.account()).services;
  for (auto& [channel, provider] : services.front().providers) provider.checks_codes = true;
  fixture.hold();
  fixture.wait(hours(25));
  add_app(fixture);
  EXPECT_TRUE(due_notices(fixture).empty());
  EXPECT_EQ(count_events(fixture, "notice.queued"), 0);
}

TEST(Notices, NeverStandBeforeACode) {
  Fixture fixture;
  known_person(fixture);
  add_app(fixture);
  EXPECT_TRUE(fixture.due_messages().empty());
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  fixture.wait(seconds(60));
  EXPECT_EQ(fixture.due_messages().size(), 1U);
}

TEST(Notices, AreUnreadableAtRestAndGoneWhenTheyAreFinished) {
  Fixture fixture;
  known_person(fixture);
  add_app(fixture);
  static const store::Sql kContent{"SELECT content_sealed FROM notices"};
  fixture.in([&](store::Tx& tx, Moment&) {
    tx.all(kContent, {}, [&](const store::Row& row) {
      const std::string content = row.bytes(0);
      EXPECT_EQ(content.find("Bilheteria"), std::string::npos);
      EXPECT_EQ(content.find(kPhone.substr(1)), std::string::npos);
    });
    return Done{};
  });
  post_all(fixture);
  static const store::Sql kLeft{"SELECT count(*) FROM notices WHERE content_sealed IS NOT NULL"};
  EXPECT_EQ(count_rows(fixture, kLeft), 0);
}

Answer<std::vector<usecase::ContactView>> put_hundred(Fixture& fixture, int first) {
  std::vector<usecase::GivenContact> given;
  for (int i = 0; i < 100; ++i) given.push_back({Channel::kSms, "+5511981" + std::to_string(100'000 + first + i)});
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::put_contacts({tx, fixture.context(), fixture.caller(), moment}, {std::string(kIdentity)}, given,
                                 {});
  });
}

TEST(Notices, ListsPutBackAndForthWriteDownOnceForEachContactThatNoMoreIsTold) {
  Fixture fixture;
  for (int i = 0; i < 3; ++i) ASSERT_EQ(why(put_hundred(fixture, i % 2 * 100)), kYes);
  // Two hundred contacts, two lists: not two hundred times two hundred.
  EXPECT_LE(count_events(fixture, "notice.suppressed"), 400);
}

TEST(Notices, ListsPutBackAndForthEndAtAThousandSources) {
  Fixture fixture;
  int lists = 0;
  while (lists < 20 && why(put_hundred(fixture, lists % 2 * 100)) == kYes) {
    ++lists;
    fixture.wait(hours(1));
  }
  EXPECT_GE(lists, 9);
  EXPECT_LE(lists, 11);
  EXPECT_EQ(why(put_hundred(fixture, lists % 2 * 100)), Code::kRateLimited);
  static const store::Sql kContacts{"SELECT count(*) FROM contacts"};
  const auto contacts = count_rows(fixture, kContacts);
  fixture.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  const auto held = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::hold({tx, fixture.context(), fixture.caller(), moment}, fixture.request());
  });
  EXPECT_EQ(why(held), Code::kRateLimited);
  EXPECT_EQ(count_rows(fixture, kContacts), contacts);
  fixture.request().contacts.clear();
  fixture.hold();  // Without new ones it goes on.
}

}  // namespace
}  // namespace countersign::testing
