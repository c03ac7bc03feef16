#include <fmt/format.h>

#include "post.h"
#include "usecase/objections.h"

// What notices and codes to object with cost is counted where money is counted. [STD-7, STD-11]
namespace countersign::testing {
namespace {

void add_app_to(House& house) {
  ASSERT_EQ(why(house.enrol()), kYes);
  ASSERT_EQ(why(house.confirm()), kYes);
  house.wait(seconds(1));
}

domain::Rate& budget(House& house, bool country) {
  return country ? house.limits().sends_per_country : house.limits().sends_per_account;
}

TEST(Spending, NoticesUseUpWhatAnAccountAndACountryMaySend) {
  for (const bool country : {true, false}) {
    House house;
    unlimited(house);
    known_person(house);
    budget(house, country) = {3, hours(24)};
    for (int i = 0; i < 3; ++i) add_app_to(house);
    ASSERT_EQ(post_all(house).size(), 3U);
    house.hold();
    EXPECT_EQ(why(house.start()), Code::kRateLimited);
  }
}

TEST(Spending, ANoticeWithoutRoomIsPutOffAndToldOnlyWhenItWent) {
  for (const bool country : {true, false}) {
    House house;
    unlimited(house);
    known_person(house);
    budget(house, country) = {2, hours(12)};
    house.hold();
    ASSERT_EQ(why(house.start()), kYes);
    ASSERT_EQ(why(house.start()), kYes);
    const WallTime first = house.now();
    add_app_to(house);
    const Id app = house.factor().id;
    EXPECT_TRUE(post_all(house).empty());
    EXPECT_EQ(count_events(house, "notice.put_off"), 1);
    house.wait(first + hours(12) - house.now() - kTick);
    EXPECT_TRUE(post_all(house).empty());
    EXPECT_EQ(house.counts(app).why_not, domain::standing::WhyNot::kNotTold);
    house.wait(kTick);
    EXPECT_EQ(recipients(post_all(house)), std::vector<std::string>{std::string(kPhone)});
    EXPECT_EQ(house.counts(app).counts_from, house.now() + hours(72));
    // It was counted, once: of two, one is left.
    house.hold();
    EXPECT_EQ(why(house.start()), kYes);
    EXPECT_EQ(why(house.start()), Code::kRateLimited);
  }
}

TEST(Spending, ANoticeThatIsTriedAgainIsCountedOnce) {
  House house;
  unlimited(house);
  known_person(house);
  budget(house, false) = {2, hours(24)};
  add_app_to(house);
  for (int i = 0; i < 5; ++i) {
    const auto due = due_notices(house);
    ASSERT_EQ(due.size(), 1U) << i;
    finish(house, due[0], fail(unavailable()));
    house.wait(hours(1));
  }
  house.hold();
  EXPECT_EQ(why(house.start()), kYes);
  EXPECT_EQ(why(house.start()), Code::kRateLimited);
}

TEST(Spending, ContactsThatNobodyProvedLeaveTheReserve) {
  House house;
  unlimited(house);
  known_person(house);
  house.request().identity = "given-only";
  house.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  house.hold();
  budget(house, false) = {5, hours(24)};
  house.limits().strangers_share = 80;
  house.wait(seconds(1));
  for (int i = 0; i < 6; ++i)
    ASSERT_EQ(why(house.add_contact(Channel::kEmail, "a" + std::to_string(i) + "@example.com", "given-only")), kYes);
  EXPECT_EQ(post_all(house).size(), 4U);
  add_app_to(house);  // Of her who has proved her phone.
  EXPECT_EQ(recipients(post_all(house)), std::vector<std::string>{std::string(kPhone)});
}

TEST(Spending, ALoopOfContactListsIsBounded) {
  House house;
  unlimited(house);
  const usecase::SubjectAt her{std::string(kIdentity)};
  std::size_t sent = 0;
  for (int round = 0; round < 20; ++round) {
    std::vector<usecase::GivenContact> list;
    for (int i = 0; i < 20; ++i) list.push_back({Channel::kSms, fmt::format("+5511987{:02}{:02}00", round, i)});
    house.in([&](store::Tx& tx, Moment& moment) {
      EXPECT_TRUE(usecase::put_contacts(tx, house.context(), house.caller(), her, list, {}, moment));
      return Done{};
    });
    house.wait(seconds(1));
    sent += post_all(house).size();
  }
  EXPECT_EQ(sent, 20U);
  EXPECT_GT(count_events(house, "notice.suppressed"), 1000);
}

Answer<usecase::StartedObjection> ask_code(House& house) {
  return house.in([&](store::Tx& tx, Moment& moment) {
    const auto history = usecase::history_of(tx, house.context(), house.caller(), {std::string(kIdentity), ""});
    const auto& bindings = history->bindings;
    const auto phone = std::ranges::find(bindings, domain::Kind::kPhone, &domain::standing::Binding::kind);
    const auto app = std::ranges::find(bindings, domain::Kind::kAuthenticator, &domain::standing::Binding::kind);
    return usecase::start_objection(tx, house.context(), house.caller(), {std::string(kIdentity), ""},
                                    {phone->id, app->id}, moment);
  });
}

TEST(Spending, CodesToObjectWithAreCountedToo) {
  for (const bool country : {true, false}) {
    House house;
    unlimited(house);
    known_person(house);
    add_app_to(house);
    ASSERT_EQ(post_all(house).size(), 1U);
    budget(house, country) = {1, hours(24)};
    house.wait(hours(25));
    ASSERT_EQ(why(ask_code(house)), kYes);
    EXPECT_EQ(post_all(house).size(), 1U);  // Counted when it was asked for, and not again.
    EXPECT_EQ(why(ask_code(house)), Code::kRateLimited);
    house.hold();
    EXPECT_EQ(why(house.start()), Code::kRateLimited);
  }
}

TEST(Spending, TheCeilingOfARecipientHoldsForCodesToObjectWith) {
  House house;
  unlimited(house);
  house.hold();  // Given, and never proved.
  house.wait(hours(25));
  add_app_to(house);
  ASSERT_EQ(post_all(house).size(), 1U);
  house.limits().sends_per_address = {2, hours(1)};
  EXPECT_EQ(why(ask_code(house)), kYes);
  EXPECT_EQ(why(ask_code(house)), kYes);
  EXPECT_EQ(why(ask_code(house)), Code::kRateLimited);
}

}  // namespace
}  // namespace countersign::testing
