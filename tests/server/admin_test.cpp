#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <set>
#include <sstream>
#include <thread>

#include "main/commands/admin.h"
#include "main/commands/api_keys.h"
#include "main/commands/providers.h"
#include "server/running_server.h"
#include "support/fake_time.h"

// What an operator does to the database of a server that runs on it.
namespace countersign::testing {
namespace {

using main::ApiKeyCommand;

class Admin : public ::testing::Test {
 protected:
  struct Ended {
    int status;
    std::string out;
    std::string err;
  };
  [[nodiscard]] Ended run(const ApiKeyCommand& command) const {
    std::ostringstream out;
    std::ostringstream err;
    const int status = main::run_api_key_command(config_, command, system_clock(), system_random(), out, err);
    return {status, out.str(), err.str()};
  }
  [[nodiscard]] Ended create(const std::string& name) const {
    return run(
        {.action = ApiKeyCommand::Action::kCreate, .account = "default", .name = name, .expires_in = {}, .id = {}});
  }
  [[nodiscard]] Ended list(const std::string& account = "") const {
    return run({.action = ApiKeyCommand::Action::kList, .account = account, .name = {}, .expires_in = {}, .id = {}});
  }
  [[nodiscard]] Ended revoke(const std::string& id) const {
    return run({.action = ApiKeyCommand::Action::kRevoke, .account = {}, .name = {}, .expires_in = {}, .id = id});
  }
  [[nodiscard]] std::filesystem::path socket() const { return main::admin_socket_of(config_); }
  [[nodiscard]] int status_with(const std::string& key) const {
    return HttpCaller(server_.url(), key).get("/v1/transactions").status;
  }

  /// Connected to the server's socket, as no command does it.
  [[nodiscard]] int connect() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket().c_str(), sizeof address.sun_path - 1);
    const int connection = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{300, 0};
    ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return connection;
  }
  [[nodiscard]] std::string ask(std::string_view request) const {
    const int connection = connect();
    EXPECT_GT(::send(connection, request.data(), request.size(), MSG_NOSIGNAL), 0);
    std::string answer(4096, '\0');
    answer.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::recv(connection, answer.data(), answer.size(), 0))));
    ::close(connection);
    return answer;
  }
  [[nodiscard]] std::string post(const std::string& path, const std::string& body) const {
    return ask("POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
               body);
  }

  main::Config config_;
  FakeClock clock_;  ///< It stands: no deadline of the server passes by itself.
  RunningServer server_{[this](main::Config& config) { config_ = config; }, clock_};
};

std::string first_line_of(const std::string& text) { return text.substr(0, text.find('\n')); }
std::string id_of(const std::string& key) { return key.substr(0, key.find('.')); }

TEST_F(Admin, AKeyMadeBesideTheServerWorksAtOnceAndARevokedOneNoMore) {
  for (int round = 0; round < 20; ++round) {
    const auto made = create("shop");
    ASSERT_EQ(made.status, 0) << made.err;
    const auto key = first_line_of(made.out);
    EXPECT_EQ(status_with(key), 200);
    const auto revoked = revoke(id_of(key));
    ASSERT_EQ(revoked.status, 0) << revoked.err;
    EXPECT_EQ(status_with(key), 401);
  }
}

TEST_F(Admin, KeysAreListedWithoutTheirSecret) {
  const auto made = run({.action = ApiKeyCommand::Action::kCreate,
                         .account = "default",
                         .name = "loja",
                         .expires_in = std::chrono::hours(48),
                         .id = {},
                         .may_vouch = true});
  ASSERT_EQ(made.status, 0) << made.err;
  const auto key = first_line_of(made.out);
  const auto listed = list();
  ASSERT_EQ(listed.status, 0) << listed.err;
  EXPECT_EQ(listed.out.find(key.substr(key.find('.') + 1)), std::string::npos);
  const auto line = first_line_of(listed.out.substr(listed.out.find(id_of(key))));
  for (const auto* part : {"valid", "default", "loja", "(may vouch)", "created 20", "expires 20", "not used yet"}) {
    EXPECT_NE(line.find(part), std::string::npos) << part << " in " << line;
  }
  ASSERT_EQ(revoke(id_of(key)).status, 0);
  EXPECT_NE(list("default").out.find(id_of(key) + "  revoked"), std::string::npos);
  EXPECT_EQ(list("nobody").status, 1);
}

TEST_F(Admin, RefusalsComeAsOneSentence) {
  EXPECT_EQ(revoke("SK1").err, "countersign: an API key's id is SK and 32 hex digits\n");
  EXPECT_EQ(revoke("SK" + std::string(32, '0')).err, "countersign: there is no such key, or it was revoked before\n");
  EXPECT_EQ(create("a\x1b[2Jb").status, 1) << "what would steer the terminal of whoever lists it";
  EXPECT_EQ(create("").status, 1);
  EXPECT_EQ(create(std::string(101, 'a')).status, 1);
}

