// Use cases on several nodes, each with a store of its own on one database, that write at the same time: they end as
// some order of them would, and no limit is exceeded.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <latch>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "support/beside.h"
#include "tests/unit/usecase/script.h"
#include "tests/unit/usecase/spending/money.h"
#include "usecase/idempotency.h"
#include "usecase/risk/book.h"
#include "usecase/risk/sending.h"
#include "usecase/risk/shared_signals.h"
#include "usecase/verification/page_work.h"

namespace countersign::testing {
namespace {

using usecase::Work;

class NodesBeside : public ::testing::TestWithParam<int> {
 protected:
  NodesBeside() : fixture_(database_.open()) {
    unlimited(fixture_);
    database_.share_all_of(fixture_);
    for (int i = 0; i < GetParam(); ++i) nodes_.push_back(std::make_unique<Node>(database_.open(), fixture_));
  }
  ~NodesBeside() override { EXPECT_EQ(stats(&store::StoreStats::failed_commits), 0U); }

  /// What a unit came to: it may run more than once, so it assigns nothing.
  using Body = std::function<std::string(const Work&)>;

  /// Runs them all at once, one of two (three) on each node. What each came to.
  std::vector<std::string> everywhere(const std::vector<Body>& bodies) {
    std::vector<std::string> answers(bodies.size());
    std::latch answered(static_cast<std::ptrdiff_t>(bodies.size()));
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      Node& node = *nodes_[i % nodes_.size()];
      node.store->transact(
          home_,
          [&, body = bodies[i]](store::Tx& tx) {
            Moment moment{fixture_.now(), system_random()};
            return body(Work{tx, node.context, fixture_.caller(), moment});
          },
          [&, i](Result<std::string, store::StoreError> result) {
            EXPECT_TRUE(result) << result.error().detail;
            if (result) answers[i] = *std::move(result);
            answered.count_down();
          });
    }
    answered.wait();
    return answers;
  }

  usecase::HoldRequest request_of(int person, const std::vector<int>& phones) {
    return testing::request_of(fixture_, person, phones);
  }

  static std::string said(Code code) { return fmt::format("refusal {}", static_cast<int>(code)); }
  /// The id, as text.
  static std::string hold(const Work& work, const usecase::HoldRequest& request) {
    const auto held = usecase::hold(work, request);
    return held ? held->id.text() : "refused";
  }
  /// The code that was sent, or why not.
  static std::string start(const Work& work, const TransactionId& id) {
    const auto started = usecase::start_verification(work, {id, Channel::kSms, {}});
    if (!started) return said(started.error().code);
    return std::get<delivery::OutgoingMessage>(started->queued.content).code.expose();
  }
  static std::string check(const Work& work, const TransactionId& id, const std::string& code) {
    const auto checked = usecase::check(work, {id, SecretString(code), {}, {}});
    return checked ? "right" : said(checked.error().code);
  }
  static bool is_code(const std::string& text) {
    return text.size() == 6 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  }

  struct Held {
    TransactionId id;
    std::string code = {};
  };
  /// Each for another person; phone `phone_of(person)`.
  std::vector<Held> held(int count, const std::function<int(int)>& phone_of) {
    std::vector<Body> holds;
    for (int i = 0; i < count; ++i)
      holds.emplace_back([request = request_of(i, {phone_of(i)})](const Work& work) { return hold(work, request); });
    std::vector<Held> all;
    for (const auto& id : everywhere(holds)) all.push_back({TransactionId::parse(id).value()});
    return all;
  }
  std::vector<Held> held_and_sent(int count, const std::function<int(int)>& phone_of = std::identity()) {
    auto all = held(count, phone_of);
    std::vector<Body> starts;
    for (const auto& one : all) starts.emplace_back([&one](const Work& work) { return start(work, one.id); });
    const auto codes = everywhere(starts);
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_TRUE(is_code(codes[i])) << codes[i];
      all[i].code = codes[i];
    }
    return all;
  }

  int events(std::string_view type) { return count_events_of(fixture_, type); }
  std::string sql(const std::string& statement) const { return database_.sql(statement); }
  std::uint64_t stats(std::uint64_t store::StoreStats::* member) const {
    std::uint64_t sum = 0;
    for (const auto& node : nodes_) sum += node->store->stats().*member;
    return sum;
  }

  struct Node {
    Node(std::unique_ptr<store::Store> its, Fixture& fixture)
        : context{fixture.settings(), fixture.context().vault, event_ids}, store(std::move(its)) {}
    store::EventIds event_ids;
    usecase::Context context;
    std::unique_ptr<store::Store> store;
  };

