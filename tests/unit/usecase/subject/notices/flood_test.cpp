#include <fmt/format.h>

#include "domain/standing/notices.h"
#include "post.h"
#include "usecase/subject/objections.h"

// A flood of changes does not keep the one that matters from the person: what is kept back by a ceiling is told
// together, and counts no sooner for it. [STD-3, STD-7]

namespace countersign::testing {
namespace {

using domain::standing::WhyNot;

/// As many changes as her phone may be told of in a day, and `more`.
void flood(Fixture& fixture, int more = 0) {
  for (int i = 0; i < 10 + more; ++i) {
    ASSERT_EQ(why(fixture.add_contact(Channel::kEmail, fmt::format("a{}@example.com", i))), kYes);
    fixture.wait(kTick);
  }
}

/// Her number, by somebody else's identity, which never proves it.
void given_by_a_stranger(Fixture& fixture) {
  fixture.request().identity = "stranger";
  fixture.hold();
  fixture.request().identity = std::string(kIdentity);
}

void acknowledge_webhooks(Fixture& fixture) {
  for (const auto& job : fixture.due_deliveries()) fixture.finish(job, delivery::WebhookVerdict::kDelivered, 204);
}

domain::standing::Counts number(Fixture& fixture) { return fixture.counts(Channel::kSms, kOtherPhone); }

BindingId binding_of(Fixture& fixture, const ContactId& contact) {
  const auto source = fixture.in(
      [&](store::Tx& tx, Moment&) { return store::find_contact(tx, fixture.account(), contact)->address_id.id; });
  return domain::standing::binding_of(fixture.history(), source)->id;
}

TEST(Flood, TheChangeThatMattersIsToldWithTheOthersOnceThereIsRoom) {
  Fixture fixture;
  known_person(fixture);
  const WallTime begun = fixture.now();
  flood(fixture, 3);
  const auto thiefs = fixture.add_contact(Channel::kSms, kOtherPhone);
  ASSERT_EQ(why(thiefs), kYes);
  ASSERT_EQ(post_all(fixture).size(), 10U);
  EXPECT_EQ(number(fixture).why_not, WhyNot::kNotTold);
  fixture.wait(begun + hours(24) - kTick - fixture.now());
  EXPECT_TRUE(post_all(fixture).empty());
  fixture.wait(kTick);
  const auto due = post_all(fixture);
  ASSERT_EQ(recipients(due), std::vector<std::string>{std::string(kPhone)});
  const std::string& text = due[0].message.body;
  EXPECT_NE(text.find("a new phone was added"), std::string::npos) << text;
  EXPECT_NE(text.find("a new e-mail was added to your account (3)"), std::string::npos) << text;
  EXPECT_NE(text.find("0800 123 4567"), std::string::npos) << text;
  EXPECT_EQ(number(fixture).counts_from, fixture.now() + hours(72));
  EXPECT_TRUE(post_all(fixture).empty());  // Once.

  // Who was told can object.
  const usecase::SubjectAt at{std::string(kIdentity), ""};
  const auto phone = fixture.history().bindings.front().id;
  const auto about = binding_of(fixture, thiefs->id);
  const auto started = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::start_objection({tx, fixture.context(), fixture.caller(), moment}, at, {phone, about});
  });
  EXPECT_EQ(why(started), kYes);
}

TEST(Flood, TheNoticeNamesWhatWasChangedWhileItWaited) {
  Fixture fixture;
  known_person(fixture);
  flood(fixture, 1);
  fixture.wait(hours(5));
  const auto given = fixture.add_contact(Channel::kSms, kOtherPhone);
  ASSERT_EQ(why(given), kYes);
  ASSERT_EQ(why(delete_contact(fixture, given->id, domain::standing::GoneWhy::kLost)), kYes);
  post_all(fixture);
  fixture.wait(hours(19));
  const auto due = post_all(fixture);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_NE(due[0].message.body.find("the phone was reported lost"), std::string::npos) << due[0].message.body;
}