TEST_F(Admin, WhatIsMadeAndRevokedIsInTheTrail) {
  const auto key = first_line_of(create("shop").out);
  ASSERT_EQ(revoke(id_of(key)).status, 0);
  for (const std::string type : {"api_key.created", "api_key.revoked"}) {
    const auto events = server_.caller().get("/v1/events?type=" + type);
    EXPECT_NE(events.body.find(id_of(key)), std::string::npos) << events.body;
    EXPECT_NE(events.body.find("\"operator\""), std::string::npos) << events.body;
    EXPECT_EQ(events.body.find(key.substr(key.find('.'))), std::string::npos);
  }
}

TEST_F(Admin, ManyCommandsAtOnceAreAllDone) {
  constexpr int kMany = 12;
  std::vector<Ended> ended(kMany);
  std::vector<std::thread> threads;
  for (int i = 0; i < kMany; ++i) threads.emplace_back([&, i] { ended[static_cast<std::size_t>(i)] = create("k"); });
  for (auto& thread : threads) thread.join();
  std::set<std::string> keys;
  for (const auto& one : ended) {
    ASSERT_EQ(one.status, 0) << one.err;
    keys.insert(first_line_of(one.out));
    EXPECT_EQ(status_with(first_line_of(one.out)), 200);
  }
  EXPECT_EQ(keys.size(), static_cast<std::size_t>(kMany));
}

TEST_F(Admin, AProviderIsDrainedAndPutToUseAgain) {
  using Action = main::ProvidersCommand::Action;
  const auto providers = [&](Action action, const std::string& name = "") {
    std::ostringstream out;
    std::ostringstream err;
    const int status = main::run_providers_command(config_, {action, name}, system_clock(), system_random(), out, err);
    return Ended{status, out.str(), err.str()};
  };
  EXPECT_NE(providers(Action::kList).out.find("circuit closed   in use"), std::string::npos);
  const auto drained = providers(Action::kDrain, "inbox");
  EXPECT_EQ(drained.status, 0);
  EXPECT_EQ(drained.out, "drained inbox\n");
  EXPECT_NE(drained.err.find("default sms go on all the same"), std::string::npos) << drained.err;
  EXPECT_NE(providers(Action::kList).out.find("drained since 2"), std::string::npos);
  EXPECT_EQ(providers(Action::kUndrain, "inbox").out, "in use inbox\n");
  EXPECT_NE(providers(Action::kList).out.find("in use"), std::string::npos);
  const auto unknown = providers(Action::kDrain, "gone");
  EXPECT_EQ(unknown.status, 1);
  EXPECT_NE(unknown.err.find("there is no provider \"gone\""), std::string::npos);
}

TEST_F(Admin, TheSocketIsForTheServersUserAlone) {
  struct stat status{};
  ASSERT_EQ(::lstat(socket().c_str(), &status), 0);
  EXPECT_TRUE(S_ISSOCK(status.st_mode));
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(Admin, WhatNoCommandWouldSendIsRefused) {
  EXPECT_TRUE(post("/admin/api_key.list", "{}").starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(post("/admin/api_key.list", "[]").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(post("/admin/api_key.list", "{\"account\":\"a\",\"account\":\"b\"}").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(post("/admin/format_disk", "{}").starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(post("/v1/transactions", "{}").starts_with("HTTP/1.1 404 ")) << "the API is not there";
  EXPECT_TRUE(ask("GET /admin/api_key.list HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 405 "));
  EXPECT_TRUE(ask("POST /admin/api_key.list HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n")
                  .starts_with("HTTP/1.1 413 "));
  for (const auto* body : {R"({"account":1,"name":2})", R"({"account":"default","name":"x","expires_in_seconds":-1})",
                           R"({"account":"default","name":"x","expires_in_seconds":9007199254740991})"}) {
    EXPECT_TRUE(post("/admin/api_key.create", body).starts_with("HTTP/1.1 422 ")) << body;
  }
  EXPECT_TRUE(post("/admin/api_key.revoke", R"({"id":[]})").starts_with("HTTP/1.1 422 "));
  EXPECT_TRUE(server_.caller().post("/admin/api_key.list", "{}").status == 404) << "nor is this in the API";
}

TEST_F(Admin, WhoeverIsSlowIsClosedAndKeepsNobodyWaiting) {
  std::vector<int> slow;
  for (int i = 0; i < 8; ++i) {
    slow.push_back(connect());
    ASSERT_GT(::send(slow.back(), "POST /admin/", 12, MSG_NOSIGNAL), 0);
  }
  EXPECT_EQ(create("shop").status, 0);
  EXPECT_EQ(create("another").status, 0);
  // Those eight have been read by now, and their time passes for all of them at once.
  clock_.advance(std::chrono::seconds(10));
  for (const int connection : slow) {
    std::string answer(4096, '\0');
    answer.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::recv(connection, answer.data(), answer.size(), 0))));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 ")) << answer;
    ::close(connection);
  }
}

TEST_F(Admin, ConnectionsAreBounded) {
  std::vector<int> held;
  for (int i = 0; i < 16; ++i) held.push_back(connect());
  // The sixteen are in, in whatever order; one more is closed unanswered.
  const int one_more = connect();
  char byte = 0;
  EXPECT_EQ(::recv(one_more, &byte, 1, 0), 0) << "and not because it said nothing: no time passes";
  ::close(one_more);
  for (const int connection : held) ::close(connection);
}

}  // namespace
}  // namespace countersign::testing