  InPlace home_;
  WatchedDatabase database_;
  Fixture fixture_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

INSTANTIATE_TEST_SUITE_P(Two, NodesBeside, ::testing::Values(2), [](const auto&) { return std::string("Nodes"); });
INSTANTIATE_TEST_SUITE_P(Three, NodesBeside, ::testing::Values(3), [](const auto&) { return std::string("Nodes"); });

TEST_P(NodesBeside, TogetherNeverSpendMoreThanABudget) {
  price_messages(fixture_, 7);
  budgets(fixture_).account = domain::Budget{200, 0};
  const auto all = held(48, std::identity());
  std::vector<Body> starts;
  for (const auto& one : all) starts.emplace_back([&one](const Work& work) { return start(work, one.id); });
  int sent = 0;
  for (const auto& answer : everywhere(starts)) {
    if (!is_code(answer)) {
      EXPECT_EQ(answer, said(Code::kBudgetSpent));
    }
    sent += is_code(answer) ? 1 : 0;
  }
  EXPECT_EQ(sent, 28);
  EXPECT_EQ(spent(fixture_), 196);
  EXPECT_EQ(spent(fixture_, usecase::spent_by_service(fixture_.service())), 196);
  EXPECT_EQ(sql("SELECT count(*) FROM messages"), "28");
}

TEST_P(NodesBeside, CountEveryAttempt) {
  fixture_.limits().attempts_max = 5;
  const auto held = held_and_sent(1).front();
  std::map<std::string, int> answers;
  const Body guess = [&](const Work& work) { return check(work, held.id, wrong_for(held.code)); };
  for (const auto& answer : everywhere(std::vector<Body>(60, guess))) ++answers[answer];
  EXPECT_EQ(answers[said(Code::kWrongCode)] + answers[said(Code::kAttemptsExhausted)], 60);
  EXPECT_EQ(events("check.failed"), 5);
  fixture_.use(held.id);
  EXPECT_EQ(fixture_.verification().state.attempts, 5);
}

TEST_P(NodesBeside, TakeASecurityEventOnce) {
  fixture_.hold();
  usecase::SignalReceiver receiver;
  receiver.name = "idp";
  domain::ToldEvent told{domain::SharedEvent::kAccountDisabled, true, {}};
  told.subjects.push_back({domain::SubjectName::Kind::kIdentity, std::string(kIdentity), ""});
  const domain::SecurityEvents events_told{"issuer", {"us"}, "one jti", fixture_.now(), {told}};
  const Body take = [&](const Work& work) {
    const auto taken = usecase::take_security_events(work, receiver, events_told, "the token");
    return taken ? std::to_string(taken->http_status) : said(taken.error().code);
  };
  for (const auto& answer : everywhere(std::vector<Body>(24, take))) EXPECT_EQ(answer, "202");
  EXPECT_EQ(events("signal.received"), 1);
}

TEST_P(NodesBeside, AcceptOneProofOfWorkOnce) {
  const TransactionId page = fixture_.hold();
  const auto work = fixture_.in(
      [&](store::Tx&, Moment& moment) { return usecase::work_for_page(fixture_.context().vault, page, moment); });
  fixture_.wait(usecase::kWorkWait);
  const std::vector<Body> all(24, [&](const Work& unit) {
    const store::Beside beside(unit.tx);
    return std::string(usecase::accept_page_work(unit, page, work) ? "accepted" : "spent");
  });
  const auto answers = everywhere(all);
  EXPECT_EQ(std::ranges::count(answers, "accepted"), 1);
  EXPECT_EQ(std::ranges::count(answers, "spent"), 23);
}

/// All of them write at once what each has counted of the same people.
TEST_P(NodesBeside, CountAnEstablishedPersonOnceADay) {
  constexpr int kPeople = 12;
  const usecase::RiskBook::Asked asked{fixture_.account(), usecase::keys_of_number("+5511980000001")};
  std::vector<SubjectId> people;
  for (int i = 0; i < kPeople; ++i)
    people.push_back(fixture_.in([](store::Tx&, Moment& moment) { return SubjectId::make(moment); }));
  std::vector<usecase::RiskBook> books(nodes_.size());
  const auto write = [&] {
    std::vector<store::RiskNews> news(books.size());
    std::vector<Body> writes;
    for (std::size_t node = 0; node < books.size(); ++node) {
      writes.emplace_back([&, node, unwritten = books[node].take_unwritten()](const Work& unit) {
        news[node] = usecase::sync_risk(unit.tx, unit.context, unwritten, books[node].seen(), unit.moment);
        return std::string();
      });
    }
    everywhere(writes);
    for (std::size_t node = 0; node < books.size(); ++node) books[node].learn(news[node], fixture_.now());
  };
  for (int round = 0; round < 3; ++round) {
    for (auto& book : books) {
      for (const auto& who : people) book.typed_by_established(asked, who, fixture_.now());
    }
    write();
  }
  write();
  for (const auto& book : books)
    EXPECT_EQ(book.figures(asked, 0, fixture_.now()).country->totals.day.established, kPeople);
}

TEST_P(NodesBeside, SendNoMoreThanTheLimitOfTheAccount) {
  fixture_.limits().sends_per_account = {10, hours(1)};
  fixture_.limits().sends_per_country = {1000, hours(1)};
  const auto all = held(60, std::identity());
  std::vector<Body> starts;
  for (const auto& one : all) starts.emplace_back([&one](const Work& work) { return start(work, one.id); });
  EXPECT_EQ(std::ranges::count_if(everywhere(starts), is_code), 10);
  EXPECT_EQ(sql("SELECT count(*) FROM messages"), "10");
  EXPECT_EQ(sql("SELECT count FROM counters WHERE counter_key = 'send account'"), "10");
  EXPECT_EQ(sql("SELECT count FROM counters WHERE counter_key LIKE 'send country%'"), "10");
}

TEST_P(NodesBeside, SendNoMoreThanTheLimitOfAnAddress) {
  fixture_.limits().sends_per_address = {3, hours(1)};
  const auto all = held(24, [](int) { return 7; });
  EXPECT_EQ(sql("SELECT count(*) FROM addresses"), "1");
  std::vector<Body> starts;
  for (const auto& one : all) starts.emplace_back([&one](const Work& work) { return start(work, one.id); });
  EXPECT_EQ(std::ranges::count_if(everywhere(starts), is_code), 3);
  EXPECT_EQ(sql("SELECT sends_count FROM addresses"), "3");
}

TEST_P(NodesBeside, CountTheGuessesOfStrangersOfAllSubjectsOfALine) {
  const auto all = held_and_sent(4, [](int) { return 7; });
  std::vector<Body> checks;
  for (std::size_t i = 0; i < 40; ++i)
    checks.emplace_back([&one = all[i % 4]](const Work& work) { return check(work, one.id, wrong_for(one.code)); });
  for (const auto& answer : everywhere(checks)) EXPECT_EQ(answer, said(Code::kWrongCode));
  EXPECT_EQ(sql("SELECT sum(in_row) FROM line_guards"), "40");
}

TEST_P(NodesBeside, JudgeNoMoreGuessesOfOneNetworkThanItsLimit) {
  fixture_.limits().checks_per_ip = {10, hours(1)};
  fixture_.caller().end_user = IpAddress::parse("192.0.2.7");
  const auto all = held_and_sent(40);
  std::vector<Body> checks;
  for (const auto& one : all)
    checks.emplace_back([&](const Work& work) { return check(work, one.id, wrong_for(one.code)); });
  std::map<std::string, int> answers;
  for (const auto& answer : everywhere(checks)) ++answers[answer];
  EXPECT_EQ(answers[said(Code::kWrongCode)], 10);
  EXPECT_EQ(answers[said(Code::kRateLimited)], 30);
}

TEST_P(NodesBeside, ReleaseToOneClaimer) {
  const auto all = held_and_sent(3);
  std::vector<Body> bodies;
  for (const auto& one : all) bodies.emplace_back([&](const Work& work) { return check(work, one.id, one.code); });
  for (const auto& answer : everywhere(bodies)) EXPECT_EQ(answer, "right");
  bodies.clear();
  for (int claimer = 0; claimer < 20; ++claimer) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      bodies.emplace_back([&, i, claimer](const Work& work) {
        const auto name = fmt::format("worker-{}", claimer);
        return usecase::claim(work, all[i].id, name) ? fmt::format("{}", i) : std::string("lost");
      });
    }
  }
  std::map<std::string, int> winners;
  for (const auto& answer : everywhere(bodies)) ++winners[answer];
  for (const auto* one : {"0", "1", "2"}) EXPECT_EQ(winners[one], 1);
  EXPECT_EQ(events("transaction.claimed"), 3);
}

