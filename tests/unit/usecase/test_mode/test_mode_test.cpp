// Test mode as docs/testing.md promises it: apart from everything live, with outcomes by address and a clock to move.
#include "store/repository/test_mode.h"
#include "domain/standing/counts.h"
#include "store/repository/retention.h"
#include "test_mode/twin.h"
#include "usecase/outbox/work_notices.h"
#include "usecase/transaction/give_up.h"

namespace countersign::testing {
namespace {

using domain::TransactionStatus;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kFixedNumber = "+12025550110";

TEST(TestAccount, IsToldByItsIdAlone) {
  Twin twin;
  EXPECT_TRUE(is_test(twin.id()));
  EXPECT_FALSE(is_test(twin.fixture.account()));
  EXPECT_FALSE(is_test(AccountId{}));
  EXPECT_TRUE(twin.id().text().starts_with("AC000000000000")) << twin.id().text();
  EXPECT_EQ(twin.id().bytes().substr(6), twin.fixture.account().bytes().substr(6));
}

// Isolation.

TEST(TestMode, ATestKeyFindsNothingLive) {
  Twin twin;
  const TransactionId live = twin.fixture.hold();
  ASSERT_EQ(why(twin.fixture.start()), kYes);
  EXPECT_EQ(why(twin.show(live)), Code::kNotFound);
  EXPECT_EQ(why(twin.start(live, Channel::kSms)), Code::kNotFound);
  EXPECT_EQ(twin.check(live, twin.fixture.code()), Code::kNotFound);
  ASSERT_EQ(why(twin.fixture.check(twin.fixture.code())), kYes);
  EXPECT_EQ(twin.claim(live), Code::kNotFound);
}

TEST(TestMode, ALiveKeyFindsNothingOfTests) {
  Twin twin;
  const TransactionId test = twin.hold("ana", Channel::kSms, kFixedNumber);
  ASSERT_EQ(why(twin.start(test, Channel::kSms)), kYes);
  Fixture& fixture = twin.fixture;
  fixture.use(test);
  EXPECT_EQ(why(fixture.start()), Code::kNotFound);
  EXPECT_EQ(why(fixture.check("000000")), Code::kNotFound);
  ASSERT_EQ(twin.check(test, "000000"), kYes);
  EXPECT_EQ(why(fixture.claim()), Code::kNotFound);
  EXPECT_EQ(twin.claim(test), kYes);
}

TEST(TestMode, WhatIsUsedUpOrLockedInTestsIsNotLive) {
  Twin twin;
  Fixture& fixture = twin.fixture;
  fixture.settings().accounts.at(twin.id()).limits.sends_per_address = {1, hours(24)};
  fixture.limits().sends_per_address = {1, hours(24)};
  const TransactionId test = twin.hold(kIdentity, Channel::kSms, kPhone);
  ASSERT_EQ(why(twin.start(test, Channel::kSms)), kYes);
  const TransactionId other = twin.hold("another", Channel::kSms, kPhone);
  ASSERT_EQ(why(twin.start(other, Channel::kSms)), Code::kRateLimited);
  const std::string right = twin.messages_of(test).front().code.expose();
  for (int i = 0; i < 5; ++i) ASSERT_NE(twin.check(test, right == "000001" ? "000002" : "000001"), kYes);
  ASSERT_EQ(why(twin.start(test, Channel::kSms)), Code::kLocked);

  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  EXPECT_EQ(why(fixture.check(fixture.code())), kYes);
}

/// Everything that workers look for, queued in a test account.
void leave_work(Twin& twin) {
  static_cast<void>(twin.hold("known", Channel::kSms, "+12025550116"));
  ASSERT_TRUE(twin.advance(hours(25)));
  static_cast<void>(twin.hold("known", Channel::kEmail, "fixed@example.com"));  // The telephone is to be told.
  static_cast<void>(twin.hold("first", Channel::kSms, kFixedNumber));
  const TransactionId down = twin.hold("second", Channel::kSms, "+12025550116");
  ASSERT_EQ(why(twin.start(down, Channel::kSms)), kYes);
  const usecase::EndpointRequest request{"https://shop.example.com/hooks", {}, {}};
  ASSERT_EQ(why(twin.in([&](store::Tx& tx, Moment& moment) {
              return usecase::add_endpoint({tx, twin.fixture.context(), twin.caller, moment}, request);
            })),
            kYes);
  const TransactionId ended = twin.hold("third", Channel::kSms, kFixedNumber);
  ASSERT_EQ(why(twin.in([&](store::Tx& tx, Moment& moment) {
              return usecase::cancel({tx, twin.fixture.context(), twin.caller, moment}, ended);
            })),
            kYes);
}

TEST(TestMode, WhoWorksByTheMachinesClockNeverFindsItsRows) {
  Twin twin;
  Fixture& fixture = twin.fixture;
  leave_work(twin);
  for (const std::string_view table : {"messages", "deliveries", "notices"})
    ASSERT_EQ(twin.rows(twin.id(), table), 1) << table;
  fixture.wait(days(365 * 20));  // Over everything's time.
  EXPECT_TRUE(fixture.due_messages().empty());
  EXPECT_TRUE(fixture.due_deliveries().empty());
  EXPECT_EQ(fixture.expire(), 0);
  EXPECT_EQ(fixture.lapse(), 0);
  EXPECT_EQ(fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::lease_due_notices(tx, fixture.context(), {}, moment).jobs.size();
  }),
            0U);
  // And the other way round: whoever works for tests never finds what is live.
  fixture.hold();
  fixture.wait(days(365));
  twin.in([](store::Tx&, Moment&) { return Done{}; });
  EXPECT_EQ(fixture.expire(), 1);
}