TEST(Flood, WhatIsChangedWhileTheNoticeIsUnderWayIsNotToldByIt) {
  Fixture fixture;
  known_person(fixture);
  flood(fixture, 1);
  post_all(fixture);
  fixture.wait(hours(24));
  const auto under_way = due_notices(fixture);
  ASSERT_EQ(under_way.size(), 1U);
  fixture.wait(seconds(1));
  flood(fixture, 0);  // Known already: no changes.
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, kOtherPhone)), kYes);
  fixture.wait(seconds(1));
  finish(fixture, under_way[0], delivery::Accepted{"SM-1"});
  EXPECT_EQ(number(fixture).why_not, WhyNot::kNotTold);
  EXPECT_EQ(fixture.counts(Channel::kEmail, "a10@example.com").counts_from, fixture.now() + hours(72));
}

TEST(Flood, DoesNotLetTheWebhookCountBeforeTheNoticeWent) {
  Fixture fixture;
  known_person(fixture);
  ASSERT_EQ(why(fixture.add_endpoint()), kYes);
  flood(fixture);
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, kOtherPhone)), kYes);
  post_all(fixture);
  acknowledge_webhooks(fixture);
  // The provider is down when there is room, and for a week.
  const WallTime begun = fixture.now();
  while (fixture.now() - begun < hours(7 * 24 + 1)) {
    for (const auto& notice : due_notices(fixture)) finish(fixture, notice, fail(unavailable()));
    fixture.wait(minutes(30));
  }
  fixture.hold();
  EXPECT_FALSE(number(fixture).any());
  auto due = post_all(fixture);
  // How long it waits for its next try is random.
  for (int i = 0; due.empty() && i < 24; ++i) {
    fixture.wait(minutes(30));
    due = post_all(fixture);
  }
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(number(fixture).counts_from, fixture.now() + hours(72));
}

TEST(Flood, WhereNobodyCouldBeToldInTheEndTheWebhookCounts) {
  Fixture fixture;
  known_person(fixture);
  ASSERT_EQ(why(fixture.add_endpoint()), kYes);
  const WallTime begun = fixture.now();
  flood(fixture);
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, kOtherPhone)), kYes);
  post_all(fixture);
  acknowledge_webhooks(fixture);
  fixture.wait(begun + hours(8 * 24) - kTick - fixture.now());
  EXPECT_FALSE(number(fixture).any());
  fixture.wait(kTick);
  EXPECT_TRUE(number(fixture).own());
}

TEST(Flood, CannotBeRepeatedSoThatTheNoticeNeverGoes) {
  Fixture fixture;
  known_person(fixture);
  flood(fixture);
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, kOtherPhone)), kYes);
  ASSERT_EQ(post_all(fixture).size(), 10U);
  fixture.wait(hours(24));
  // At the moment when there is room again, before the courier looks.
  for (int i = 0; i < 10; ++i)
    ASSERT_EQ(why(fixture.add_contact(Channel::kEmail, fmt::format("b{}@example.com", i))), kYes);
  const auto due = post_all(fixture);
  EXPECT_EQ(std::ranges::count_if(due, [](const auto& n) { return n.message.body.contains("a new phone"); }), 1);
  EXPECT_EQ(number(fixture).counts_from, fixture.now() + hours(72));
  EXPECT_EQ(due.size(), 11U);  // One more than a day has, and no more than one.
}

TEST(Flood, OfStrangersAtHerNumberTakesNothingOfHers) {
  Fixture fixture;
  given_by_a_stranger(fixture);
  known_person(fixture);
  for (int i = 0; i < 12; ++i)
    ASSERT_EQ(why(fixture.add_contact(Channel::kEmail, fmt::format("a{}@example.com", i), "stranger")), kYes);
  EXPECT_EQ(std::ranges::count(recipients(post_all(fixture)), std::string(kPhone)), 10);
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, kOtherPhone)), kYes);
  EXPECT_EQ(recipients(post_all(fixture)), std::vector<std::string>{std::string(kPhone)});
  EXPECT_EQ(number(fixture).counts_from, fixture.now() + hours(72));
}