TEST_P(NodesBeside, MakeOneSubjectOfOneIdentityAndOneAddressOfOneNumber) {
  std::vector<Body> holds;
  for (int i = 0; i < 48; ++i) {
    holds.emplace_back(
        [request = request_of(i % 3, {i % 4, (i + 1) % 4})](const Work& work) { return hold(work, request); });
  }
  const auto answers = everywhere(holds);
  EXPECT_EQ(std::set<std::string>(answers.begin(), answers.end()).size(), 48U);
  EXPECT_EQ(sql("SELECT count(*) FROM subjects"), "3");
  EXPECT_EQ(sql("SELECT count(*) FROM addresses"), "4");
  EXPECT_EQ(sql("SELECT count(*) FROM (SELECT DISTINCT subject_id, address_id, channel FROM contacts) c"),
            sql("SELECT count(*) FROM contacts"));
  EXPECT_EQ(sql("SELECT count(*) FROM transactions"), "48");
}

TEST_P(NodesBeside, AnswerOnceUnderOneIdempotencyKey) {
  std::vector<Body> bodies;
  for (int i = 0; i < 60; ++i) {
    const std::string key = fmt::format("key-{}", i / 12);
    // Of several people, so that no other key keeps them apart.
    bodies.emplace_back([key, request = request_of(i, {i})](const Work& work) {
      const auto recorded = usecase::idempotent(
          work, usecase::IdempotencyKey{key, "hold", "{}", true},
          [&]() -> Answer<usecase::Recorded> { return usecase::Recorded{201, hold(work, request)}; });
      return recorded ? recorded->body : "refused";
    });
  }
  const auto answers = everywhere(bodies);
  EXPECT_EQ(std::set<std::string>(answers.begin(), answers.end()).size(), 5U);
  EXPECT_EQ(sql("SELECT count(*) FROM transactions"), "5");
}

