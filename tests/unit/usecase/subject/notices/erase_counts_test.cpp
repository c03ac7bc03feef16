#include "post.h"
#include "store/repository/retention.h"
#include "usecase/outbox/obstacles.h"
#include "usecase/subject/erase.h"

// What was counted outlives the erasure of a subject: otherwise whoever can have one erased, and made again, would have
// a budget of guesses and messages of his own. [STD-14, STD-21]

namespace countersign::testing {
namespace {

const store::Sql kReadableAddresses{"SELECT count(*) FROM addresses WHERE length(address_sealed) > 0"};
const store::Sql kAddressRows{"SELECT count(*) FROM addresses"};
const store::Sql kGuardRows{"SELECT count(*) FROM line_guards"};

void ask_to_erase(Fixture& fixture, std::string_view identity) {
  ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              return usecase::ask_for_erasure({tx, fixture.context(), fixture.caller(), moment}, identity);
            })),
            kYes);
}

/// A subject whose erasure is due in a minute.
void nearly_erased(Fixture& fixture, std::string_view identity) {
  fixture.request().identity = std::string(identity);
  fixture.hold();
  ask_to_erase(fixture, identity);
  fixture.wait(hours(72) - minutes(1));
}

void erase_it(Fixture& fixture) {
  fixture.wait(minutes(1));
  ASSERT_EQ(
      fixture.in([&](store::Tx& tx, Moment& moment) { return usecase::erase_due(tx, fixture.context(), 10, moment); }),
      1);
}

Answer<usecase::Started> start_as(Fixture& fixture, std::string_view identity) {
  fixture.request().identity = std::string(identity);
  fixture.hold();
  return fixture.start();
}

void purge_all(Fixture& fixture) {
  while (fixture.in(
             [&](store::Tx& tx, Moment&) { return store::purge(tx, fixture.account(), {}, fixture.now(), 100); }) > 0) {
  }
}

/// What the person of the fixture writes to our number.
void write_word(Fixture& fixture, domain::OptWord word) {
  fixture.in([&](store::Tx& tx, Moment& moment) {
    const usecase::Wish wish{Channel::kSms, std::string(kPhone), word, {}};
    usecase::take_wish(tx, fixture.context(), "double", wish, moment);
    return Done{};
  });
}

store::ContactRow only_contact(Fixture& fixture, std::string_view identity) {
  return fixture.in([&](store::Tx& tx, Moment&) {
    const auto subject = store::find_subject(tx, fixture.context().vault, fixture.account(), identity);
    return store::contacts_of(tx, fixture.account(), *subject).front();
  });
}

TEST(ErasureCounts, LeavesTheFailuresOfStrangersAtTheLine) {
  Fixture fixture;
  unlimited(fixture).failures = {5, minutes(10), hours(1), 100};
  nearly_erased(fixture, "thief");
  ASSERT_EQ(why(start_as(fixture, "thief")), kYes);
  guess_wrong(fixture, 5);
  ASSERT_EQ(why(fixture.start()), Code::kLocked);
  erase_it(fixture);
  EXPECT_EQ(why(start_as(fixture, "thief's next")), Code::kLocked);
  EXPECT_EQ(only_contact(fixture, "thief's next").strangers_guard.year.count, 5);
}

// Many gateways enforce no STOP: nobody else would remember it. [ADR 48]
TEST(ErasureCounts, LeavesAnOptOut) {
  Fixture fixture;
  unlimited(fixture);
  nearly_erased(fixture, "person");
  write_word(fixture, domain::OptWord::kStop);
  erase_it(fixture);
  for (int years = 0; years < 3; ++years) {
    fixture.wait(hours(24 * 366));
    purge_all(fixture);
    EXPECT_EQ(count_rows(fixture, kReadableAddresses), 0) << "only the keyed index stays";
  }
  EXPECT_EQ(why(start_as(fixture, "the same, later")), Code::kOptedOut);
  write_word(fixture, domain::OptWord::kStart);
  EXPECT_EQ(why(start_as(fixture, "the same, later")), kYes);
}

TEST(ErasureCounts, AnAddressGoesOnceItsOptOutIsLifted) {
  Fixture fixture;
  unlimited(fixture);
  nearly_erased(fixture, "person");
  write_word(fixture, domain::OptWord::kStop);
  erase_it(fixture);
  fixture.wait(hours(24 * 366));
  purge_all(fixture);
  EXPECT_EQ(count_rows(fixture, kAddressRows), 1);
  write_word(fixture, domain::OptWord::kStart);
  fixture.wait(hours(24 * 366));
  purge_all(fixture);
  EXPECT_EQ(count_rows(fixture, kAddressRows), 0);
}

TEST(ErasureCounts, LeavesTheSlownessAfterAHundredFailures) {
  Fixture fixture;
  unlimited(fixture).failures = {5, seconds(1), seconds(1), 10};
  nearly_erased(fixture, "thief");
  ASSERT_EQ(why(start_as(fixture, "thief")), kYes);
  for (int i = 0; i < 10; ++i) {
    guess_wrong(fixture, 1);
    fixture.wait(seconds(2));
  }
  erase_it(fixture);
  const auto next = start_as(fixture, "thief's next");
  ASSERT_EQ(why(next), kYes);
  EXPECT_EQ(fixture.code().size(), 8U);
  EXPECT_EQ(why(start_as(fixture, "and his next")), Code::kResendTooSoon);
}