TEST(TestMode, ItsWorkIsFoundByItsOwnClock) {
  Twin twin;
  leave_work(twin);
  const auto earliest =
      twin.fixture.in([&](store::Tx& tx, Moment&) { return store::earliest_test_work(tx, twin.id()); });
  ASSERT_TRUE(earliest);
  EXPECT_LE(*earliest, twin.now());  // The webhook.
  const auto leased = twin.in([&](store::Tx& tx, Moment& moment) {
    return store::lease_test_deliveries(tx, twin.id(), moment.now, moment.now + minutes(1), "node-1", 10);
  });
  ASSERT_EQ(leased.size(), 1U);
  EXPECT_EQ(leased.front().due_at, twin.now() + minutes(1));
}

TEST(TestMode, NoChannelOfATestAccountHasARealProvider) {
  Fixture fixture;
  auto& live = fixture.settings().accounts.at(fixture.account());
  live.services.front().routing_rules.push_back({{}, {}, 50, {"another", true, "VA1"}});
  const auto twin = usecase::test_twin_of(live, [&](const usecase::ServiceSettings& service) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return store::ensure_service(tx, test_twin_of(fixture.account()), service.name, moment);
    });
  });
  ASSERT_FALSE(twin.services.empty());
  for (const auto& service : twin.services) {
    EXPECT_TRUE(service.routing_rules.empty());
    EXPECT_EQ(live.service(service.id), nullptr);
    for (const auto& [channel, provider] : service.providers) {
      EXPECT_EQ(provider.name, usecase::kTestProvider);
      EXPECT_FALSE(provider.checks_codes);
      EXPECT_TRUE(provider.upstream.empty());
    }
  }
}

TEST(TestMode, ReceiptsAndLinksSayWhatTheyAre) {
  Twin twin;
  const TransactionId test = twin.hold("ana", Channel::kSms, kFixedNumber);
  ASSERT_EQ(why(twin.start(test, Channel::kSms)), kYes);
  ASSERT_EQ(twin.check(test, "000000"), kYes);
  const auto claim = twin.in([&](store::Tx& tx, Moment& moment) {
    return usecase::claim({tx, twin.fixture.context(), twin.caller, moment}, test, "worker-1");
  });
  ASSERT_TRUE(claim);
  const auto claims = parse_json(claim->receipt_claims)->as_object();
  EXPECT_EQ(json_text(claims, "iss"), "https://verify.example.com/test");
  EXPECT_TRUE(claims.at("test").as_bool());
}

