#include "server/running_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <iostream>
#include <latch>
#include <map>
#include <thread>

#include "base/encoding.h"
#include "crypto/otp.h"
#include "main/config/init.h"
#include "store/sqlite/sqlite_store.h"

namespace countersign::testing {

namespace {

constexpr int kPollsMax = 100'000;

[[noreturn]] void give_up(std::string_view why) {
  std::cerr << "the server under test did not start: " << why << '\n';
  std::abort();
}

std::filesystem::path new_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "countersign-server-XXXXXX").string();
  CS_CHECK(::mkdtemp(name.data()) != nullptr);
  return name;
}

main::Config config_in(const std::filesystem::path& folder) {
  main::ConfigSources sources;
  sources.development = true;
  sources.flags["data_dir"] = folder.string();
  sources.flags["listen"] = "127.0.0.1:0";
  if (const auto made = main::prepare_development(sources, system_random()); !made) give_up(made.error().sentence);
  auto config = main::load_config(sources);
  if (!config) give_up(config.error().sentence);
  return *std::move(config);
}

}  // namespace

RunningServer::RunningServer(const std::function<void(main::Config&)>& change, Clock& clock)
    : clock_(clock), folder_(new_folder()) {
  config_ = config_in(folder_);
  change(*config_);
  start();
}

void RunningServer::start() {
  server_ = std::make_unique<main::Server>(*config_, main::Server::Parts{clock_, system_random()});
  if (const auto started = server_->start(); !started) give_up(started.error());
  caller_ = std::make_unique<HttpCaller>(url(), api_key());
}

void RunningServer::restart(const std::function<void(store::Store&)>& between) {
  caller_.reset();
  server_->stop();
  server_.reset();
  {
    const auto store = store::open_sqlite({.file = config_->store.sqlite_path});
    CS_CHECK(store.has_value());
    between(**store);
  }
  start();
}

RunningServer::~RunningServer() {
  caller_.reset();
  server_->stop();
  server_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string RunningServer::identity() const { return fmt::format("person-{}", person_); }
std::string RunningServer::phone() const { return fmt::format("+551198765{:04}", person_); }

std::string RunningServer::hold(std::string_view policy) {
  const auto held = caller_->post(
      "/v1/transactions",
      fmt::format(R"({{"type":"payout","subject":{{"identity":"{}","contacts":[{{"channel":"sms","address":"{}"}}]}},)"
                  R"("display":{{"title":"Nova conta"}},"payload":{{"bank":"341"}},"policy":{}}})",
                  identity(), phone(), policy));
  EXPECT_EQ(held.status, 201) << held.body;
  return "/v1/transactions/" + held.text("id");
}

void RunningServer::start_code(const std::string& transaction) {
  const auto started = caller_->post(transaction + "/verifications", R"({"channel":"sms"})");
  EXPECT_EQ(started.status, 201) << started.body;
  ++person_;
}

std::string RunningServer::send_code(const std::string& transaction) {
  const auto started = caller_->post(transaction + "/verifications", R"({"channel":"sms"})");
  EXPECT_EQ(started.status, 201) << started.body;
  const std::string inbox = "/dev/inbox.json?to=" + percent_encode(phone());
  // The courier brings it there on its own time. Each person has one message, so that the first seen is the one.
  for (int poll = 0; poll < kPollsMax; ++poll) {
    const auto messages = parse_json(caller_->get(inbox).body);
    if (messages && messages->is_array() && !messages->get_array().empty()) {
      ++person_;
      return std::string(*json_text(messages->get_array().front().as_object(), "code"));
    }
    std::this_thread::yield();
  }
  ADD_FAILURE() << "no code came";
  return "";
}

std::string RunningServer::verified() {
  const std::string transaction = hold();
  const auto checked = caller_->post(transaction + "/checks", check_body(send_code(transaction)));
  EXPECT_EQ(checked.status, 200) << checked.body;
  return transaction;
}

std::string RunningServer::enrol_next() {
  const auto enrolled =
      caller_->post("/v1/subjects/" + identity() + "/factors", R"({"type":"totp","name":"Telefone"})");
  EXPECT_EQ(enrolled.status, 201) << enrolled.body;
  const std::string seed = from_base32(enrolled.text("secret")).value_or("");
  const crypto::TotpParameters parameters;
  const std::string code = crypto::totp(seed, crypto::totp_step(system_clock().now(), parameters), parameters);
  const auto confirmed =
      caller_->post("/v1/subjects/" + identity() + "/factors/" + enrolled.text("id") + "/confirm", check_body(code));
  EXPECT_EQ(confirmed.status, 200) << confirmed.body;
  return seed;
}

std::string RunningServer::check_body(std::string_view code, std::string_view factor) {
  return factor.empty() ? fmt::format(R"({{"code":"{}"}})", code)
                        : fmt::format(R"({{"code":"{}","factor":"{}"}})", code, factor);
}

std::vector<HttpAnswer> at_once(const RunningServer& server, std::size_t callers, const CallerWork& work) {
  std::vector<std::vector<HttpAnswer>> answers(callers);
  std::latch ready(static_cast<std::ptrdiff_t>(callers));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < callers; ++i) {
    threads.emplace_back([&, i] {
      HttpCaller caller(server.url(), server.api_key());
      EXPECT_TRUE(caller.connect());
      ready.arrive_and_wait();
      work(caller, i, answers[i]);
    });
  }
  for (auto& thread : threads) thread.join();
  std::vector<HttpAnswer> all;
  for (auto& some : answers) std::move(some.begin(), some.end(), std::back_inserter(all));
  return all;
}

std::string kind_of(const HttpAnswer& answer) {
  const std::string code = answer.text("code");
  return code.empty() ? std::to_string(answer.status) : fmt::format("{} {}", answer.status, code);
}

std::size_t count(const std::vector<HttpAnswer>& answers, std::string_view kind) {
  return static_cast<std::size_t>(
      std::count_if(answers.begin(), answers.end(), [&](const HttpAnswer& a) { return kind_of(a) == kind; }));
}

std::string tally(const std::vector<HttpAnswer>& answers) {
  std::map<std::string, int> kinds;
  for (const auto& answer : answers) ++kinds[kind_of(answer)];
  std::string text;
  for (const auto& [kind, number] : kinds) text += fmt::format("{} x {}\n", number, kind);
  return text;
}

}  // namespace countersign::testing
