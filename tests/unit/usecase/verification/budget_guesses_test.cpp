#include "store/repository/line_guards.h"
#include "tests/unit/usecase/script.h"
#include "usecase/subject/unlock.h"

// One budget of guesses: by line and person, whatever the channel, the transaction, the contact. [STD-20, STD-21]
namespace countersign::testing {
namespace {

/// A fixture where ten failures in a row are what a hundred are, so that tests stay short, and sending is free.
Fixture& short_tempered(Fixture& fixture) {
  auto& limits = unlimited(fixture);
  limits.attempts_max = 5;
  limits.failures = {5, seconds(30), hours(1), 10};
  fixture.request().expires_in = hours(24);
  return fixture;
}

Answer<usecase::Started> start_anew(Fixture& fixture, Channel channel = Channel::kSms) {
  fixture.request().contacts = {{channel, std::string(kPhone)}};
  fixture.hold();
  return fixture.start(channel);
}

/// `times` wrong codes, in as many verifications and after as long waits as they need.
void fail_guesses(Fixture& fixture, int times, Channel channel = Channel::kSms) {
  while (times > 0) {
    fixture.wait(hours(1));
    ASSERT_EQ(why(start_anew(fixture, channel)), kYes);
    for (int i = 0; i < 5 && times > 0; ++i, --times)
      ASSERT_EQ(why(fixture.check(fixture.wrong_code())), Code::kWrongCode);
  }
}

std::int64_t failures(Fixture& fixture, std::string_view identity = kIdentity) {
  return fixture.in([&](store::Tx& tx, Moment&) {
    const auto subject = store::find_subject(tx, fixture.context().vault, fixture.account(), identity);
    const auto contacts = store::contacts_of(tx, fixture.account(), *subject);
    return store::guard_of(contacts.front(), store::guessers_of(contacts.front(), false)).failures.consecutive;
  });
}

void forget_contacts(Fixture& fixture, std::string_view identity = kIdentity) {
  fixture.in([&](store::Tx& tx, Moment& moment) {
    const auto views =
        usecase::list_contacts({tx, fixture.context(), fixture.caller(), moment}, {std::string(identity)});
    EXPECT_TRUE(views);
    for (const auto& view : *views)
      EXPECT_TRUE(usecase::delete_contact({tx, fixture.context(), fixture.caller(), moment}, {std::string(identity)},
                                          view.id, domain::standing::GoneWhy::kLost));
    return Done{};
  });
}

Answer<Done> unlock(Fixture& fixture, std::string_view identity = kIdentity) {
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    const auto views =
        usecase::list_contacts({tx, fixture.context(), fixture.caller(), moment}, {std::string(kIdentity)});
    return usecase::unlock_contact({tx, fixture.context(), fixture.caller(), moment}, identity, views->front().id);
  });
}

TEST(BudgetOfGuesses, TextsCallsAndWhatsAppToOneNumberShareALock) {
  Fixture fixture;
  unlimited(fixture).failures = domain::FailureRules{};
  ASSERT_EQ(why(start_anew(fixture, Channel::kSms)), kYes);
  guess_wrong(fixture, 2);
  ASSERT_EQ(why(start_anew(fixture, Channel::kCall)), kYes);
  guess_wrong(fixture, 3);
  EXPECT_EQ(why(start_anew(fixture, Channel::kWhatsapp)), Code::kLocked);
  EXPECT_EQ(why(start_anew(fixture, Channel::kSms)), Code::kLocked);
}

TEST(BudgetOfGuesses, AContactThatIsRemovedAndGivenAgainHasItsCount) {
  Fixture fixture;
  unlimited(fixture).failures = domain::FailureRules{};
  for (const bool proved : {false, true}) {
    if (proved) {
      fixture.wait(hours(1));
      ASSERT_EQ(why(start_anew(fixture)), kYes);
      ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
    }
    ASSERT_EQ(why(start_anew(fixture)), kYes);
    guess_wrong(fixture, 5);
    ASSERT_EQ(why(fixture.start()), Code::kLocked);
    forget_contacts(fixture);
    // Once something was proved, it is a new source besides, which waits. [STD-8]
    EXPECT_EQ(why(start_anew(fixture)), proved ? Code::kSourceDoesNotCount : Code::kLocked) << proved;
    EXPECT_EQ(failures(fixture), 5) << proved;
  }
}