// Outcomes.

struct Fate {
  std::string_view number;
  std::string_view mailbox;
  std::string_view fault;  ///< Of the verification; empty: none.
  bool arrives;            ///< At once.
};
class TestAddressees : public ::testing::TestWithParam<Fate> {};

TEST_P(TestAddressees, DecideWhatBecomesOfAMessage) {
  const Fate fate = GetParam();
  for (const auto& [channel, address] : {std::pair(Channel::kSms, std::string(fate.number)),
                                         std::pair(Channel::kEmail, std::string(fate.mailbox) + "@example.com"),
                                         std::pair(Channel::kEmail, std::string(fate.mailbox) + "+7@example.com")}) {
    Twin twin;
    const TransactionId held = twin.hold("ana", channel, address);
    ASSERT_EQ(why(twin.start(held, channel)), kYes);
    const auto view = twin.show(held);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->verifications.front().send_fault.value_or(""), fate.fault) << address;
    const auto messages = twin.messages_of(held);
    EXPECT_EQ(messages.size(), fate.arrives ? 1U : 0U) << address;
    if (fate.arrives) {
      EXPECT_EQ(messages.front().to, address);
    }
  }
}
INSTANTIATE_TEST_SUITE_P(All, TestAddressees,
                         ::testing::Values(Fate{"+12025550110", "fixed", "", true},
                                           Fate{"+12025550111", "invalid", "invalid_address", false},
                                           Fate{"+12025550112", "unsupported", "unsupported_address", false},
                                           Fate{"+12025550113", "blocked", "blocked", false},
                                           Fate{"+12025550114", "rejected", "rejected", false},
                                           Fate{"+12025550115", "misconfigured", "misconfigured", false},
                                           Fate{"+12025550116", "down", "", false},
                                           Fate{"+12025550117", "outage", "", false},
                                           Fate{"+12025550118", "busy", "", false},
                                           Fate{"+12025550119", "slow", "", false},
                                           Fate{"+12025550120", "undelivered", "unsupported_address", false},
                                           Fate{"+5511987654321", "ana.lima", "", true}),
                         [](const auto& fate) { return std::string(fate.param.number.substr(1)); });

TEST(TestMode, WhatTheFraudRulesRefuseCanBeSeen) {
  for (const auto& [channel, address] :
       {std::pair(Channel::kSms, "+12025550121"), std::pair(Channel::kEmail, "stopped+1@example.com")}) {
    Twin twin;
    const TransactionId held = twin.hold("ana", channel, address);
    EXPECT_EQ(why(twin.start(held, channel)), Code::kNotAvailableNow);
    EXPECT_TRUE(twin.messages_of(held).empty());
  }
  Fixture live;
  live.request().contacts = {{Channel::kSms, "+12025550121"}};
  live.hold();
  EXPECT_EQ(why(live.start()), kYes) << "in test mode alone";
}

TEST(TestMode, TheFixedCodeIsZerosAndNoOtherIs) {
  Twin twin;
  const TransactionId fixed = twin.hold("ana", Channel::kSms, kFixedNumber);
  ASSERT_EQ(why(twin.start(fixed, Channel::kSms)), kYes);
  EXPECT_EQ(twin.check(fixed, "000001"), Code::kWrongCode);
  EXPECT_EQ(twin.check(fixed, "000000"), kYes);
  const TransactionId drawn = twin.hold("bia", Channel::kSms, kPhone);
  ASSERT_EQ(why(twin.start(drawn, Channel::kSms)), kYes);
  EXPECT_EQ(twin.check(drawn, "000000"), Code::kWrongCode);
  EXPECT_EQ(twin.check(drawn, twin.messages_of(drawn).front().code.expose()), kYes);
}

TEST(TestMode, NoLiveCodeIsFixed) {
  Twin twin;
  Fixture& fixture = twin.fixture;
  fixture.request().contacts = {{Channel::kSms, std::string(kFixedNumber)}};
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  EXPECT_NE(fixture.code(), "000000");
}

