// Long because all cases share the fixture that makes batches and watches them.

// Use cases that run beside each other in one batch on PostgreSQL end as some order of them, one after the other,
// would.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "support/beside.h"
#include "tests/unit/usecase/script.h"
#include "usecase/idempotency.h"

namespace countersign::testing {
namespace {

using usecase::Work;

class SideBySide : public ::testing::Test {
 protected:
  SideBySide() : fixture_(database_.open()) {
    database_.share_all_of(fixture_);
    unlimited(fixture_);
  }

  using Body = UnitBody;

  std::uint64_t batch(const std::vector<Body>& bodies) { return run_in_one_batch(fixture_, bodies); }

  usecase::HoldRequest request_of(int person, const std::vector<int>& phones) {
    return testing::request_of(fixture_, person, phones);
  }

  struct Held {
    TransactionId id;
    std::string code = {};
  };
  /// Held, each for another person with a phone of her own, and a code sent.
  std::vector<Held> held_and_sent(int count) {
    std::vector<Held> all(static_cast<std::size_t>(count));
    std::vector<Body> holds;
    std::vector<Body> starts;
    for (int i = 0; i < count; ++i) {
      auto& one = all[static_cast<std::size_t>(i)];
      holds.emplace_back([&, request = request_of(i, {i})](const Work& work) {
        const auto held = usecase::hold(work, request);
        ASSERT_EQ(why(held), kYes);
        one.id = held->id;
      });
      starts.emplace_back([&](const Work& work) { one.code = start(work, one.id).value_or(""); });
    }
    batch(holds);
    batch(starts);
    return all;
  }

  /// The code that was sent.
  static std::optional<std::string> start(const Work& work, const TransactionId& id) {
    const auto started = usecase::start_verification(work, {id, Channel::kSms, {}});
    if (!started) return std::nullopt;
    return std::get<delivery::OutgoingMessage>(started->queued.content).code.expose();
  }
  static std::optional<Code> check(const Work& work, const TransactionId& id, const std::string& code) {
    return why(usecase::check(work, {id, SecretString(code), {}, {}}));
  }

  int events(std::string_view type) { return count_events_of(fixture_, type); }
  std::string sql(const std::string& statement) const { return database_.sql(statement); }