TEST(ErasureCounts, LeavesTheFailuresOfThePersonHerself) {
  Fixture fixture;
  unlimited(fixture).failures = {5, minutes(10), hours(1), 100};
  verify(fixture);
  nearly_erased(fixture, kIdentity);
  ASSERT_EQ(why(start_as(fixture, kIdentity)), kYes);
  guess_wrong(fixture, 5);
  erase_it(fixture);
  fixture.hold();
  const auto contact = only_contact(fixture, kIdentity);
  ASSERT_TRUE(contact.own_guard.has_value());
  EXPECT_EQ(contact.own_guard->failures.consecutive, 5);
  EXPECT_GT(contact.own_guard->failures.locked_until, fixture.now());
}

TEST(ErasureCounts, LeavesTheMessagesToTheNumber) {
  Fixture fixture;
  unlimited(fixture).sends_per_address = {3, hours(1)};
  nearly_erased(fixture, "thief");
  for (int i = 0; i < 3; ++i) ASSERT_EQ(why(start_as(fixture, "thief")), kYes);
  ASSERT_EQ(why(start_as(fixture, "thief")), Code::kRateLimited);
  erase_it(fixture);
  EXPECT_EQ(why(start_as(fixture, "thief's next")), Code::kRateLimited);
  fixture.wait(hours(1));
  EXPECT_EQ(why(start_as(fixture, "thief's next")), kYes);
}

TEST(ErasureCounts, LeavesTheMessagesToThePerson) {
  Fixture fixture;
  auto& limits = unlimited(fixture);
  limits.sends_per_contact = {3, hours(1)};
  limits.sends_per_subject = {4, hours(1)};
  nearly_erased(fixture, kIdentity);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(why(start_as(fixture, kIdentity)), kYes);
  erase_it(fixture);
  fixture.hold();  // The same identity came again.
  const auto contact = only_contact(fixture, kIdentity);
  EXPECT_EQ(contact.sends.count, 3);
  EXPECT_EQ(contact.subject_sends.count, 3);
}

TEST(ErasureCounts, LeavesTheNoticesToTheNumber) {
  Fixture fixture;
  nearly_erased(fixture, "thief");
  post_all(fixture);
  for (int i = 0; i < 10; ++i)
    ASSERT_EQ(why(fixture.add_contact(Channel::kSms, "+55119812345" + std::to_string(10 + i), "thief")), kYes);
  ASSERT_EQ(post_all(fixture).size(), 10U);
  erase_it(fixture);
  fixture.request().identity = "thief's next";
  fixture.hold();
  fixture.wait(seconds(1));
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, "+5511981234599", "thief's next")), kYes);
  EXPECT_TRUE(due_notices(fixture).empty());
  fixture.wait(hours(24));
  EXPECT_EQ(recipients(due_notices(fixture)), std::vector<std::string>{std::string(kPhone)});
}

TEST(ErasureCounts, OfAKeptNumberNothingIsReadable) {
  Fixture fixture;
  known_person(fixture);
  nearly_erased(fixture, kIdentity);
  ASSERT_EQ(why(start_as(fixture, kIdentity)), kYes);
  guess_wrong(fixture, 1);
  erase_it(fixture);
  EXPECT_EQ(count_rows(fixture, kReadableAddresses), 0);
  EXPECT_EQ(count_rows(fixture, kGuardRows), 1);
  fixture.hold();
  EXPECT_EQ(count_rows(fixture, kReadableAddresses), 1);  // Given again: it can be reached.
}

TEST(ErasureCounts, GoWithTheirTime) {
  Fixture fixture;
  unlimited(fixture);
  fixture.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  nearly_erased(fixture, "thief");
  ASSERT_EQ(why(start_as(fixture, "thief")), kYes);
  guess_wrong(fixture, 1);
  erase_it(fixture);
  purge_all(fixture);
  EXPECT_EQ(count_rows(fixture, kAddressRows), 2);
  fixture.wait(hours(24 * 32));
  purge_all(fixture);
  EXPECT_EQ(count_rows(fixture, kAddressRows), 1);  // Guesses were counted at one of them.
  EXPECT_EQ(count_rows(fixture, kGuardRows), 1);
  fixture.wait(hours(24 * (365 - 33)));
  purge_all(fixture);
  EXPECT_EQ(count_rows(fixture, kGuardRows), 1);
  fixture.wait(hours(24 * 2));
  purge_all(fixture);
  EXPECT_EQ(count_rows(fixture, kAddressRows), 0);
  EXPECT_EQ(count_rows(fixture, kGuardRows), 0);
}

TEST(ErasureCounts, ANumberThatWasRemovedAMonthAgoHasItsFailuresToo) {
  Fixture fixture;
  unlimited(fixture);
  known_person(fixture);
  ASSERT_EQ(why(start_as(fixture, "thief")), kYes);
  guess_wrong(fixture, 7);
  const auto remove = [&](std::string_view identity) {
    const auto contact = only_contact(fixture, identity).id;
    ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
                return usecase::delete_contact({tx, fixture.context(), fixture.caller(), moment},
                                               {std::string(identity)}, contact, domain::standing::GoneWhy::kRemoved);
              })),
              kYes);
  };
  remove("thief");
  remove(kIdentity);
  post_all(fixture);
  fixture.wait(hours(24 * 32));
  purge_all(fixture);
  EXPECT_EQ(count_rows(fixture, kReadableAddresses), 0);
  ASSERT_EQ(why(fixture.add_contact(Channel::kSms, kOtherPhone)), kYes);
  EXPECT_TRUE(due_notices(fixture).empty());  // The number is forgotten: nobody can be told.
  ASSERT_EQ(why(start_as(fixture, "thief's next")), kYes);
  EXPECT_EQ(only_contact(fixture, "thief's next").strangers_guard.failures.consecutive, 7);
}

}  // namespace
}  // namespace countersign::testing