TEST(TestMode, AnOutageEndsAndTheMessageArrives) {
  Twin twin;
  const TransactionId held = twin.hold("ana", Channel::kSms, "+12025550117");
  ASSERT_EQ(why(twin.start(held, Channel::kSms)), kYes);
  ASSERT_TRUE(twin.advance(seconds(59)));
  EXPECT_TRUE(twin.messages_of(held).empty());
  ASSERT_TRUE(twin.advance(seconds(120)));
  ASSERT_EQ(twin.messages_of(held).size(), 1U);
  EXPECT_EQ(twin.check(held, twin.messages_of(held).front().code.expose()), kYes);
}

TEST(TestMode, ASlowMessageArrivesLater) {
  Twin twin;
  const TransactionId held = twin.hold("ana", Channel::kSms, "+12025550119");
  ASSERT_EQ(why(twin.start(held, Channel::kSms)), kYes);
  ASSERT_TRUE(twin.advance(seconds(29)));
  EXPECT_TRUE(twin.messages_of(held).empty());
  ASSERT_TRUE(twin.advance(seconds(1)));
  EXPECT_EQ(twin.messages_of(held).size(), 1U);
}

TEST(TestMode, AProviderThatStaysAwayCostsTheMessage) {
  Twin twin;
  const TransactionId held = twin.hold("ana", Channel::kSms, "+12025550116");
  ASSERT_EQ(why(twin.start(held, Channel::kSms)), kYes);
  ASSERT_TRUE(twin.advance(minutes(10)));
  EXPECT_EQ(twin.show(held)->verifications.front().send_fault, "expired");
  EXPECT_TRUE(twin.messages_of(held).empty());
}

// The clock.

TEST(TestClock, MovesForwardWithinBounds) {
  Twin twin;
  const WallTime before = twin.now();
  for (const auto by : {seconds(-1), seconds(0), seconds(days(31)) + seconds(1)}) {
    const auto refused = twin.advance(by);
    ASSERT_EQ(why(refused), Code::kInvalidField) << by.count();
    EXPECT_EQ(refused.error().field, "advance_seconds");
  }
  EXPECT_EQ(twin.now(), before);
  EXPECT_EQ(twin.advance(days(31))->ahead, days(31));
  EXPECT_EQ(twin.advance(seconds(1))->now, before + days(31) + seconds(1));
  EXPECT_EQ(twin.now(), before + days(31) + seconds(1));
}

TEST(TestClock, IsNobodysButTheAccounts) {
  Twin twin;
  Fixture& fixture = twin.fixture;
  ASSERT_TRUE(twin.advance(days(1)));
  EXPECT_EQ(fixture.in([&](store::Tx& tx, Moment& machine) {
    return usecase::time_for(tx, fixture.account(), machine.now) - machine.now;
  }),
            Duration::zero());
  // Even where its row says otherwise.
  fixture.in([&](store::Tx& tx, Moment&) {
    store::save_clock_ahead(tx, fixture.account(), days(1));
    return Done{};
  });
  EXPECT_EQ(fixture.in([&](store::Tx& tx, Moment&) { return store::clock_ahead(tx, fixture.account()); }),
            Duration::zero());
}

// Readers of the audit log go by the time in its ids.
TEST(TestClock, PushesNoLiveEventIntoItsFuture) {
  Twin twin;
  ASSERT_TRUE(twin.advance(days(8)));
  twin.hold("ana", Channel::kSms, kFixedNumber);
  const WallTime before = twin.fixture.in([](store::Tx&, Moment& moment) { return moment.now; });
  twin.fixture.hold();
  const auto events = twin.fixture.all_events();
  ASSERT_FALSE(events.empty());
  for (const auto& event : events) EXPECT_LT(event.id.id.time() - before, minutes(1)) << event.type;
}

TEST(TestClock, WalksAHoldToItsEnd) {
  Twin twin;
  const TransactionId held = twin.hold("ana", Channel::kSms, kFixedNumber);
  ASSERT_TRUE(twin.advance(minutes(30) - seconds(1)));
  EXPECT_EQ(twin.show(held)->status, TransactionStatus::kHeld);
  ASSERT_TRUE(twin.advance(seconds(1)));
  // Not only as it would be shown: it is over, announced, and its payload gone.
  EXPECT_EQ(twin.show(held)->row.state.status, TransactionStatus::kExpired);
  EXPECT_EQ(why(twin.start(held, Channel::kSms)), Code::kTransactionExpired);
  EXPECT_EQ(twin.rows(twin.id(), "payloads"), 0);
}

