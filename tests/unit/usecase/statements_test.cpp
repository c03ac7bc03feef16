#include <gtest/gtest.h>

#include "tests/unit/usecase/counting.h"
#include "tests/unit/usecase/script.h"
#include "tests/unit/usecase/spending/money.h"
#include "usecase/outbox/webhooks.h"
#include "usecase/outbox/work_deliveries.h"
#include "usecase/outbox/work_messages.h"
#include "usecase/risk/rule_book.h"
#include "usecase/risk/trust_book.h"
#include "usecase/verify_api/hooks.h"

// What a database across a network is asked, by the operations that a server does all day: each statement is work for
// the writer thread that all requests share, and each that must be waited for is a round trip. docs/performance.md
// names these numbers.
namespace countersign::testing {
namespace {

struct Day {
  Asked hold;
  Asked start;
  Asked check;
  Asked claim;
  Asked ack;
};

/// From the hold to the word of the winner, by the caller and for the request of the fixture.
Day day_of(Fixture& fixture) {
  Day day;
  const auto& context = fixture.context();
  const auto& caller = fixture.caller();
  const auto held = counted(fixture, day.hold, [&](store::Tx& tx, Moment& moment) {
    return usecase::hold({tx, context, caller, moment}, fixture.request());
  });
  const auto started = counted(fixture, day.start, [&](store::Tx& tx, Moment& moment) {
    return usecase::start_verification({tx, context, caller, moment}, {held->id, Channel::kSms, {}});
  });
  const auto& message = std::get<delivery::OutgoingMessage>(started->queued.content);
  static_cast<void>(counted(fixture, day.check, [&](store::Tx& tx, Moment& moment) {
    return usecase::check({tx, context, caller, moment}, {held->id, message.code, {}, {}});
  }));
  const auto claimed = counted(fixture, day.claim, [&](store::Tx& tx, Moment& moment) {
    return usecase::claim({tx, context, caller, moment}, held->id, "worker-1");
  });
  static_cast<void>(counted(fixture, day.ack, [&](store::Tx& tx, Moment& moment) {
    return usecase::acknowledge({tx, context, caller, moment}, held->id, claimed->fencing_token);
  }));
  return day;
}

TEST(Statements, OfSomebodyNewAndOfSomebodyKnown) {
  Fixture fixture;
  fixture.caller().end_user = IpAddress::parse("192.0.2.7");
  const Day first = day_of(fixture);
  expect_asked("hold", first.hold, 9, 2, 7);
  expect_asked("start", first.start, 9, 4, 8);
  expect_asked("check", first.check, 7, 3, 4);
  expect_asked("claim", first.claim, 3, 1, 2);
  expect_asked("acknowledge", first.ack, 5, 2, 3);

  // Nothing is bound, and nothing is proved for the first time.
  fixture.wait(hours(1));
  const Day second = day_of(fixture);
  expect_asked("hold", second.hold, 5, 2, 3);
  expect_asked("start", second.start, 9, 4, 8);
  expect_asked("check", second.check, 4, 2, 2);
  expect_asked("claim", second.claim, 3, 1, 2);
  expect_asked("acknowledge", second.ack, 5, 2, 3);
}

// What rules about trust ask is read with the subject, and what they learn is written beside.
TEST(Statements, TheRulesAboutTrustAskNothingMore) {
  Fixture fixture;
  usecase::RuleBook rules(fixture.settings());
  usecase::TrustBook people;
  fixture.judge_by(rules);
  fixture.remember(people);
  fixture.caller().end_user = IpAddress::parse("192.0.2.7");
  fixture.request().risk = {"a device", "a payout"};
  const Day first = day_of(fixture);
  expect_asked("hold", first.hold, 9, 2, 7);
  expect_asked("check", first.check, 7, 3, 4);
  expect_asked("claim", first.claim, 3, 1, 2);
  fixture.wait(hours(1));
  const Day second = day_of(fixture);
  expect_asked("hold", second.hold, 5, 2, 3);
  expect_asked("check", second.check, 4, 2, 2);
  expect_asked("claim", second.claim, 3, 1, 2);
}

// 64 people at once, as a busy server has them: what a commit shares is asked and written once.
TEST(Statements, OfManyInOneCommit) {
  constexpr int kMany = 64;
  Fixture fixture;
  const auto& context = fixture.context();
  std::vector<usecase::Caller> callers;
  std::vector<TransactionId> held;
  for (int i = 0; i < kMany; ++i) {
    usecase::Caller caller = fixture.caller();
    caller.end_user = IpAddress::parse("192.0.2." + std::to_string(i));
    callers.push_back(caller);
    usecase::HoldRequest request = fixture.request();
    request.identity = "organizer-" + std::to_string(i);
    request.contacts = {{Channel::kSms, "+5511987654" + std::to_string(100 + i)}};
    held.push_back(fixture
                       .in([&](store::Tx& tx, Moment& moment) {
                         return usecase::hold({tx, context, callers.back(), moment}, request);
                       })
                       .value()
                       .id);
  }
  std::vector<std::string> codes(kMany);
  const auto each = [&](auto use_case) {
    Asked asked;
    fixture.in([&](store::Tx& tx, Moment& moment) {
      asked = {};
      SharedCommit commit(tx, asked);
      for (std::size_t i = 0; i < callers.size(); ++i) {
        CountingTx counting = commit.next();
        use_case(usecase::Work{counting, context, callers[i], moment}, i);
      }
      commit.end();
      return Done{};
    });
    return asked;
  };
  const Asked starts = each([&](const usecase::Work& work, std::size_t i) {
    const auto started = usecase::start_verification(work, {held[i], Channel::kSms, {}});
    ASSERT_EQ(why(started), kYes);
    codes[i] = std::get<delivery::OutgoingMessage>(started->queued.content).code.expose();
  });
  // Each counts for its network address; the first for account and country, which the second reads, and which are
  // written at the end, with the events.
  expect_asked("start", starts, 6 * kMany + 4 + 3, 2 * kMany + 4, 5 * kMany + 2 + 3);
  const Asked checks = each([&](const usecase::Work& work, std::size_t i) {
    ASSERT_EQ(why(usecase::check(work, {held[i], SecretString(codes[i]), {}, {}})), kYes);
  });
  // The account's endpoints are read once.
  expect_asked("check", checks, 5 * kMany + 2, 2 * kMany + 1, 3 * kMany + 1);
}

// What budgets take: one statement that reads what was spent, and one that writes it, whatever the commit has.
TEST(Statements, OfBudgetsInMoney) {
  constexpr int kStarts = 20;
  Fixture fixture;
  unlimited(fixture);
  const auto asked_of = [&](bool counted) {
    if (counted) price_messages(fixture);
    std::vector<TransactionId> held;
    for (int i = 0; i < kStarts; ++i) {
      fixture.request().identity = "organizer-" + std::to_string(i);
      fixture.request().contacts = {{Channel::kSms, "+5511987654" + std::to_string(100 + i)}};
      held.push_back(fixture.hold());
    }
    Asked asked;
    fixture.in([&](store::Tx& tx, Moment& moment) {
      asked = {};
      SharedCommit commit(tx, asked);
      for (const auto& id : held) {
        CountingTx counting = commit.next();
        EXPECT_EQ(why(usecase::start_verification({counting, fixture.context(), fixture.caller(), moment},
                                                  {id, Channel::kSms, {}})),
                  kYes);
      }
      commit.end();
      return Done{};
    });
    return asked;
  };
  const Asked without = asked_of(false);
  const Asked with = asked_of(true);
  EXPECT_EQ(with.statements, without.statements + 2);
  EXPECT_EQ(with.waits, without.waits + 1);
  EXPECT_EQ(spent(fixture), kStarts * 50'000);
}

// A hold that sends is one round less than a hold and a start, and asks the database less than both.
TEST(Statements, OfAHoldThatSends) {
  Fixture fixture;
  fixture.caller().end_user = IpAddress::parse("192.0.2.7");
  fixture.request().send = Channel::kSms;
  const auto held = [&] {
    Asked asked;
    static_cast<void>(counted(fixture, asked, [&](store::Tx& tx, Moment& moment) {
      return usecase::hold({tx, fixture.context(), fixture.caller(), moment}, fixture.request());
    }));
    return asked;
  };
  expect_asked("of somebody new", held(), 16, 7, 13);
  fixture.wait(hours(1));
  expect_asked("of somebody known", held(), 12, 7, 9);
}

// However many messages and webhooks have ended together, the statements for them are the same few.
TEST(Statements, OfWhatHasEndedTogether) {
  Fixture fixture;
  constexpr int kMany = 40;
  std::vector<usecase::SentMessage> sent;
  for (int i = 0; i < kMany; ++i) {
    fixture.request().identity = "person-" + std::to_string(i);
    fixture.request().contacts = {{Channel::kSms, "+551198765" + std::to_string(1000 + i)}};
    fixture.hold();
    ASSERT_EQ(why(fixture.start()), kYes);
    sent.push_back({fixture.sent().back(), delivery::Accepted{"SM" + std::to_string(i)}});
  }
  const auto asked_of = [&](auto unit) {
    Asked asked;
    fixture.in([&](store::Tx& tx, Moment& moment) {
      asked = {};  // It may run twice.
      SharedCommit commit(tx, asked);
      CountingTx counting = commit.next();
      unit(counting, moment);
      commit.end();
      return Done{};
    });
    return asked;
  };
  expect_asked("messages that were sent", asked_of([&](store::Tx& tx, Moment& moment) {
                 usecase::finish_messages(tx, fixture.context(), sent, moment);
               }),
               1, 0, kMany);
  for (int i = 0; i < kMany; ++i) {
    const auto state = fixture.message(sent.at(static_cast<std::size_t>(i)).message.id);
    EXPECT_EQ(state->status, "sent");
  }

  ASSERT_EQ(why(fixture.add_endpoint("https://app.example.com/hook")), kYes);
  fixture.in([&](store::Tx& tx, Moment& moment) {
    const auto endpoint = store::endpoints_of(tx, fixture.account()).front().id;
    for (int i = 0; i < kMany; ++i)
      usecase::queue_webhook(tx, fixture.account(), {endpoint, "transaction.verified", "{}", {}}, moment);
    return Done{};
  });
  std::vector<usecase::WebhookJob> jobs;
  const Asked leased = asked_of([&](store::Tx& tx, Moment& moment) {
    jobs = usecase::lease_due_deliveries(tx, fixture.context(), 100, moment, usecase::verify_api::hook_attempt).jobs;
  });
  ASSERT_EQ(jobs.size(), kMany);
  expect_asked("webhooks that are due", leased, 3, 2, kMany);
  std::vector<usecase::AttemptedDelivery> attempted;
  for (const auto& job : jobs)
    attempted.push_back(
        {job.row, {delivery::WebhookVerdict::kDelivered, 204, {}, "HTTP status 204", std::chrono::milliseconds(7)}});
  expect_asked("webhooks that were delivered", asked_of([&](store::Tx& tx, Moment& moment) {
                 usecase::finish_deliveries(tx, fixture.context(), attempted, moment);
               }),
               2, 0, 2 * kMany);
  fixture.in([&](store::Tx& tx, Moment&) {
    for (const auto& job : jobs) {
      const auto row = store::find_delivery(tx, job.row.account, job.row.id);
      EXPECT_EQ(row->status, "delivered");
      EXPECT_EQ(row->attempts, 1);
      EXPECT_EQ(row->last_status, 204);
      const auto log = store::attempts_of(tx, job.row.account, job.row.id);
      EXPECT_EQ(log.size(), 1U);
      EXPECT_EQ(log.at(0).number, 1);
      EXPECT_EQ(log.at(0).http_status, 204);
      EXPECT_EQ(log.at(0).duration, std::chrono::milliseconds(7));
    }
    return Done{};
  });
  // By another node meanwhile: nothing is counted or logged again.
  asked_of(
      [&](store::Tx& tx, Moment& moment) { usecase::finish_deliveries(tx, fixture.context(), attempted, moment); });
  fixture.in([&](store::Tx& tx, Moment&) {
    EXPECT_EQ(store::find_delivery(tx, jobs[0].row.account, jobs[0].row.id)->attempts, 1);
    return Done{};
  });
}

// What one bundle cannot take is finished beside it: a refusal, a retry, a reference that needs escaping.
TEST(Statements, OfWhatHasEndedInDifferentWays) {
  Fixture fixture;
  std::vector<usecase::SentMessage> sent;
  for (int i = 0; i < 12; ++i) {
    fixture.request().identity = "person-" + std::to_string(i);
    fixture.request().contacts = {{Channel::kSms, "+551198765" + std::to_string(1000 + i)}};
    fixture.hold();
    ASSERT_EQ(why(fixture.start()), kYes);
    sent.push_back({fixture.sent().back(), delivery::Accepted{"SM" + std::to_string(i)}});
  }
  sent[3].outcome = fail(delivery::ProviderError{
      delivery::Fault::kInvalidAddress, delivery::PersonNotice::kTryAnotherWay, "21211", "no number", {}, false});
  sent[5].outcome = fail(
      delivery::ProviderError{delivery::Fault::kUnavailable, delivery::PersonNotice::kWait, "503", "busy", {}, false});
  sent[7].outcome = delivery::Accepted{"a \"reference\" \\ of São Paulo"};
  fixture.in([&](store::Tx& tx, Moment& moment) {
    usecase::finish_messages(tx, fixture.context(), sent, moment);
    return Done{};
  });
  for (std::size_t i = 0; i < sent.size(); ++i)
    EXPECT_EQ(fixture.message(sent[i].message.id)->status, i == 3 ? "failed" : i == 5 ? "queued" : "sent") << i;
  static const store::Sql kRef{"SELECT provider_ref FROM messages WHERE id = :id"};
  const auto ref_of = [&](std::size_t i) {
    return fixture.in([&](store::Tx& tx, Moment&) {
      std::string ref;
      tx.one(kRef, {sent[i].message.id}, [&](const store::Row& row) { ref = row.string(0); });
      return ref;
    });
  };
  EXPECT_EQ(ref_of(6), "SM6");
  EXPECT_EQ(ref_of(7), "a \"reference\" \\ of São Paulo");
}

}  // namespace
}  // namespace countersign::testing
