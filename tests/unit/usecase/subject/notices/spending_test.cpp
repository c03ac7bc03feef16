#include <fmt/format.h>

#include "post.h"
#include "usecase/subject/objections.h"

// What notices and codes to object with cost is counted where money is counted. [STD-7, STD-11]
namespace countersign::testing {
namespace {

void add_app_to(Fixture& fixture) {
  ASSERT_EQ(why(fixture.enrol()), kYes);
  ASSERT_EQ(why(fixture.confirm()), kYes);
  fixture.wait(seconds(1));
}

domain::Rate& budget(Fixture& fixture, bool country) {
  return country ? fixture.limits().sends_per_country : fixture.limits().sends_per_account;
}

TEST(Spending, NoticesUseUpWhatAnAccountAndACountryMaySend) {
  for (const bool country : {true, false}) {
    Fixture fixture;
    unlimited(fixture);
    known_person(fixture);
    budget(fixture, country) = {3, hours(24)};
    for (int i = 0; i < 3; ++i) add_app_to(fixture);
    ASSERT_EQ(post_all(fixture).size(), 3U);
    fixture.hold();
    EXPECT_EQ(why(fixture.start()), Code::kRateLimited);
  }
}

TEST(Spending, ANoticeWithoutRoomIsPutOffAndToldOnlyWhenItWent) {
  for (const bool country : {true, false}) {
    Fixture fixture;
    unlimited(fixture);
    known_person(fixture);
    budget(fixture, country) = {2, hours(12)};
    fixture.hold();
    ASSERT_EQ(why(fixture.start()), kYes);
    ASSERT_EQ(why(fixture.start()), kYes);
    const WallTime first = fixture.now();
    add_app_to(fixture);
    const Id app = fixture.factor().id;
    EXPECT_TRUE(post_all(fixture).empty());
    EXPECT_EQ(count_events(fixture, "notice.put_off"), 1);
    fixture.wait(first + hours(12) - fixture.now() - kTick);
    EXPECT_TRUE(post_all(fixture).empty());
    EXPECT_EQ(fixture.counts(app).why_not, domain::standing::WhyNot::kNotTold);
    fixture.wait(kTick);
    EXPECT_EQ(recipients(post_all(fixture)), std::vector<std::string>{std::string(kPhone)});
    EXPECT_EQ(fixture.counts(app).counts_from, fixture.now() + hours(72));
    // It was counted, once: of two, one is left.
    fixture.hold();
    EXPECT_EQ(why(fixture.start()), kYes);
    EXPECT_EQ(why(fixture.start()), Code::kRateLimited);
  }
}

TEST(Spending, ANoticeThatIsTriedAgainIsCountedOnce) {
  Fixture fixture;
  unlimited(fixture);
  known_person(fixture);
  budget(fixture, false) = {2, hours(24)};
  add_app_to(fixture);
  for (int i = 0; i < 5; ++i) {
    const auto due = due_notices(fixture);
    ASSERT_EQ(due.size(), 1U) << i;
    finish(fixture, due[0], fail(unavailable()));
    fixture.wait(hours(1));
  }
  fixture.hold();
  EXPECT_EQ(why(fixture.start()), kYes);
  EXPECT_EQ(why(fixture.start()), Code::kRateLimited);
}

TEST(Spending, ContactsThatNobodyProvedLeaveTheReserve) {
  Fixture fixture;
  unlimited(fixture);
  known_person(fixture);
  fixture.request().identity = "given-only";
  fixture.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  fixture.hold();
  budget(fixture, false) = {5, hours(24)};
  fixture.limits().strangers_share = 80;
  fixture.wait(seconds(1));
  for (int i = 0; i < 6; ++i)
    ASSERT_EQ(why(fixture.add_contact(Channel::kEmail, "a" + std::to_string(i) + "@example.com", "given-only")), kYes);
  EXPECT_EQ(post_all(fixture).size(), 4U);
  add_app_to(fixture);  // Of her who has proved her phone.
  EXPECT_EQ(recipients(post_all(fixture)), std::vector<std::string>{std::string(kPhone)});
}

TEST(Spending, ALoopOfContactListsIsBounded) {
  Fixture fixture;
  unlimited(fixture);
  const usecase::SubjectAt her{std::string(kIdentity)};
  std::size_t sent = 0;
  for (int round = 0; round < 20; ++round) {
    std::vector<usecase::GivenContact> list;
    for (int i = 0; i < 20; ++i) list.push_back({Channel::kSms, fmt::format("+5511987{:02}{:02}00", round, i)});
    fixture.in([&](store::Tx& tx, Moment& moment) {
      EXPECT_TRUE(usecase::put_contacts({tx, fixture.context(), fixture.caller(), moment}, her, list, {}));
      return Done{};
    });
    fixture.wait(seconds(1));
    sent += post_all(fixture).size();
  }
  EXPECT_EQ(sent, 20U);
  EXPECT_GT(count_events(fixture, "notice.suppressed"), 1000);
}

Answer<usecase::StartedObjection> ask_code(Fixture& fixture) {
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    const auto history =
        usecase::history_of({tx, fixture.context(), fixture.caller(), moment}, {std::string(kIdentity), ""});
    const auto& bindings = history->bindings;
    const auto phone = std::ranges::find(bindings, domain::Kind::kPhone, &domain::standing::Binding::kind);
    const auto app = std::ranges::find(bindings, domain::Kind::kAuthenticator, &domain::standing::Binding::kind);
    return usecase::start_objection({tx, fixture.context(), fixture.caller(), moment}, {std::string(kIdentity), ""},
                                    {phone->id, app->id});
  });
}

TEST(Spending, CodesToObjectWithAreCountedToo) {
  for (const bool country : {true, false}) {
    Fixture fixture;
    unlimited(fixture);
    known_person(fixture);
    add_app_to(fixture);
    ASSERT_EQ(post_all(fixture).size(), 1U);
    budget(fixture, country) = {1, hours(24)};
    fixture.wait(hours(25));
    ASSERT_EQ(why(ask_code(fixture)), kYes);
    EXPECT_EQ(post_all(fixture).size(), 1U);  // Counted when it was asked for, and not again.
    EXPECT_EQ(why(ask_code(fixture)), Code::kRateLimited);
    fixture.hold();
    EXPECT_EQ(why(fixture.start()), Code::kRateLimited);
  }
}

TEST(Spending, TheCeilingOfARecipientHoldsForCodesToObjectWith) {
  Fixture fixture;
  unlimited(fixture);
  fixture.hold();  // Given, and never proved.
  fixture.wait(hours(25));
  add_app_to(fixture);
  ASSERT_EQ(post_all(fixture).size(), 1U);
  fixture.limits().sends_per_address = {2, hours(1)};
  EXPECT_EQ(why(ask_code(fixture)), kYes);
  EXPECT_EQ(why(ask_code(fixture)), kYes);
  EXPECT_EQ(why(ask_code(fixture)), Code::kRateLimited);
}

}  // namespace
}  // namespace countersign::testing