TEST(BudgetOfGuesses, ANewSubjectForTheSameLineHasTheCountOfAllStrangers) {
  Fixture fixture;
  unlimited(fixture).failures = domain::FailureRules{};
  for (const char* one : {"first", "second", "third", "fourth", "fifth"}) {
    fixture.request().identity = one;
    ASSERT_EQ(why(start_anew(fixture)), kYes) << one;
    guess_wrong(fixture, 1);
  }
  fixture.request().identity = "sixth";
  EXPECT_EQ(why(start_anew(fixture)), Code::kLocked);
}

TEST(BudgetOfGuesses, WhoHasProvedTheLineByAnyChannelHasACountOfHerOwn) {
  Fixture fixture;
  unlimited(fixture).failures = domain::FailureRules{};
  verify(fixture);
  fixture.request().identity = "stranger";
  ASSERT_EQ(why(start_anew(fixture)), kYes);
  guess_wrong(fixture, 5);
  ASSERT_EQ(why(fixture.start()), Code::kLocked);
  fixture.request().identity = kIdentity;
  for (const auto channel : {Channel::kSms, Channel::kWhatsapp}) {
    ASSERT_EQ(why(start_anew(fixture, channel)), kYes);
    EXPECT_EQ(why(fixture.check(fixture.code())), kYes);
  }
  fixture.request().identity = "stranger";
  EXPECT_EQ(why(start_anew(fixture)), Code::kLocked);  // Her success is not the stranger's.
}

TEST(BudgetOfGuesses, ALineOfAHundredFailuresIsSlowedAndNeverEnded) {
  Fixture fixture;
  short_tempered(fixture);
  verify(fixture);
  fail_guesses(fixture, 10);
  fixture.wait(hours(1));
  const auto slow = start_anew(fixture);
  ASSERT_EQ(why(slow), kYes);
  EXPECT_EQ(fixture.code().size(), 8U);
  EXPECT_EQ(slow->attempts_left, 2);
  // One an hour for this line and person, whichever channel and transaction.
  fixture.wait(hours(1) - kTick);
  const auto soon = start_anew(fixture, Channel::kCall);
  ASSERT_EQ(why(soon), Code::kResendTooSoon);
  EXPECT_EQ(soon.error().retry_after, kTick);
  fixture.wait(kTick);
  ASSERT_EQ(why(start_anew(fixture)), kYes);
  guess_wrong(fixture, 2);
  EXPECT_EQ(why(fixture.check(fixture.code())), Code::kAttemptsExhausted);
  fixture.wait(hours(1));
  ASSERT_EQ(why(start_anew(fixture)), kYes);
  EXPECT_EQ(why(fixture.check(fixture.code())), kYes);
  // A success ends it, but not the year's count, which makes codes long.
  ASSERT_EQ(why(start_anew(fixture)), kYes);
  ASSERT_EQ(why(start_anew(fixture)), kYes);
  EXPECT_EQ(fixture.code().size(), 8U);
  fixture.wait(std::chrono::days(365));
  ASSERT_EQ(why(start_anew(fixture)), kYes);
  EXPECT_EQ(fixture.code().size(), 6U);
}

TEST(BudgetOfGuesses, SuccessesBetweenDoNotPayForMoreShortCodes) {
  Fixture fixture;
  short_tempered(fixture);
  verify(fixture);
  for (int round = 0; round < 3; ++round) {
    fail_guesses(fixture, 4);
    ASSERT_EQ(why(start_anew(fixture)), kYes);
    EXPECT_EQ(fixture.code().size(), round < 2 ? 6U : 8U) << round;
    ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  }
}

TEST(BudgetOfGuesses, ACodeThatWasShortWhenItWasSentIsJudgedAsItIs) {
  Fixture fixture;
  short_tempered(fixture);
  verify(fixture);
  fail_guesses(fixture, 8);
  fixture.wait(hours(1));
  ASSERT_EQ(why(start_anew(fixture)), kYes);
  const std::string code = fixture.code();
  const auto first = fixture.current();
  ASSERT_EQ(why(start_anew(fixture)), kYes);
  guess_wrong(fixture, 1);
  guess_wrong(fixture, 1);
  ASSERT_EQ(why(fixture.check(first, code)), Code::kLocked);  // The tenth is a fifth one, too.
}