TEST(TestClock, WalksThroughResendWaitsAndTheLifeOfACode) {
  Twin twin;
  const TransactionId held = twin.hold("ana", Channel::kSms, kFixedNumber);
  ASSERT_EQ(why(twin.start(held, Channel::kSms)), kYes);
  EXPECT_EQ(why(twin.start(held, Channel::kSms)), Code::kResendTooSoon);
  ASSERT_TRUE(twin.advance(seconds(30)));
  EXPECT_EQ(why(twin.start(held, Channel::kSms)), kYes);
  ASSERT_TRUE(twin.advance(minutes(10)));
  EXPECT_NE(twin.check(held, "000000"), kYes);
  EXPECT_EQ(why(twin.start(held, Channel::kSms)), kYes);
  EXPECT_EQ(twin.check(held, "000000"), kYes);
}

TEST(TestClock, WalksThroughALock) {
  Twin twin;
  const TransactionId held = twin.hold("ana", Channel::kSms, kFixedNumber);
  ASSERT_EQ(why(twin.start(held, Channel::kSms)), kYes);
  for (int i = 0; i < 5; ++i) ASSERT_NE(twin.check(held, "000001"), kYes);
  ASSERT_EQ(why(twin.start(held, Channel::kSms)), Code::kLocked);
  ASSERT_TRUE(twin.advance(seconds(30)));
  EXPECT_EQ(why(twin.start(held, Channel::kSms)), kYes);
  EXPECT_EQ(twin.check(held, "000000"), kYes);
}

TEST(TestClock, WalksOutOfTheClaimWindow) {
  Twin twin;
  const TransactionId held = twin.hold("ana", Channel::kSms, kFixedNumber);
  ASSERT_EQ(why(twin.start(held, Channel::kSms)), kYes);
  ASSERT_EQ(twin.check(held, "000000"), kYes);
  ASSERT_TRUE(twin.advance(minutes(5) - seconds(1)));
  EXPECT_EQ(twin.show(held)->status, TransactionStatus::kVerified);
  ASSERT_TRUE(twin.advance(seconds(1)));
  EXPECT_EQ(twin.claim(held), Code::kTransactionExpired);
}

TEST(TestClock, WalksThroughTheWaitOfANewSource) {
  Twin twin;
  const TransactionId first = twin.hold("ana", Channel::kSms, kFixedNumber);
  ASSERT_EQ(why(twin.start(first, Channel::kSms)), kYes);
  ASSERT_EQ(twin.check(first, "000000"), kYes);
  ASSERT_TRUE(twin.advance(hours(25)));

  const TransactionId second = twin.hold("ana", Channel::kEmail, "fixed@example.com");
  EXPECT_EQ(why(twin.start(second, Channel::kEmail)), Code::kSourceDoesNotCount);
  // The telephone was told, at once: that begins the wait.
  const auto told = twin.messages({.to = std::string(kFixedNumber)});
  ASSERT_FALSE(told.empty());
  EXPECT_TRUE(told.front().code.expose().empty());
  ASSERT_TRUE(twin.advance(hours(72) - seconds(1)));
  const TransactionId third = twin.hold("ana", Channel::kEmail, "fixed@example.com");
  EXPECT_EQ(why(twin.start(third, Channel::kEmail)), Code::kSourceDoesNotCount);
  ASSERT_TRUE(twin.advance(seconds(1)));
  const TransactionId fourth = twin.hold("ana", Channel::kEmail, "fixed@example.com");
  EXPECT_EQ(why(twin.start(fourth, Channel::kEmail)), kYes);
  EXPECT_EQ(twin.check(fourth, "000000"), kYes);
}

