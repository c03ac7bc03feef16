#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "crypto/otp.h"
#include "server/running_server.h"

// Many callers at once, over real HTTP, against one thing that may happen only so often. Each was seen to fail with its
// guard taken away.
namespace countersign::testing {
namespace {

constexpr std::string_view kTwoKinds = R"({"any_of":["sms","totp"],"min_kinds":2})";
constexpr std::string_view kWrong = "422 wrong_code";
constexpr std::string_view kExhausted = "409 attempts_exhausted";
constexpr std::string_view kNotHeld = "409 transaction_not_held";

std::string wrong_of(const std::string& code) {
  std::string wrong = code;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  return wrong;
}

std::string status_of(RunningServer& server, const std::string& transaction) {
  return server.caller().get(transaction).text("status");
}

/// A code of the step after this one: good now and for a minute, and not spent by the confirmation.
std::string next_totp(const std::string& seed) {
  const crypto::TotpParameters parameters;
  return crypto::totp(seed, crypto::totp_step(system_clock().now(), parameters) + 1, parameters);
}

TEST(Races, OfAThousandWrongGuessesFiveAreEvaluatedAndTheRightOneIsTooLate) {
  RunningServer server;
  const std::string transaction = server.hold();
  const std::string code = server.send_code(transaction);
  constexpr std::size_t kCallers = 32;
  constexpr int kWrongEach = 31;
  const auto answers = at_once(server, kCallers, [&](HttpCaller& caller, std::size_t, auto& out) {
    for (int i = 0; i < kWrongEach; ++i) {
      out.push_back(caller.post(transaction + "/checks", RunningServer::check_body(wrong_of(code))));
    }
    out.push_back(caller.post(transaction + "/checks", RunningServer::check_body(code)));
  });
  ASSERT_EQ(answers.size(), kCallers * (kWrongEach + 1));
  EXPECT_EQ(count(answers, kWrong), 5U) << tally(answers);
  EXPECT_EQ(count(answers, kExhausted), answers.size() - 5) << tally(answers);
  EXPECT_EQ(status_of(server, transaction), "held");
}

/// The threads of this process with that name.
int threads_named(std::string_view wanted) {
  int count = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream in(task.path() / "comm");
    std::string name;
    std::getline(in, name);
    count += name == wanted ? 1 : 0;
  }
  return count;
}

TEST(Races, ManyIoThreadsAnswerEachItsOwnAndCountTogether) {
  RunningServer server([](main::Config& config) { config.io_threads = 4; });
  constexpr int kWithMetricsAndCommands = 4 + 2;
  for (int poll = 0; poll < 60'000 && threads_named("http") < kWithMetricsAndCommands; ++poll)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(threads_named("http"), kWithMetricsAndCommands);
  const std::string transaction = server.hold();
  const std::string code = server.send_code(transaction);
  const auto answers = at_once(server, 32, [&](HttpCaller& caller, std::size_t index, auto& out) {
    const std::string id = std::to_string(index);
    for (int i = 0; i < 50; ++i) {
      const auto answer = caller.call("GET", "/healthz", "", {{"X-Request-Id", id}});
      EXPECT_EQ(answer.header("x-request-id"), id);
    }
    out.push_back(caller.post(transaction + "/checks", RunningServer::check_body(wrong_of(code))));
  });
  EXPECT_EQ(count(answers, kWrong), 5U) << tally(answers);
  EXPECT_EQ(count(answers, kExhausted), answers.size() - 5) << tally(answers);
}

TEST(Races, EachOfTheFiveSaysAnotherNumberOfAttemptsLeft) {
  RunningServer server;
  const std::string transaction = server.hold();
  const std::string code = server.send_code(transaction);
  const auto answers = at_once(server, 16, [&](HttpCaller& caller, std::size_t, auto& out) {
    out.push_back(caller.post(transaction + "/checks", RunningServer::check_body(wrong_of(code))));
  });
  std::multiset<std::int64_t> left;
  for (const auto& answer : answers) {
    if (const auto number = json_integer(answer.json(), "attempts_left")) left.insert(*number);
  }
  EXPECT_EQ(left, (std::multiset<std::int64_t>{0, 1, 2, 3, 4})) << tally(answers);
}

TEST(Races, ARightCodeAmongWrongOnesIsAcceptedAtMostOnceAndNeverAfterTheFifth) {
  RunningServer server;
  for (int round = 0; round < 5; ++round) {
    const std::string transaction = server.hold();
    const std::string code = server.send_code(transaction);
    const auto answers = at_once(server, 16, [&](HttpCaller& caller, std::size_t index, auto& out) {
      const std::string guess = index % 4 == 3 ? code : wrong_of(code);
      out.push_back(caller.post(transaction + "/checks", RunningServer::check_body(guess)));
    });
    const auto approved = count(answers, "200");
    EXPECT_LE(approved, 1U) << tally(answers);
    EXPECT_LE(count(answers, kWrong) + approved, 5U) << tally(answers);
    EXPECT_EQ(status_of(server, transaction), approved == 1 ? "verified" : "held");
  }
}

TEST(Races, OfParallelRightCodesOneSucceeds) {
  RunningServer server;
  for (const std::size_t callers : {2U, 16U}) {
    const std::string transaction = server.hold();
    const std::string code = server.send_code(transaction);
    const auto answers = at_once(server, callers, [&](HttpCaller& caller, std::size_t, auto& out) {
      out.push_back(caller.post(transaction + "/checks", RunningServer::check_body(code)));
    });
    EXPECT_EQ(count(answers, "200"), 1U) << tally(answers);
    EXPECT_EQ(count(answers, kNotHeld), callers - 1) << tally(answers);
  }
}

TEST(Races, ARightCodeIsSpentAlsoWhereTheTransactionStaysHeld) {
  RunningServer server;
  for (const std::size_t callers : {2U, 16U}) {
    const std::string transaction = server.hold(kTwoKinds);
    const std::string code = server.send_code(transaction);
    const auto answers = at_once(server, callers, [&](HttpCaller& caller, std::size_t, auto& out) {
      out.push_back(caller.post(transaction + "/checks", RunningServer::check_body(code)));
    });
    EXPECT_EQ(count(answers, "200"), 1U) << tally(answers);
    EXPECT_EQ(count(answers, kWrong), callers - 1) << tally(answers);
    EXPECT_EQ(status_of(server, transaction), "held");
  }
}

TEST(Races, ATimeStepIsAcceptedOnceForOneTransaction) {
  RunningServer server;
  const std::string seed = server.enrol_next();
  const std::string transaction = server.hold(kTwoKinds);
  const std::string body = RunningServer::check_body(next_totp(seed), "totp");
  const auto answers = at_once(server, 16, [&](HttpCaller& caller, std::size_t, auto& out) {
    out.push_back(caller.post(transaction + "/checks", body));
  });
  EXPECT_EQ(count(answers, "200"), 1U) << tally(answers);
  EXPECT_EQ(count(answers, kWrong), 5U) << tally(answers);  // Replays are failures, and the fifth locks.
  EXPECT_EQ(count(answers, "429 locked"), 10U) << tally(answers);
}

TEST(Races, ATimeStepIsAcceptedOnceForAllTransactions) {
  RunningServer server;
  const std::string seed = server.enrol_next();
  std::vector<std::string> transactions;
  for (int i = 0; i < 16; ++i) transactions.push_back(server.hold());
  const std::string body = RunningServer::check_body(next_totp(seed), "totp");
  const auto answers = at_once(server, 16, [&](HttpCaller& caller, std::size_t index, auto& out) {
    out.push_back(caller.post(transactions[index] + "/checks", body));
  });
  EXPECT_EQ(count(answers, "200"), 1U) << tally(answers);
  int verified = 0;
  for (const auto& transaction : transactions) verified += status_of(server, transaction) == "verified" ? 1 : 0;
  EXPECT_EQ(verified, 1);
}

TEST(Races, OneClaimerWins) {
  RunningServer server;
  const std::string transaction = server.verified();
  const auto answers = at_once(server, 16, [&](HttpCaller& caller, std::size_t index, auto& out) {
    out.push_back(caller.post(transaction + "/claim", "", {{"Idempotency-Key", fmt::format("worker-{}", index)}}));
  });
  EXPECT_EQ(count(answers, "200"), 1U) << tally(answers);
  EXPECT_EQ(count(answers, "409 already_claimed"), 15U) << tally(answers);
}

TEST(Races, TheSameClaimerGetsTheSameAnswerEachTime) {
  RunningServer server;
  const std::string transaction = server.verified();
  const auto answers = at_once(server, 16, [&](HttpCaller& caller, std::size_t, auto& out) {
    out.push_back(caller.post(transaction + "/claim", "", {{"Idempotency-Key", "worker-1"}}));
  });
  EXPECT_EQ(count(answers, "200"), 16U) << tally(answers);
  for (const auto& answer : answers) EXPECT_EQ(answer.body, answers.front().body);
  const auto again = server.caller().post(transaction + "/claim", "", {{"Idempotency-Key", "worker-1"}});
  EXPECT_EQ(again.body, answers.front().body);
}

TEST(Races, AnAcknowledgementIsHarmlessHoweverOften) {
  RunningServer server;
  const std::string transaction = server.verified();
  const auto claimed = server.caller().post(transaction + "/claim", "", {{"Idempotency-Key", "worker-1"}});
  const std::string body = fmt::format(R"({{"fencing_token":"{}"}})", claimed.text("fencing_token"));
  const auto answers = at_once(server, 16, [&](HttpCaller& caller, std::size_t, auto& out) {
    out.push_back(caller.post(transaction + "/ack", body));
  });
  EXPECT_EQ(count(answers, "200"), 16U) << tally(answers);
  const auto events = server.caller().get("/v1/events?transaction=" + transaction.substr(transaction.rfind('/') + 1));
  std::size_t released = 0;
  for (std::size_t at = 0; (at = events.body.find("transaction.released", at)) != std::string::npos; ++at) ++released;
  EXPECT_EQ(released, 1U);
}

TEST(Races, EitherTheClaimerOrTheCancellationWins) {
  RunningServer server;
  for (int round = 0; round < 5; ++round) {
    const std::string transaction = server.verified();
    const auto answers = at_once(server, 16, [&](HttpCaller& caller, std::size_t index, auto& out) {
      out.push_back(index % 2 == 0 ? caller.post(transaction + "/cancel")
                                   : caller.post(transaction + "/claim", "",
                                                 {{"Idempotency-Key", fmt::format("worker-{}", index)}}));
    });
    EXPECT_EQ(count(answers, "200"), 1U) << tally(answers);
  }
}

TEST(Races, OneIdempotencyKeyHoldsOnce) {
  RunningServer server;
  const std::string body =
      R"({"type":"payout","subject":{"identity":"one"},"display":{"title":"X"},"payload":1,"policy":{"any_of":["totp"]}})";
  const auto answers = at_once(server, 16, [&](HttpCaller& caller, std::size_t, auto& out) {
    out.push_back(caller.post("/v1/transactions", body, {{"Idempotency-Key", "hold-1"}}));
  });
  EXPECT_EQ(count(answers, "201"), 16U) << tally(answers);
  for (const auto& answer : answers) EXPECT_EQ(answer.body, answers.front().body);
  const auto list = server.caller().get("/v1/transactions?subject=one").json();
  EXPECT_EQ(list.at("data").as_array().size(), 1U);
}

TEST(Races, LimitsCountOneByOne) {
  RunningServer server;
  std::vector<std::string> transactions;
  for (int i = 0; i < 16; ++i) transactions.push_back(server.hold());  // One person, one contact: five sends in all.
  const auto answers = at_once(server, 16, [&](HttpCaller& caller, std::size_t index, auto& out) {
    out.push_back(caller.post(transactions[index] + "/verifications", R"({"channel":"sms"})"));
  });
  EXPECT_EQ(count(answers, "201"), 5U) << tally(answers);
  EXPECT_EQ(count(answers, "429 rate_limited"), 11U) << tally(answers);
}

}  // namespace
}  // namespace countersign::testing