TEST(BudgetOfGuesses, AProvidersCodeIsGuessedOnceInTwoDaysAfterAHundred) {
  Fixture fixture;
  short_tempered(fixture);
  fixture.request().service = "upstream";
  const auto send = [&] {
    fixture.hold();
    ASSERT_EQ(why(fixture.start()), kYes);
    fixture.finish(fixture.sent().back(), delivery::Accepted{"VE-1"});
  };
  for (int i = 0; i < 10; ++i) {
    if (i % 5 == 0) {
      fixture.wait(hours(1));
      send();
    }
    ASSERT_EQ(why(fixture.conclude(*fixture.ask("123456"), delivery::VerifierVerdict::kWrongCode)), Code::kWrongCode);
  }
  fixture.wait(hours(48) - kTick);
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), Code::kLocked);
  fixture.wait(kTick);
  send();
  // A provider that did not judge gives back the attempt, the failure and the lock.
  ASSERT_EQ(why(fixture.conclude(*fixture.ask("123456"), unavailable())), Code::kUpstreamUnavailable);
  ASSERT_EQ(why(fixture.conclude(*fixture.ask("123456"), delivery::VerifierVerdict::kWrongCode)), Code::kWrongCode);
  EXPECT_EQ(why(fixture.ask("123456")), Code::kLocked);
}

TEST(BudgetOfGuesses, AnAppOfAHundredFailuresSleepsUntilAnotherKindWakesIt) {
  Fixture fixture;
  short_tempered(fixture);
  active_factor(fixture);
  fixture.request().contacts.clear();
  ASSERT_NO_FATAL_FAILURE(send_app_to_sleep(fixture));

  // Alone it stays asleep; beside a proof of the telephone it is tried, and a right code wakes it.
  fixture.request().contacts = {{Channel::kSms, std::string(kPhone)}};
  fixture.hold("strict");
  ASSERT_EQ(why(fixture.check_totp(fixture.totp_code())), Code::kFactorUnusable);
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  ASSERT_EQ(why(fixture.check_totp(fixture.totp_code(50))), Code::kWrongCode);
  const auto again = fixture.check_totp(fixture.totp_code());
  ASSERT_EQ(why(again), Code::kLocked);
  EXPECT_EQ(again.error().retry_after, hours(48));
  fixture.wait(hours(48));
  fixture.hold("strict");
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  EXPECT_EQ(fixture.check_totp(fixture.totp_code())->status, TransactionStatus::kVerified);
  fixture.wait(seconds(60));
  fixture.hold("any");
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code())), kYes);
}

TEST(BudgetOfGuesses, TheApplicationForgetsFailuresAndItIsWrittenDown) {
  Fixture fixture;
  unlimited(fixture).failures = domain::FailureRules{};
  verify(fixture);
  ASSERT_EQ(why(start_anew(fixture)), kYes);
  guess_wrong(fixture, 5);
  ASSERT_EQ(why(fixture.start()), Code::kLocked);
  EXPECT_EQ(why(unlock(fixture, "somebody-else")), Code::kNotFound);
  ASSERT_EQ(why(unlock(fixture)), kYes);
  EXPECT_EQ(why(start_anew(fixture)), kYes);
  const auto events = fixture.all_events();
  EXPECT_EQ(std::ranges::count(events, "contact.unlocked", &store::EventRow::type), 1);
}

TEST(BudgetOfGuesses, OwnFailuresRefuseNobodyElseBehindTheSameAddress) {
  Fixture fixture;
  auto& limits = unlimited(fixture);
  limits.checks_per_ip = {6, minutes(10)};
  limits.failures = {5, seconds(30), hours(1), 100'000};
  fixture.caller().end_user = IpAddress::parse("192.0.2.1");
  verify(fixture);
  // Somebody with apps, and a number, of his own.
  fixture.request().identity = "neighbour";
  fixture.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  for (int app = 0; app < 3; ++app) {
    active_factor(fixture, "neighbour");
    fixture.hold();
    for (int i = 0; i < 4; ++i) ASSERT_EQ(why(fixture.check_totp(fixture.totp_code(50))), Code::kWrongCode);
  }
  verify(fixture);
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  guess_wrong(fixture, 4);
  // And with strangers' numbers, as many as the address may have.
  for (int i = 0; i < 3; ++i) {
    fixture.request().identity = "stranger-" + std::to_string(i);
    fixture.request().contacts = {{Channel::kSms, "+551198765000" + std::to_string(i)}};
    fixture.hold();
    ASSERT_EQ(why(fixture.start()), kYes);
    // Of the address's six, the neighbour has used up none.
    ASSERT_EQ(guess_wrong(fixture, 2), Code::kWrongCode) << i;
  }
  EXPECT_EQ(why(fixture.check(fixture.code())), Code::kRateLimited);
  fixture.request().identity = kIdentity;
  fixture.request().contacts = {{Channel::kSms, std::string(kPhone)}};
  verify(fixture);
}

}  // namespace
}  // namespace countersign::testing
