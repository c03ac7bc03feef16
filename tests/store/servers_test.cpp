// Two whole servers on one PostgreSQL, over real HTTP: limits, claims and idempotency hold across them.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <iostream>
#include <latch>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include "base/encoding.h"
#include "main/config/init.h"
#include "main/server/server.h"
#include "support/http_caller.h"
#include "support/postgres_cluster.h"

namespace countersign::testing {
namespace {

constexpr std::string_view kPhone = "+5511987654321";
constexpr int kPollsMax = 5'000;

/// Development servers with one data directory, from which they have the same keys, and one database.
class Servers : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "countersign-nodes-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    url_ = PostgresCluster::shared().new_database();
    for (int i = 0; i < 2; ++i) add_node();
  }
  void TearDown() override {
    for (auto& node : nodes_) node->stop();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void add_node() {
    main::ConfigSources sources;
    sources.development = true;
    sources.flags = {{"data_dir", folder_.string()}, {"listen", "127.0.0.1:0"}, {"store.url", url_}};
    const auto made = main::prepare_development(sources, system_random());
    ASSERT_TRUE(made) << made.error().sentence;
    auto config = main::load_config(sources);
    ASSERT_TRUE(config) << config.error().sentence;
    auto& node = nodes_.emplace_back(
        std::make_unique<main::Server>(*std::move(config), main::Server::Parts{system_clock(), system_random()}));
    const auto started = node->start();
    ASSERT_TRUE(started) << started.error();
  }

  [[nodiscard]] HttpCaller caller(std::size_t node) const {
    return {nodes_[node % nodes_.size()]->url(), nodes_[0]->credentials().api_key};
  }

  [[nodiscard]] static std::string hold_body(int person = 0) {
    return fmt::format(
        R"({{"type":"payout","subject":{{"identity":"person-{}","contacts":[{{"channel":"sms","address":"{}"}}]}},)"
        R"("display":{{"title":"Nova conta"}},"payload":{{"bank":"341"}},"policy":{{"any_of":["sms"]}}}})",
        person, kPhone);
  }
  std::string hold() const {
    const auto held = caller(0).post("/v1/transactions", hold_body());
    EXPECT_EQ(held.status, 201) << held.body;
    return "/v1/transactions/" + held.text("id");
  }
  /// Sends a code at one node, and reads it in the inbox at the other.
  std::string send_code(const std::string& transaction) const {
    const auto started = caller(0).post(transaction + "/verifications", R"({"channel":"sms"})");
    EXPECT_EQ(started.status, 201) << started.body;
    auto reader = caller(1);
    for (int poll = 0; poll < kPollsMax; ++poll) {
      const auto messages = parse_json(reader.get("/dev/inbox.json?to=" + percent_encode(kPhone)).body);
      if (messages && messages->is_array() && !messages->get_array().empty()) {
        return std::string(*json_text(messages->get_array().front().as_object(), "code"));
      }
      std::this_thread::yield();
    }
    ADD_FAILURE() << "no code came";
    return "";
  }

  /// What `call(caller, index)` answers from so many callers that begin at once, half of them at each node.
  template <class Call>
  std::map<std::string, int> at_once(std::size_t callers, Call call) const {
    std::vector<std::string> kinds(callers);
    std::latch ready(static_cast<std::ptrdiff_t>(callers));
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < callers; ++i) {
      threads.emplace_back([&, i] {
        auto here = caller(i);
        EXPECT_TRUE(here.connect());
        ready.arrive_and_wait();
        kinds[i] = call(here, i);
      });
    }
    for (auto& thread : threads) thread.join();
    std::map<std::string, int> tally;
    for (const auto& kind : kinds) ++tally[kind];
    return tally;
  }
  static std::string kind_of(const HttpAnswer& answer) {
    const std::string code = answer.text("code");
    return code.empty() || answer.status < 400 ? std::to_string(answer.status)
                                               : fmt::format("{} {}", answer.status, code);
  }

  std::filesystem::path folder_;
  std::string url_;
  std::vector<std::unique_ptr<main::Server>> nodes_;
};

using Tally = std::map<std::string, int>;

TEST_F(Servers, EvaluateTogetherNoMoreGuessesThanOne) {
  const std::string transaction = hold();
  const std::string code = send_code(transaction);
  const std::string wrong = fmt::format(R"({{"code":"{:06}"}})", (std::stoi(code) + 1) % 1'000'000);
  const auto tally =
      at_once(24, [&](HttpCaller& here, std::size_t) { return kind_of(here.post(transaction + "/checks", wrong)); });
  EXPECT_EQ(tally, (Tally{{"422 wrong_code", 5}, {"409 attempts_exhausted", 19}}));
}

TEST_F(Servers, AcceptACodeOnceAndClaimOnce) {
  const std::string transaction = hold();
  const std::string body = fmt::format(R"({{"code":"{}"}})", send_code(transaction));
  const auto checks =
      at_once(12, [&](HttpCaller& here, std::size_t) { return kind_of(here.post(transaction + "/checks", body)); });
  EXPECT_EQ(checks, (Tally{{"200", 1}, {"409 transaction_not_held", 11}}));
  const auto claims = at_once(12, [&](HttpCaller& here, std::size_t index) {
    return kind_of(here.post(transaction + "/claim", "", {{"Idempotency-Key", fmt::format("worker-{}", index)}}));
  });
  EXPECT_EQ(claims, (Tally{{"200", 1}, {"409 already_claimed", 11}}));
}

TEST_F(Servers, GiveOneAnswerToOneIdempotencyKey) {
  const auto tally = at_once(12, [&](HttpCaller& here, std::size_t) {
    return here.post("/v1/transactions", hold_body(), {{"Idempotency-Key", "order-1"}}).body;
  });
  ASSERT_EQ(tally.size(), 1U);
  EXPECT_EQ(tally.begin()->first.find("\"code\""), std::string::npos) << tally.begin()->first;
  EXPECT_EQ(PostgresCluster::run(url_, "SELECT count(*) FROM transactions"), "1");
  const auto other = caller(1).post("/v1/transactions", hold_body(1), {{"Idempotency-Key", "order-1"}});
  EXPECT_EQ(other.status, 422) << other.body;
}

TEST_F(Servers, CountMessagesToOneContactTogether) {
  std::vector<std::string> transactions;
  for (int i = 0; i < 12; ++i) transactions.push_back(hold());
  const auto tally = at_once(12, [&](HttpCaller& here, std::size_t index) {
    return kind_of(here.post(transactions[index] + "/verifications", R"({"channel":"sms"})"));
  });
  EXPECT_EQ(tally, (Tally{{"201", 5}, {"429 rate_limited", 7}}));
}

}  // namespace
}  // namespace countersign::testing