TEST(TestData, CountsByItsSize) {
  Twin twin;
  const auto count = [&](std::size_t bytes) {
    return twin.fixture.in(
        [&](store::Tx& tx, Moment& machine) { return usecase::count_test_write(tx, twin.id(), bytes, machine.now); });
  };
  // A day's requests of 250 kB are a sixteenth of a day's small ones.
  int taken = 0;
  while (!count(250'000)) ++taken;
  EXPECT_EQ(taken, usecase::kTestWritesOfAccount.max / 16);
}

TEST(TestData, OfAClaimThatNobodyAcknowledgesGoesToo) {
  Twin twin;
  Fixture& fixture = twin.fixture;
  const TransactionId test = twin.hold("ana", Channel::kSms, kFixedNumber);
  ASSERT_EQ(why(twin.start(test, Channel::kSms)), kYes);
  ASSERT_EQ(twin.check(test, "000000"), kYes);
  ASSERT_EQ(twin.claim(test), kYes);
  const auto give_up = [&] {
    return twin.in([&](store::Tx& tx, Moment& moment) {
      return usecase::give_up_overdue(tx, fixture.context(), twin.id(), 9, moment);
    });
  };
  fixture.settings().transactions.acknowledge_within = Duration::zero();
  ASSERT_TRUE(twin.advance(days(6)));
  EXPECT_EQ(give_up(), 0);
  EXPECT_EQ(twin.rows(twin.id(), "payloads"), 1);
  ASSERT_TRUE(twin.advance(days(2)));
  EXPECT_EQ(give_up(), 1);
  EXPECT_EQ(twin.rows(twin.id(), "payloads"), 0);
}

TEST(TestClock, MakesNoMoreRoomForWrites) {
  Twin twin;
  Fixture& fixture = twin.fixture;
  const auto count = [&] {
    return fixture.in(
        [&](store::Tx& tx, Moment& machine) { return usecase::count_test_write(tx, twin.id(), 10, machine.now); });
  };
  ASSERT_FALSE(count());
  fixture.in([&](store::Tx& tx, Moment& machine) {
    for (int i = 1; i < usecase::kTestWritesOfAccount.max; ++i)
      CS_CHECK(!usecase::count_test_write(tx, twin.id(), 10, machine.now));
    return Done{};
  });
  ASSERT_TRUE(count());
  ASSERT_TRUE(twin.advance(days(31)));
  // What the sweeper deletes by the account's clock is not this.
  fixture.in([&](store::Tx& tx, Moment& machine) {
    return store::purge_counters(tx, twin.id(), {}, "", usecase::time_for(tx, twin.id(), machine.now), 1000);
  });
  const auto refused = count();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, Code::kRateLimited);
  fixture.wait(hours(24));
  EXPECT_FALSE(count());
}

TEST(TestData, GoesWithItsPeopleAndLeavesLiveOnesAlone) {
  Twin twin;
  Fixture& fixture = twin.fixture;
  fixture.hold();
  const TransactionId held = twin.hold("ana", Channel::kSms, kFixedNumber);
  ASSERT_EQ(why(twin.start(held, Channel::kSms)), kYes);
  ASSERT_TRUE(twin.advance(hours(1)));
  ASSERT_TRUE(twin.advance(days(8)));
  const auto sweep = [&] {
    return fixture.in([&](store::Tx& tx, Moment& machine) {
      const WallTime now = usecase::time_for(tx, twin.id(), machine.now);
      store::Retention kept;
      kept.transactions = kept.messages = kept.events = days(7);
      return store::purge(tx, twin.id(), kept, now, 100) + store::purge_test_people(tx, twin.id(), now - days(7), 100);
    });
  };
  while (sweep() > 0) {
  }
  EXPECT_TRUE(twin.messages().empty());
  for (const std::string_view table : {"transactions", "subjects", "contacts", "addresses", "standings", "payloads"}) {
    EXPECT_EQ(twin.rows(fixture.account(), table), 1) << table;
    EXPECT_EQ(twin.rows(twin.id(), table), 0) << table;
  }
  for (const std::string_view table : {"messages", "test_messages", "line_guards"})
    EXPECT_EQ(twin.rows(twin.id(), table), 0) << table;
}

}  // namespace
}  // namespace countersign::testing