TEST(Flood, OfANumberThatNobodyProvedKeepsToItsCeilingAndIsToldLater) {
  Fixture fixture;
  fixture.settings().accounts.at(fixture.account()).services.front().objection = "support: 0800 123 4567";
  given_by_a_stranger(fixture);
  fixture.hold();
  fixture.wait(hours(25));
  for (int i = 0; i < 12; ++i)
    ASSERT_EQ(why(fixture.add_contact(Channel::kEmail, fmt::format("a{}@example.com", i))), kYes);
  ASSERT_EQ(post_all(fixture).size(), 10U);
  fixture.wait(hours(24));
  // Another's changes have used up the number's notices of this day.
  for (int i = 0; i < 10; ++i)
    ASSERT_EQ(why(fixture.add_contact(Channel::kEmail, fmt::format("b{}@example.com", i), "stranger")), kYes);
  EXPECT_EQ(std::ranges::count(recipients(post_all(fixture)), std::string(kPhone)), 10);
  EXPECT_EQ(fixture.counts(Channel::kEmail, "a11@example.com").why_not, WhyNot::kNotTold);
  fixture.wait(hours(24));
  EXPECT_EQ(recipients(post_all(fixture)), std::vector<std::string>{std::string(kPhone)});
  EXPECT_EQ(fixture.counts(Channel::kEmail, "a11@example.com").counts_from, fixture.now() + hours(72));
}

TEST(Flood, ANoticeThatIsAboutToExpireIsNotTrustedWithAnotherChange) {
  Fixture fixture;
  given_by_a_stranger(fixture);
  fixture.hold();
  fixture.wait(hours(25));
  for (int i = 0; i < 12; ++i)
    ASSERT_EQ(why(fixture.add_contact(Channel::kEmail, fmt::format("a{}@example.com", i))), kYes);
  ASSERT_EQ(post_all(fixture).size(), 10U);
  for (int day = 0; day < 7; ++day) {  // Another's changes use up the number's notices for a week.
    fixture.wait(hours(24));
    for (int i = 0; i < 10; ++i)
      ASSERT_EQ(why(fixture.add_contact(Channel::kEmail, fmt::format("b{}-{}@example.com", day, i), "stranger")), kYes);
    ASSERT_EQ(std::ranges::count(recipients(post_all(fixture)), std::string(kPhone)), 10);
  }
  fixture.wait(hours(23));
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, kOtherPhone)), kYes);
  fixture.wait(hours(1));
  EXPECT_EQ(recipients(post_all(fixture)), std::vector<std::string>{std::string(kPhone)});
  EXPECT_EQ(number(fixture).counts_from, fixture.now() + hours(72));
}

TEST(Flood, OfAThousandChangesIsOneNoticeForEachContact) {
  Fixture fixture;
  known_person(fixture);
  flood(fixture, 200);
  ASSERT_EQ(why(fixture.remove(active_factor(fixture))), kYes);
  static const store::Sql kQueued{"SELECT count(*) FROM notices WHERE status = 'queued'"};
  post_all(fixture);
  EXPECT_EQ(count_rows(fixture, kQueued), 1);
  fixture.wait(hours(25));
  const auto due = post_all(fixture);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_LE(due[0].message.body.size(), 306U) << due[0].message.body;  // Two text messages.
  EXPECT_NE(due[0].message.body.find("(200)"), std::string::npos) << due[0].message.body;
  EXPECT_NE(due[0].message.body.find("the authenticator app was"), std::string::npos) << due[0].message.body;
}

}  // namespace
}  // namespace countersign::testing