// What keys do not cover has the turn, which no other node shares.
TEST_P(NodesBeside, WriteNothingWhileOneOfThemHasTheTurn) {
  const auto all = held_and_sent(12);
  std::vector<Body> bodies;
  for (const auto& one : all) {
    for (int i = 0; i < GetParam(); ++i) {
      bodies.emplace_back([&](const Work& work) { return usecase::cancel(work, one.id) ? "canceled" : "too late"; });
      bodies.emplace_back([&](const Work& work) { return check(work, one.id, one.code); });
    }
  }
  const auto answers = everywhere(bodies);
  EXPECT_EQ(std::ranges::count(answers, "right"), events("check.approved"));
  EXPECT_EQ(std::ranges::count(answers, "right"), events("transaction.verified"));
  EXPECT_EQ(sql("SELECT count(*) FROM transactions WHERE status = 'canceled'"), "12");
  EXPECT_EQ(events("transaction.canceled"), 12);
}

// A few people who share numbers, and everything at once.
TEST_P(NodesBeside, EndAsSomeOrderWould) {
  fixture_.limits().attempts_max = 4;
  fixture_.limits().sends_per_account = {60, hours(1000)};
  fixture_.limits().sends_per_address = {1'000'000, hours(1)};
  fixture_.limits().checks_per_account = {1'000'000, hours(1)};
  fixture_.caller().end_user = IpAddress::parse("192.0.2.7");
  std::mt19937 dice(20'261'129);
  const auto any = [&](std::size_t below) { return static_cast<int>(dice() % below); };
  std::map<std::string, KnownOfOne> known;
  int sent = 0;
  int approved = 0;
  for (int round = 0; round < 25; ++round) {
    std::vector<Body> bodies;
    std::vector<std::function<void(const std::string&)>> then;
    std::vector<std::string> ids;
    for (const auto& [id, one] : known) ids.push_back(id);
    for (int i = 0; i < 60; ++i) {
      const int what = ids.empty() ? 0 : any(10);
      if (what == 0) {
        bodies.emplace_back(
            [request = request_of(any(4), {any(3), any(3)})](const Work& work) { return hold(work, request); });
        then.emplace_back([&](const std::string& id) { known[id].id = TransactionId::parse(id).value(); });
        continue;
      }
      KnownOfOne& one = known[ids[static_cast<std::size_t>(any(ids.size()))]];
      if (what <= 3) {
        bodies.emplace_back([&one](const Work& work) { return start(work, one.id); });
        then.emplace_back([&](const std::string& code) {
          if (!is_code(code)) return;
          one.code = code;
          ++sent;
        });
      } else if (what <= 6) {
        const std::string code = any(3) == 0 ? one.code : wrong_for(one.code);
        bodies.emplace_back([&one, code](const Work& work) { return check(work, one.id, code); });
        then.emplace_back([&](const std::string& answer) { approved += answer == "right" ? 1 : 0; });
      } else if (what <= 8) {
        const std::string name = fmt::format("worker-{}", any(5));
        bodies.emplace_back([&one, name](const Work& work) {
          const auto claimed = usecase::claim(work, one.id, name);
          return claimed ? claimed->fencing_token : "";
        });
        then.emplace_back([&one, name](const std::string& token) {
          if (token.empty()) return;
          one.claimers.insert(name);
          one.token = token;
        });
      } else {
        bodies.emplace_back([&one, token = one.token](const Work& work) {
          static_cast<void>(usecase::acknowledge(work, one.id, token));
          return "";
        });
        then.emplace_back([](const std::string&) {});
      }
    }
    const auto answers = everywhere(bodies);
    for (std::size_t i = 0; i < then.size(); ++i) then[i](answers[i]);
    fixture_.wait(minutes(1));
  }
  std::vector<KnownOfOne> all;
  for (const auto& [id, one] : known) all.push_back(one);
  expect_some_order(fixture_, database_, all, sent, approved);
}

}  // namespace
}  // namespace countersign::testing
