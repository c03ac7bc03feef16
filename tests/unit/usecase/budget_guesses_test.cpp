#include "script.h"
#include "store/repository/line_guards.h"
#include "usecase/unlock.h"

// One budget of guesses: by line and person, whatever the channel, the transaction, the contact. [STD-20, STD-21]
namespace countersign::testing {
namespace {

/// A house where ten failures in a row are what a hundred are, so that tests stay short, and sending is free.
House& short_tempered(House& house) {
  auto& limits = unlimited(house);
  limits.attempts_max = 5;
  limits.failures = {5, seconds(30), hours(1), 10};
  house.request().expires_in = hours(24);
  return house;
}

Answer<usecase::Started> start_anew(House& house, Channel channel = Channel::kSms) {
  house.request().contacts = {{channel, std::string(kPhone)}};
  house.hold();
  return house.start(channel);
}

/// `times` wrong codes, in as many verifications and after as long waits as they need.
void fail(House& house, int times, Channel channel = Channel::kSms) {
  while (times > 0) {
    house.wait(hours(1));
    ASSERT_EQ(why(start_anew(house, channel)), kYes);
    for (int i = 0; i < 5 && times > 0; ++i, --times) ASSERT_EQ(why(house.check(house.wrong_code())), Code::kWrongCode);
  }
}

std::int64_t failures(House& house, std::string_view identity = kIdentity) {
  return house.in([&](store::Tx& tx, Moment&) {
    const auto subject = store::find_subject(tx, house.context().vault, house.account(), identity);
    const auto contacts = store::contacts_of(tx, house.account(), *subject);
    return store::guard_of(contacts.front(), store::guessers_of(contacts.front(), false)).failures.consecutive;
  });
}

void forget_contacts(House& house, std::string_view identity = kIdentity) {
  house.in([&](store::Tx& tx, Moment& moment) {
    const auto views = usecase::list_contacts(tx, house.context(), house.caller(), {std::string(identity)}, moment.now);
    EXPECT_TRUE(views);
    for (const auto& view : *views)
      EXPECT_TRUE(usecase::delete_contact(tx, house.context(), house.caller(), {std::string(identity)}, view.id,
                                          domain::standing::GoneWhy::kLost, moment));
    return Done{};
  });
}

Answer<Done> unlock(House& house, std::string_view identity = kIdentity) {
  return house.in([&](store::Tx& tx, Moment& moment) {
    const auto views =
        usecase::list_contacts(tx, house.context(), house.caller(), {std::string(kIdentity)}, moment.now);
    return usecase::unlock_contact(tx, house.context(), house.caller(), identity, views->front().id, moment);
  });
}

TEST(BudgetOfGuesses, TextsCallsAndWhatsAppToOneNumberShareALock) {
  House house;
  unlimited(house).failures = domain::FailureRules{};
  ASSERT_EQ(why(start_anew(house, Channel::kSms)), kYes);
  guess_wrong(house, 2);
  ASSERT_EQ(why(start_anew(house, Channel::kCall)), kYes);
  guess_wrong(house, 3);
  EXPECT_EQ(why(start_anew(house, Channel::kWhatsapp)), Code::kLocked);
  EXPECT_EQ(why(start_anew(house, Channel::kSms)), Code::kLocked);
}

TEST(BudgetOfGuesses, AContactThatIsRemovedAndGivenAgainHasItsCount) {
  House house;
  unlimited(house).failures = domain::FailureRules{};
  for (const bool proved : {false, true}) {
    if (proved) {
      house.wait(hours(1));
      ASSERT_EQ(why(start_anew(house)), kYes);
      ASSERT_EQ(why(house.check(house.code())), kYes);
    }
    ASSERT_EQ(why(start_anew(house)), kYes);
    guess_wrong(house, 5);
    ASSERT_EQ(why(house.start()), Code::kLocked);
    forget_contacts(house);
    // Once something was proved, it is a new source besides, which waits. [STD-8]
    EXPECT_EQ(why(start_anew(house)), proved ? Code::kSourceDoesNotCount : Code::kLocked) << proved;
    EXPECT_EQ(failures(house), 5) << proved;
  }
}

TEST(BudgetOfGuesses, ANewSubjectForTheSameLineHasTheCountOfAllStrangers) {
  House house;
  unlimited(house).failures = domain::FailureRules{};
  for (const char* one : {"first", "second", "third", "fourth", "fifth"}) {
    house.request().identity = one;
    ASSERT_EQ(why(start_anew(house)), kYes) << one;
    guess_wrong(house, 1);
  }
  house.request().identity = "sixth";
  EXPECT_EQ(why(start_anew(house)), Code::kLocked);
}

TEST(BudgetOfGuesses, WhoHasProvedTheLineByAnyChannelHasACountOfHerOwn) {
  House house;
  unlimited(house).failures = domain::FailureRules{};
  verify(house);
  house.request().identity = "stranger";
  ASSERT_EQ(why(start_anew(house)), kYes);
  guess_wrong(house, 5);
  ASSERT_EQ(why(house.start()), Code::kLocked);
  house.request().identity = kIdentity;
  for (const auto channel : {Channel::kSms, Channel::kWhatsapp}) {
    ASSERT_EQ(why(start_anew(house, channel)), kYes);
    EXPECT_EQ(why(house.check(house.code())), kYes);
  }
  house.request().identity = "stranger";
  EXPECT_EQ(why(start_anew(house)), Code::kLocked);  // Her success is not the stranger's.
}

TEST(BudgetOfGuesses, ALineOfAHundredFailuresIsSlowedAndNeverEnded) {
  House house;
  short_tempered(house);
  verify(house);
  fail(house, 10);
  house.wait(hours(1));
  const auto slow = start_anew(house);
  ASSERT_EQ(why(slow), kYes);
  EXPECT_EQ(house.code().size(), 8U);
  EXPECT_EQ(slow->attempts_left, 2);
  // One an hour for this line and person, whichever channel and transaction.
  house.wait(hours(1) - kTick);
  const auto soon = start_anew(house, Channel::kCall);
  ASSERT_EQ(why(soon), Code::kResendTooSoon);
  EXPECT_EQ(soon.error().retry_after, kTick);
  house.wait(kTick);
  ASSERT_EQ(why(start_anew(house)), kYes);
  guess_wrong(house, 2);
  EXPECT_EQ(why(house.check(house.code())), Code::kAttemptsExhausted);
  house.wait(hours(1));
  ASSERT_EQ(why(start_anew(house)), kYes);
  EXPECT_EQ(why(house.check(house.code())), kYes);
  // A success ends it, but not the year's count, which makes codes long.
  ASSERT_EQ(why(start_anew(house)), kYes);
  ASSERT_EQ(why(start_anew(house)), kYes);
  EXPECT_EQ(house.code().size(), 8U);
  house.wait(std::chrono::days(365));
  ASSERT_EQ(why(start_anew(house)), kYes);
  EXPECT_EQ(house.code().size(), 6U);
}

TEST(BudgetOfGuesses, SuccessesBetweenDoNotPayForMoreShortCodes) {
  House house;
  short_tempered(house);
  verify(house);
  for (int round = 0; round < 3; ++round) {
    fail(house, 4);
    ASSERT_EQ(why(start_anew(house)), kYes);
    EXPECT_EQ(house.code().size(), round < 2 ? 6U : 8U) << round;
    ASSERT_EQ(why(house.check(house.code())), kYes);
  }
}

TEST(BudgetOfGuesses, ACodeThatWasShortWhenItWasSentIsJudgedAsItIs) {
  House house;
  short_tempered(house);
  verify(house);
  fail(house, 8);
  house.wait(hours(1));
  ASSERT_EQ(why(start_anew(house)), kYes);
  const std::string code = house.code();
  const auto first = house.current();
  ASSERT_EQ(why(start_anew(house)), kYes);
  guess_wrong(house, 1);
  guess_wrong(house, 1);
  ASSERT_EQ(why(house.check(first, code)), Code::kLocked);  // The tenth is a fifth one, too.
}

TEST(BudgetOfGuesses, AProvidersCodeIsGuessedOnceInTwoDaysAfterAHundred) {
  House house;
  short_tempered(house);
  house.request().service = "upstream";
  const auto send = [&] {
    house.hold();
    ASSERT_EQ(why(house.start()), kYes);
    house.finish(house.sent().back(), delivery::Accepted{"VE-1"});
  };
  for (int i = 0; i < 10; ++i) {
    if (i % 5 == 0) {
      house.wait(hours(1));
      send();
    }
    ASSERT_EQ(why(house.conclude(*house.ask("123456"), delivery::VerifierVerdict::kWrongCode)), Code::kWrongCode);
  }
  house.wait(hours(48) - kTick);
  house.hold();
  ASSERT_EQ(why(house.start()), Code::kLocked);
  house.wait(kTick);
  send();
  // A provider that did not judge gives back the attempt, the failure and the lock.
  ASSERT_EQ(why(house.conclude(*house.ask("123456"), unavailable())), Code::kUpstreamUnavailable);
  ASSERT_EQ(why(house.conclude(*house.ask("123456"), delivery::VerifierVerdict::kWrongCode)), Code::kWrongCode);
  EXPECT_EQ(why(house.ask("123456")), Code::kLocked);
}

TEST(BudgetOfGuesses, AnAppOfAHundredFailuresSleepsUntilAnotherKindWakesIt) {
  House house;
  short_tempered(house);
  active_factor(house);
  house.request().contacts.clear();
  house.hold("any");
  for (int i = 0; i < 10; ++i) {
    if (i == 5) house.wait(seconds(30));
    static_cast<void>(house.check_totp(house.totp_code(50)));
  }
  house.wait(hours(2));
  ASSERT_EQ(why(house.check_totp(house.totp_code())), Code::kFactorUnusable);

  // Alone it stays asleep; beside a proof of the telephone it is tried, and a right code wakes it.
  house.request().contacts = {{Channel::kSms, std::string(kPhone)}};
  house.hold("strict");
  ASSERT_EQ(why(house.check_totp(house.totp_code())), Code::kFactorUnusable);
  ASSERT_EQ(why(house.start()), kYes);
  ASSERT_EQ(why(house.check(house.code())), kYes);
  ASSERT_EQ(why(house.check_totp(house.totp_code(50))), Code::kWrongCode);
  const auto again = house.check_totp(house.totp_code());
  ASSERT_EQ(why(again), Code::kLocked);
  EXPECT_EQ(again.error().retry_after, hours(48));
  house.wait(hours(48));
  house.hold("strict");
  ASSERT_EQ(why(house.start()), kYes);
  ASSERT_EQ(why(house.check(house.code())), kYes);
  EXPECT_EQ(house.check_totp(house.totp_code())->status, TransactionStatus::kVerified);
  house.wait(seconds(60));
  house.hold("any");
  EXPECT_EQ(why(house.check_totp(house.totp_code())), kYes);
}

TEST(BudgetOfGuesses, TheApplicationForgetsFailuresAndItIsWrittenDown) {
  House house;
  unlimited(house).failures = domain::FailureRules{};
  verify(house);
  ASSERT_EQ(why(start_anew(house)), kYes);
  guess_wrong(house, 5);
  ASSERT_EQ(why(house.start()), Code::kLocked);
  EXPECT_EQ(why(unlock(house, "somebody-else")), Code::kNotFound);
  ASSERT_EQ(why(unlock(house)), kYes);
  EXPECT_EQ(why(start_anew(house)), kYes);
  const auto events = house.all_events();
  EXPECT_EQ(std::ranges::count(events, "contact.unlocked", &store::EventRow::type), 1);
}

TEST(BudgetOfGuesses, OwnFailuresRefuseNobodyElseBehindTheSameAddress) {
  House house;
  auto& limits = unlimited(house);
  limits.checks_per_ip = {6, minutes(10)};
  limits.failures = {5, seconds(30), hours(1), 100'000};
  house.caller().end_user = IpAddress::parse("192.0.2.1");
  verify(house);
  // Somebody with apps, and a number, of his own.
  house.request().identity = "neighbour";
  house.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  for (int app = 0; app < 3; ++app) {
    active_factor(house, "neighbour");
    house.hold();
    for (int i = 0; i < 4; ++i) ASSERT_EQ(why(house.check_totp(house.totp_code(50))), Code::kWrongCode);
  }
  verify(house);
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  guess_wrong(house, 4);
  // And with strangers' numbers, as many as the address may have.
  for (int i = 0; i < 3; ++i) {
    house.request().identity = "stranger-" + std::to_string(i);
    house.request().contacts = {{Channel::kSms, "+551198765000" + std::to_string(i)}};
    house.hold();
    ASSERT_EQ(why(house.start()), kYes);
    // Of the address's six, the neighbour has used up none.
    ASSERT_EQ(guess_wrong(house, 2), Code::kWrongCode) << i;
  }
  EXPECT_EQ(why(house.check(house.code())), Code::kRateLimited);
  house.request().identity = kIdentity;
  house.request().contacts = {{Channel::kSms, std::string(kPhone)}};
  verify(house);
}

}  // namespace
}  // namespace countersign::testing