  WatchedDatabase database_;
  Fixture fixture_;
};

// docs/performance.md names these numbers: as many for 40 as for one, and the commit's.
TEST_F(SideBySide, CostsABatchTheRoundTripsOfItsLongestUnit) {
  constexpr int kUnits = 40;
  fixture_.limits().sends_per_account = fixture_.limits().sends_per_country = {1'000'000, hours(1)};
  fixture_.limits().sends_per_address = fixture_.limits().checks_per_account = {1'000'000, hours(1)};
  std::vector<Held> all(kUnits);
  std::vector<std::string> tokens(kUnits);
  std::vector<Body> holds;
  std::vector<Body> starts;
  std::vector<Body> checks;
  std::vector<Body> claims;
  std::vector<Body> acks;
  for (int i = 0; i < kUnits; ++i) {
    auto& one = all[static_cast<std::size_t>(i)];
    auto& token = tokens[static_cast<std::size_t>(i)];
    holds.emplace_back(
        [&, request = request_of(i, {i})](const Work& work) { one.id = usecase::hold(work, request)->id; });
    starts.emplace_back([&](const Work& work) { one.code = start(work, one.id).value_or(""); });
    checks.emplace_back([&](const Work& work) { EXPECT_EQ(check(work, one.id, one.code), kYes); });
    claims.emplace_back([&](const Work& work) { token = usecase::claim(work, one.id, "worker")->fencing_token; });
    acks.emplace_back([&](const Work& work) { EXPECT_EQ(why(usecase::acknowledge(work, one.id, token)), kYes); });
  }
  EXPECT_LE(batch(holds), 3U);
  EXPECT_LE(batch(starts), 3U);
  EXPECT_LE(batch(checks), 4U);
  EXPECT_LE(batch(claims), 3U);
  EXPECT_LE(batch(acks), 3U);
  EXPECT_EQ(sql("SELECT count(*) FROM transactions WHERE status = 'released'"), "40");
  EXPECT_EQ(fixture_.store().stats().repeated_batches, 0U);
}

// Its counters are read together: for the network, the account and the country.
TEST_F(SideBySide, CostsALoneStartThreeRoundTrips) {
  fixture_.limits().sends_per_account = fixture_.limits().sends_per_country = {1'000'000, hours(1)};
  fixture_.limits().sends_per_address = fixture_.limits().sends_per_ip = {1'000'000, hours(1)};
  fixture_.caller().end_user = IpAddress::parse("192.0.2.7");
  for (int round = 0; round < 2; ++round) {
    Held one;
    batch({[&](const Work& work) { one.id = usecase::hold(work, request_of(round, {round}))->id; }});
    EXPECT_EQ(batch({[&](const Work& work) { one.code = start(work, one.id).value_or(""); }}), 3U) << round;
    EXPECT_NE(one.code, "");
  }
  EXPECT_EQ(sql("SELECT string_agg(count::text, ' ') FROM counters WHERE counter_key LIKE 'send%'"), "2 2 2");
}

TEST_F(SideBySide, CountsEveryAttempt) {
  fixture_.limits().attempts_max = 5;
  const auto held = held_and_sent(1).front();
  std::map<std::optional<Code>, int> answers;
  std::vector<Body> checks(30, [&](const Work& work) { ++answers[check(work, held.id, wrong_for(held.code))]; });
  batch(checks);
  EXPECT_EQ(answers[Code::kWrongCode] + answers[Code::kAttemptsExhausted], 30);
  EXPECT_EQ(events("check.failed"), 5);
  fixture_.use(held.id);
  EXPECT_EQ(fixture_.verification().state.attempts, 5);
  batch({[&](const Work& work) { EXPECT_EQ(check(work, held.id, held.code), Code::kAttemptsExhausted); }});
}

// The units of a commit count together in memory, and the first of them in the row.
TEST_F(SideBySide, CountsEveryMessageAndNoMoreThanTheLimit) {
  fixture_.limits().sends_per_account = {10, hours(1)};
  fixture_.limits().sends_per_country = {1000, hours(1)};
  std::vector<Held> held(30);
  std::vector<Body> holds;
  std::vector<Body> starts;
  int sent = 0;
  for (int i = 0; i < 30; ++i) {
    auto& one = held[static_cast<std::size_t>(i)];
    holds.emplace_back(
        [&, request = request_of(i, {i})](const Work& work) { one.id = usecase::hold(work, request)->id; });
    starts.emplace_back([&](const Work& work) { sent += start(work, one.id) ? 1 : 0; });
  }
  batch(holds);
  batch({starts.begin(), starts.begin() + 6});
  EXPECT_EQ(sent, 6);
  EXPECT_LE(batch({starts.begin() + 6, starts.end()}), 9U);  // However many are refused.
  EXPECT_EQ(sent, 10);
  EXPECT_EQ(sql("SELECT count FROM counters WHERE counter_key = 'send account'"), "10");
  EXPECT_EQ(sql("SELECT count FROM counters WHERE counter_key LIKE 'send country%'"), "10");
}

// A hold reads the history with the subject, before it knows that another unit is changing it.
TEST_F(SideBySide, KeepsTheFirstProofBesideAHoldWithAnotherContact) {
  Held one;
  batch({[&](const Work& work) { one.id = usecase::hold(work, request_of(0, {0}))->id; }});
  batch({[&](const Work& work) { one.code = start(work, one.id).value(); }});
  batch({[&](const Work& work) { EXPECT_EQ(check(work, one.id, one.code), kYes); },
         [&](const Work& work) { EXPECT_EQ(why(usecase::hold(work, request_of(0, {1}))), kYes); }});
  EXPECT_EQ(sql("SELECT count(*) FROM standings WHERE content LIKE '1 first_proof=%'"), "1");
  EXPECT_EQ(sql("SELECT count(*) FROM contacts"), "2");
  EXPECT_EQ(sql("SELECT length(content) - length(replace(content, 'source=', 'source')) FROM standings"), "2");
}

// People with one number: each has read what was sent there before it knew that others are sending too.
TEST_F(SideBySide, SendsNoMoreToANumberOfManyPeopleThanItsLimit) {
  fixture_.limits().sends_per_address = {5, hours(1)};
  std::vector<Held> held(12);
  std::vector<Body> holds;
  std::vector<Body> starts;
  int sent = 0;
  for (int i = 0; i < 12; ++i) {
    auto& one = held[static_cast<std::size_t>(i)];
    holds.emplace_back(
        [&, request = request_of(i, {0})](const Work& work) { one.id = usecase::hold(work, request)->id; });
    starts.emplace_back([&](const Work& work) { sent += start(work, one.id) ? 1 : 0; });
  }
  batch(holds);
  batch(starts);
  EXPECT_EQ(sent, 5);
  EXPECT_EQ(sql("SELECT sends_count FROM addresses"), "5");
  EXPECT_EQ(sql("SELECT count(*) FROM messages"), "5");
}

// Units of one batch may begin before and after the end of a window: who is refused takes back what is in its own.
TEST_F(SideBySide, TakesNothingBackFromANewWindow) {
  fixture_.limits().sends_per_account = {100, minutes(1)};
  fixture_.limits().sends_per_address = {1, hours(1000)};
  std::vector<Held> held(9);
  std::vector<Body> holds, starts;
  int sent = 0;
  for (int i = 0; i < 9; ++i) {
    auto& one = held[static_cast<std::size_t>(i)];
    holds.emplace_back(
        [&, request = request_of(i, {i % 5})](const Work& work) { one.id = usecase::hold(work, request)->id; });
    starts.emplace_back([&, later = i == 4 ? minutes(1) : minutes(0)](const Work& work) {
      work.moment.now += later;
      sent += start(work, one.id) ? 1 : 0;
    });
  }
  batch(holds);
  batch({starts.begin() + 5, starts.end()});  // They use up all addresses but that of the fifth.
  fixture_.wait(minutes(2));
  batch({starts.begin(), starts.begin() + 5});
  EXPECT_EQ(sent, 5);
  EXPECT_EQ(sql("SELECT count FROM counters WHERE counter_key = 'send account'"), "1");
}

// While some still wait for their count in the row, others already count in memory.
TEST_F(SideBySide, CountsThoseThatComeLater) {
  fixture_.limits().sends_per_account = {1000, hours(1)};
  std::vector<Held> held(30);
  std::vector<Body> holds;
  std::vector<Body> starts;
  for (int i = 0; i < 30; ++i) {
    auto& one = held[static_cast<std::size_t>(i)];
    holds.emplace_back(
        [&, request = request_of(i, {i})](const Work& work) { one.id = usecase::hold(work, request)->id; });
    // One of two looks for an earlier answer first, and so is a round trip behind.
    std::optional<usecase::IdempotencyKey> key;
    if (i % 2 == 1) key = {fmt::format("key-{}", i), "start", "{}", true};
    starts.emplace_back([&, key](const Work& work) {
      const auto recorded = usecase::idempotent(work, key, [&]() -> Answer<usecase::Recorded> {
        return usecase::Recorded{201, start(work, one.id) ? "sent" : "not sent"};
      });
      EXPECT_EQ(recorded->body, "sent");
    });
  }
  batch(holds);
  batch(starts);
  EXPECT_EQ(sql("SELECT count FROM counters WHERE counter_key = 'send account'"), "30");
}

// Who has subscribed is read once for all of a commit.
TEST_F(SideBySide, TellsEndpointsOfEveryTransaction) {
  const auto endpoint = fixture_.add_endpoint();
  ASSERT_EQ(why(endpoint), kYes);
  database_.share(endpoint->endpoint.id.bytes());
  const auto held = held_and_sent(30);
  std::vector<Body> checks;
  for (const auto& one : held)
    checks.emplace_back([&](const Work& work) { EXPECT_EQ(check(work, one.id, one.code), kYes); });
  batch(checks);
  EXPECT_EQ(sql("SELECT count(*) FROM deliveries WHERE event_type = 'transaction.verified'"), "30");
}

// One line of two subjects, both strangers to it: their wrong guesses add up.
TEST_F(SideBySide, CountsTheGuessesOfStrangersOfAllSubjectsOfALine) {
  std::vector<Held> held(2);
  std::vector<Body> holds;
  std::vector<Body> starts;
  for (int i = 0; i < 2; ++i) {
    auto& one = held[static_cast<std::size_t>(i)];
    holds.emplace_back(
        [&, request = request_of(i, {7})](const Work& work) { one.id = usecase::hold(work, request)->id; });
    starts.emplace_back([&](const Work& work) { one.code = start(work, one.id).value_or(""); });
  }
  batch(holds);
  EXPECT_EQ(sql("SELECT count(*) FROM addresses"), "1");
  batch(starts);
  std::vector<Body> checks;
  for (int i = 0; i < 20; ++i) {
    const auto& one = held[static_cast<std::size_t>(i % 2)];
    checks.emplace_back(
        [&](const Work& work) { EXPECT_EQ(check(work, one.id, wrong_for(one.code)), Code::kWrongCode); });
  }
  batch(checks);
  EXPECT_EQ(sql("SELECT sum(in_row) FROM line_guards"), "20");
}

TEST_F(SideBySide, JudgesNoMoreGuessesOfOneNetworkThanItsLimit) {
  fixture_.limits().checks_per_ip = {10, hours(1)};
  fixture_.caller().end_user = IpAddress::parse("192.0.2.7");
  const auto held = held_and_sent(30);
  std::map<std::optional<Code>, int> answers;
  std::vector<Body> checks;
  for (const auto& one : held)
    checks.emplace_back([&](const Work& work) { ++answers[check(work, one.id, wrong_for(one.code))]; });
  batch(checks);
  EXPECT_EQ(answers[Code::kWrongCode], 10);
  EXPECT_EQ(answers[Code::kRateLimited], 20);
}

TEST_F(SideBySide, ReleasesToOneClaimer) {
  const auto held = held_and_sent(3);
  std::vector<Body> bodies;
  for (const auto& one : held)
    bodies.emplace_back([&](const Work& work) { EXPECT_EQ(check(work, one.id, one.code), kYes); });
  batch(bodies);
  std::map<Id, std::set<int>> winners;
  bodies.clear();
  for (int claimer = 0; claimer < 10; ++claimer) {
    for (const auto& one : held) {
      bodies.emplace_back([&, claimer](const Work& work) {
        if (usecase::claim(work, one.id, fmt::format("worker-{}", claimer))) winners[one.id.id].insert(claimer);
      });
    }
  }
  batch(bodies);
  for (const auto& one : held) EXPECT_EQ(winners[one.id.id].size(), 1U);
  EXPECT_EQ(events("transaction.claimed"), 3);
}

TEST_F(SideBySide, MakesOneSubjectOfOneIdentityAndOneAddressOfOneNumber) {
  std::vector<Body> holds;
  for (int i = 0; i < 24; ++i) {
    holds.emplace_back([request = request_of(i % 3, {i % 4, (i + 1) % 4})](const Work& work) {
      EXPECT_EQ(why(usecase::hold(work, request)), kYes);
    });
  }
  batch(holds);
  EXPECT_EQ(sql("SELECT count(*) FROM subjects"), "3");
  EXPECT_EQ(sql("SELECT count(*) FROM addresses"), "4");
  EXPECT_EQ(sql("SELECT count(*) FROM (SELECT DISTINCT subject_id, address_id, channel FROM contacts) c"),
            sql("SELECT count(*) FROM contacts"));
  EXPECT_EQ(sql("SELECT count(*) FROM transactions"), "24");
}

TEST_F(SideBySide, AnswersOnceUnderOneIdempotencyKey) {
  std::set<std::string> answers;
  std::vector<Body> bodies(8, [&, request = request_of(1, {1})](const Work& work) {
    const auto recorded = usecase::idempotent(
        work, usecase::IdempotencyKey{"same", "hold", "{}", true},
        [&]() -> Answer<usecase::Recorded> { return usecase::Recorded{201, usecase::hold(work, request)->id.text()}; });
    ASSERT_EQ(why(recorded), kYes);
    answers.insert(recorded->body);
  });
  batch(bodies);
  EXPECT_EQ(answers.size(), 1U);
  EXPECT_EQ(sql("SELECT count(*) FROM transactions"), "1");
}

// Whose use case runs alone looks for an earlier answer alone, too.
TEST_F(SideBySide, WaitForNobodyWhoWaitsForThem) {
  const auto held = held_and_sent(4);
  std::vector<Body> cancels;
  for (const auto& one : held) {
    cancels.emplace_back([&](const Work& work) {
      const auto make = [&]() -> Answer<usecase::Recorded> {
        return usecase::cancel(work, one.id).transform([](const auto&) { return usecase::Recorded{}; });
      };
      EXPECT_EQ(why(usecase::idempotent(work, usecase::IdempotencyKey{one.id.text(), "cancel", "{}"}, make)), kYes);
    });
  }
  batch(cancels);
  EXPECT_EQ(fixture_.store().stats().repeated_batches, 0U);
}

// What is not covered by keys runs alone; one that is undone does not undo others.
TEST_F(SideBySide, RunsBesideNothingThatEndsATransaction) {
  const auto held = held_and_sent(10);
  std::vector<Body> bodies;
  int approved = 0;
  for (const auto& one : held) {
    bodies.emplace_back([&](const Work& work) { static_cast<void>(usecase::cancel(work, one.id)); });
    bodies.emplace_back([&](const Work& work) {
      if (!check(work, one.id, one.code)) ++approved;
    });
  }
  // Sends at once on a channel that its policy does not have: undone after it was written.
  auto refused = request_of(77, {77});
  refused.send = Channel::kEmail;
  bodies.emplace_back([&](const Work& work) { EXPECT_EQ(why(usecase::hold(work, refused)), Code::kNoContact); });
  batch(bodies);
  EXPECT_EQ(sql("SELECT count(*) FROM subjects"), "10");
  EXPECT_EQ(sql("SELECT count(*) FROM transactions WHERE status = 'canceled'"), "10");
}

// A few people who share numbers, and everything at once.
TEST_F(SideBySide, EndsAsSomeOrderWould) {
  fixture_.limits().attempts_max = 4;
  fixture_.limits().sends_per_account = {60, hours(1000)};
  fixture_.limits().sends_per_address = {1'000'000, hours(1)};
  fixture_.caller().end_user = IpAddress::parse("192.0.2.7");
  std::mt19937 dice(20'261'122);
  const auto any = [&](int below) { return static_cast<int>(dice() % static_cast<unsigned>(below)); };
  std::map<Id, KnownOfOne> known;  // Grows with each batch.
  int sent = 0;
  int approved = 0;
  for (int round = 0; round < 25; ++round) {
    std::vector<Body> bodies;
    std::vector<KnownOfOne> made(40);
    std::vector<KnownOfOne*> of;
    for (auto& [id, one] : known) of.push_back(&one);
    for (int i = 0; i < 40; ++i) {
      KnownOfOne* const one = of.empty() ? nullptr : of[static_cast<std::size_t>(any(static_cast<int>(of.size())))];
      const int what = one == nullptr ? 0 : any(10);
      if (what == 0) {
        bodies.emplace_back([&, i, request = request_of(any(4), {any(3), any(3)})](const Work& work) {
          made[static_cast<std::size_t>(i)].id = usecase::hold(work, request)->id;
        });
      } else if (what <= 3) {
        bodies.emplace_back([&, one](const Work& work) {
          if (auto code = start(work, one->id)) {
            one->code = *code;
            ++sent;
          }
        });
      } else if (what <= 6) {
        const bool right = any(3) == 0;
        bodies.emplace_back([&, one, right](const Work& work) {
          if (one->code.empty()) return;
          if (check(work, one->id, right ? one->code : wrong_for(one->code)) == kYes) ++approved;
        });
      } else if (what <= 8) {
        bodies.emplace_back([one, name = fmt::format("worker-{}", any(5))](const Work& work) {
          if (auto claimed = usecase::claim(work, one->id, name)) {
            one->claimers.insert(name);
            one->token = claimed->fencing_token;
          }
        });
      } else {
        bodies.emplace_back(
            [one](const Work& work) { static_cast<void>(usecase::acknowledge(work, one->id, one->token)); });
      }
    }
    batch(bodies);
    for (auto& one : made) {
      if (one.id.id != Id{}) known[one.id.id] = one;
    }
    fixture_.wait(minutes(1));
  }
  ASSERT_EQ(fixture_.store().stats().repeated_batches, 0U);  // Else what was counted above would count twice.
  std::vector<KnownOfOne> all;
  for (const auto& [id, one] : known) all.push_back(one);
  expect_some_order(fixture_, database_, all, sent, approved);
}

}  // namespace
}  // namespace countersign::testing
