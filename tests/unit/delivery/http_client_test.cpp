// Long because every rule of the client is held against servers that break it.

#include "delivery/http_client.h"

#include <gmock/gmock.h>

#include <atomic>
#include <condition_variable>
#include <latch>
#include <mutex>
#include <set>
#include <thread>

#include "base/encoding.h"
#include "support/doubles/closed_port.h"
#include "unit/delivery/http_fixture.h"

namespace countersign::delivery {
namespace {

using namespace testing;
using countersign::testing::ClosedPort;
using countersign::testing::HttpServer;
using countersign::testing::ServerReply;
using countersign::testing::ServerRequest;
using countersign::testing::TlsIdentity;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

ServerReply ok(std::string body = "ok") { return {200, {}, std::move(body)}; }

TEST(HttpClient, SendsWhatItIsGivenAndReturnsWhatItGot) {
  HttpServer server([](const ServerRequest&) {
    return ServerReply{201, {{"X-Answer", " spaced value "}, {"Retry-After", "7"}}, "the body"};
  });
  HttpClient client({}, system_clock());
  auto call = local_call(server.url("/a?b=c"), "POST", "payload");
  call.headers = {{"Content-Type", "text/plain"}, {"X-Empty", ""}};
  call.auth = BasicAuth{"user", SecretString("pass:word")};

  const auto answer = fetch(client, std::move(call));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->body, "the body");
  EXPECT_EQ(answer->header("x-answer"), "spaced value");
  EXPECT_EQ(answer->header("retry-after"), "7");
  EXPECT_EQ(answer->header("absent"), std::nullopt);
  EXPECT_GT(answer->duration, 0s);

  const auto request = server.exchanges().at(0).request;
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/a?b=c");
  EXPECT_EQ(request.body, "payload");
  EXPECT_EQ(request.header("content-type"), "text/plain");
  EXPECT_EQ(request.header("authorization"), "Basic " + to_base64("user:pass:word"));
  EXPECT_EQ(request.header("user-agent"), "countersign");
  EXPECT_EQ(request.header("expect"), "");
}

TEST(HttpClient, SpeaksEveryMethodWithAndWithoutBody) {
  HttpServer server([](const ServerRequest&) { return ok(); });
  HttpClient client({}, system_clock());
  for (const auto& [method, body] : std::vector<std::pair<std::string, std::string>>{
           {"GET", ""}, {"POST", ""}, {"PUT", "x"}, {"PATCH", "y"}, {"DELETE", ""}}) {
    ASSERT_TRUE(fetch(client, local_call(server.url("/"), method, body))) << method;
    EXPECT_EQ(server.exchanges().back().request.method, method);
    EXPECT_EQ(server.exchanges().back().request.body, body);
  }
}

TEST(HttpClient, KeepsConnections) {
  HttpServer server([](const ServerRequest&) { return ok(); });
  HttpClient client({}, system_clock());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(fetch(client, local_call(server.url("/"), "POST", "x")));
  EXPECT_EQ(server.connections(), 1u);
}

TEST(HttpClient, OpensAnotherWhereOneWasIdleForLong) {
  HttpServer server([](const ServerRequest&) { return ok(); });
  HttpClient client({.idle_max = std::chrono::seconds(1)}, system_clock());
  ASSERT_TRUE(fetch(client, local_call(server.url("/"), "POST", "x")));
  std::this_thread::sleep_for(std::chrono::milliseconds(2'100));
  ASSERT_TRUE(fetch(client, local_call(server.url("/"), "POST", "x")));
  EXPECT_EQ(server.connections(), 2u);
}

TEST(HttpClient, DoesNotFollowRedirects) {
  HttpServer server([](const ServerRequest& request) {
    return request.path == "/from" ? ServerReply{302, {{"Location", "/to"}}, ""} : ok();
  });
  HttpClient client({}, system_clock());
  const auto answer = fetch(client, local_call(server.url("/from")));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 302);
  EXPECT_EQ(server.exchanges().size(), 1u);
}

TEST(HttpClient, RefusesUnusableCalls) {
  HttpServer server([](const ServerRequest&) { return ok(); });
  HttpClient client({}, system_clock());
  const auto fault_of = [&](HttpCall call) {
    const auto answer = fetch(client, std::move(call));
    return answer ? std::string("answered") : std::string(name_of(answer.error().fault));
  };
  EXPECT_EQ(fault_of(local_call("not a url")), "other");
  EXPECT_EQ(fault_of(local_call("file:///etc/passwd")), "other");
  EXPECT_EQ(fault_of(local_call("gopher://127.0.0.1/")), "other");
  EXPECT_EQ(fault_of(local_call("http://user:pass@127.0.0.1:" + std::to_string(server.port()))), "other");
  EXPECT_EQ(fault_of(local_call("")), "other");
  auto https_only = local_call(server.url("/"));
  https_only.plain_http = PlainHttp::kRefused;
  EXPECT_EQ(fault_of(std::move(https_only)), "other");
  auto split_header = local_call(server.url("/"));
  split_header.headers = {{"X-A", "b\r\nX-C: d"}};
  EXPECT_EQ(fault_of(std::move(split_header)), "other");
  auto split_name = local_call(server.url("/"));
  split_name.headers = {{"X-A: b\r\nX-C", "d"}};
  EXPECT_EQ(fault_of(std::move(split_name)), "other");
  EXPECT_EQ(fault_of(local_call(server.url("/"), "GET / HTTP/1.1\r\nX: y\r\n\r\nPOST")), "other");
  EXPECT_EQ(server.exchanges().size(), 0u);
}

TEST(HttpClient, SaysWhetherTheRequestMayHaveArrived) {
  HttpServer server([](const ServerRequest&) { return ServerReply{.how = ServerReply::How::kDrop}; });
  HttpClient client({}, system_clock());
  const auto dropped = fetch(client, local_call(server.url("/"), "POST", "x"));
  ASSERT_FALSE(dropped);
  EXPECT_EQ(dropped.error().fault, HttpFault::kConnect);
  EXPECT_TRUE(dropped.error().maybe_sent);

  const ClosedPort closed;
  const auto refused = fetch(client, local_call(closed.url("/"), "POST", "x"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, HttpFault::kConnect);
  EXPECT_FALSE(refused.error().maybe_sent);
}

TEST(HttpClient, NeverRepeatsABodyByItselfWhenAKeptConnectionBreaks) {
  std::atomic<int> seen = 0;
  HttpServer server(
      [&](const ServerRequest&) { return ++seen == 1 ? ok() : ServerReply{.how = ServerReply::How::kDrop}; });
  HttpClient client({}, system_clock());
  ASSERT_TRUE(fetch(client, local_call(server.url("/"), "POST", "first")));
  const auto second = fetch(client, local_call(server.url("/"), "POST", "second"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().fault, HttpFault::kConnect);
  EXPECT_TRUE(second.error().maybe_sent);
  EXPECT_EQ(seen, 2);
}

TEST(HttpClient, TimesOut) {
  HttpServer server([](const ServerRequest&) { return ServerReply{.how = ServerReply::How::kHang}; });
  HttpClient client({}, system_clock());
  // On a slow machine a call may be over before it has left; then it gets more time.
  bool maybe_sent = false;
  for (auto timeout = 100ms; !maybe_sent && timeout < 60s; timeout *= 4) {
    auto call = local_call(server.url("/"), "POST", "x");
    call.total_timeout = timeout;
    const auto answer = fetch(client, std::move(call));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().fault, HttpFault::kTimeout);
    maybe_sent = answer.error().maybe_sent;
  }
  EXPECT_TRUE(maybe_sent);
}

TEST(HttpClient, RefusesWhatGetsNoSlotInTime) {
  HttpServer server([](const ServerRequest&) { return ServerReply{.how = ServerReply::How::kHang}; });
  HttpClient client({.concurrent_max = 1}, system_clock());
  auto [first_done, first] = promised<HttpResult>();
  client.send(local_call(server.url("/first")), std::move(first_done));
  auto call = local_call(server.url("/second"));
  call.slot_timeout = 100ms;
  const auto second = fetch(client, std::move(call));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().fault, HttpFault::kOverloaded);
  EXPECT_FALSE(second.error().maybe_sent);
  client.stop(0ms);
  EXPECT_EQ(wait_for(first).error().fault, HttpFault::kShutDown);
}

/// Whether seven calls, one at a time, are all answered, of which each takes `unit` and may take five: the last one
/// waits for its turn for longer than that.
bool answers_each_in_its_turn(std::chrono::milliseconds unit) {
  HttpServer server([unit](const ServerRequest&) {
    std::this_thread::sleep_for(unit);
    return ok();
  });
  HttpClient client({.concurrent_max = 1}, system_clock());
  std::vector<std::future<HttpResult>> answers;
  for (int i = 0; i < 7; ++i) {
    auto [done, answer] = promised<HttpResult>();
    auto call = local_call(server.url("/"));
    call.total_timeout = 5 * unit;
    client.send(std::move(call), std::move(done));
    answers.push_back(std::move(answer));
  }
  bool all = true;
  for (auto& answer : answers) all = wait_for(answer).has_value() && all;
  return all;
}

TEST(HttpClient, CountsTheTimeOfACallFromItsStart) {
  // A machine that stands still meanwhile gets another try, with more time.
  EXPECT_TRUE(answers_each_in_its_turn(400ms) || answers_each_in_its_turn(1600ms) || answers_each_in_its_turn(6400ms));
}

TEST(HttpClient, BoundsTheAnswer) {
  HttpServer server([](const ServerRequest& request) {
    if (request.path == "/headers") {
      ServerReply reply = ok();
      for (int i = 0; i < 80; ++i) reply.headers.emplace_back("X-" + std::to_string(i), std::string(1'000, 'h'));
      return reply;
    }
    return ok(std::string(request.path == "/fits" ? 1'000 : 1'001, 'x'));
  });
  HttpClient client({}, system_clock());
  const auto sized = [&](std::string_view path) {
    auto call = local_call(server.url(path));
    call.response_max = 1'000;
    return fetch(client, std::move(call));
  };
  ASSERT_TRUE(sized("/fits"));
  ASSERT_FALSE(sized("/larger"));
  EXPECT_EQ(sized("/larger").error().fault, HttpFault::kTooLarge);
  ASSERT_FALSE(sized("/headers"));
  EXPECT_EQ(sized("/headers").error().fault, HttpFault::kTooLarge);
}

TEST(HttpClient, RefusesWhatIsNotHttp) {
  HttpServer server(
      [](const ServerRequest&) { return ServerReply{.body = "<html>hello</html>", .how = ServerReply::How::kRaw}; });
  HttpClient client({}, system_clock());
  const auto answer = fetch(client, local_call(server.url("/")));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, HttpFault::kOther);
}

TEST(HttpClient, RefusesACertificateThatItDoesNotTrust) {
  const TlsIdentity identity;
  HttpServer server([](const ServerRequest&) { return ok(); }, &identity);
  HttpClient client({}, system_clock());
  const auto answer = fetch(client, local_call(server.url("/"), "POST", "secret"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, HttpFault::kTls);
  EXPECT_FALSE(answer.error().maybe_sent);
  EXPECT_TRUE(server.exchanges().empty());
}

TEST(HttpClient, AcceptsACertificateOfAConfiguredAuthority) {
  const TlsIdentity identity;
  HttpServer server([](const ServerRequest&) { return ok(); }, &identity);
  HttpClient client({.ca_bundle = identity.certificate_file()}, system_clock());
  auto call = local_call(server.url("/"));
  call.plain_http = PlainHttp::kRefused;
  EXPECT_TRUE(fetch(client, std::move(call)));
}

TEST(HttpClient, RefusesACertificateForAnotherName) {
  const TlsIdentity identity("DNS:elsewhere.example");
  HttpServer server([](const ServerRequest&) { return ok(); }, &identity);
  HttpClient client({.ca_bundle = identity.certificate_file()}, system_clock());
  const auto answer = fetch(client, local_call(server.url("/"), "POST", "secret"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, HttpFault::kTls);
  EXPECT_TRUE(server.exchanges().empty());
}

TEST(HttpClient, ResolvesNothingForAnUnknownName) {
  HttpClient client({}, system_clock());
  const auto answer = fetch(client, local_call("http://nowhere.invalid/"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, HttpFault::kResolve);
}

class AddressGuard : public ::testing::TestWithParam<std::string> {};

TEST_P(AddressGuard, RefusesWhatIsNotPublic) {
  HttpServer server([](const ServerRequest&) { return ok(); });
  HttpClient client({}, system_clock());
  auto call = local_call("http://" + GetParam() + ":" + std::to_string(server.port()) + "/");
  call.addresses = AddressPolicy::kPublicOnly;
  const auto answer = fetch(client, std::move(call));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, HttpFault::kRefusedAddress) << answer.error().detail;
  EXPECT_FALSE(answer.error().maybe_sent);
  EXPECT_EQ(server.connections(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Addresses, AddressGuard,
                         ::testing::Values("127.0.0.1", "127.1", "2130706433", "0x7f.1", "0.0.0.0", "localhost",
                                           "LOCALHOST", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1",
                                           "169.254.169.254", "[::1]", "[::]", "[::ffff:127.0.0.1]",
                                           "[::ffff:a9fe:a9fe]", "[fe80::1]", "[fd00:ec2::254]", "[64:ff9b::7f00:1]"));

TEST(HttpClient, ANameOfAnInnerHostIsNotEvenConnectedTo) {
  HttpServer server([](const ServerRequest&) { return ok(); });
  HttpClient client({}, system_clock());
  auto guarded = local_call("http://localhost:" + std::to_string(server.port()) + "/");
  guarded.addresses = AddressPolicy::kPublicOnly;
  const auto answer = fetch(client, std::move(guarded));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, HttpFault::kRefusedAddress);
  // What was accepted before this one would have been counted by now.
  ASSERT_TRUE(fetch(client, local_call(server.url())));
  EXPECT_EQ(server.connections(), 1U);
}

TEST(HttpClient, GuardsReusedConnectionsToo) {
  HttpServer server([](const ServerRequest&) { return ok(); });
  HttpClient client({}, system_clock());
  const auto url = "http://localhost:" + std::to_string(server.port()) + "/";
  ASSERT_TRUE(fetch(client, local_call(url)));  // Leaves an open connection behind.
  auto guarded = local_call(url, "POST", "x");
  guarded.addresses = AddressPolicy::kPublicOnly;
  const auto answer = fetch(client, std::move(guarded));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, HttpFault::kRefusedAddress);
  EXPECT_FALSE(answer.error().maybe_sent);
  EXPECT_EQ(server.exchanges().size(), 1u);
}

TEST(HttpClient, ReadsNoProxyFromTheEnvironment) {
  HttpServer server([](const ServerRequest&) { return ok(); });
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  HttpClient client({}, system_clock());
  EXPECT_TRUE(fetch(client, local_call(server.url("/"))));
  unsetenv("http_proxy");
  unsetenv("ALL_PROXY");
}

TEST(HttpClient, UsesAConfiguredProxyAndStillGuardsLiteralAddresses) {
  HttpServer proxy([](const ServerRequest&) { return ok("by proxy"); });
  setenv("no_proxy", "service.example", 1);  // Not asked either.
  HttpClient client({.proxy = proxy.url()}, system_clock());
  const auto answer = fetch(client, local_call("http://service.example/path"));
  unsetenv("no_proxy");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "by proxy");
  EXPECT_EQ(proxy.exchanges().at(0).request.path, "http://service.example/path");
  auto metadata = local_call("http://169.254.169.254/latest");
  metadata.addresses = AddressPolicy::kPublicOnly;
  EXPECT_EQ(fetch(client, std::move(metadata)).error().fault, HttpFault::kRefusedAddress);
}

/// Counts calls that have ended and lets the test wait for a number of them.
class Tally {
 public:
  HttpDone done() {
    return [this](HttpResult result) {
      const std::lock_guard lock(mutex_);
      ++(result ? answered_ : faults_[result.error().fault]);
      changed_.notify_all();
    };
  }
  bool wait_for_total(std::size_t total) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return total_now() >= total; });
  }
  std::size_t answered() const { return answered_; }
  std::size_t of(HttpFault fault) { return faults_[fault]; }

 private:
  std::size_t total_now() const {
    std::size_t total = answered_;
    for (const auto& [fault, count] : faults_) total += count;
    return total;
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t answered_ = 0;
  std::map<HttpFault, std::size_t> faults_;
};

TEST(HttpClient, RunsAThousandCallsWithBoundedConcurrency) {
  HttpServer server([](const ServerRequest&) { return ok(); });
  HttpClient client({.concurrent_max = 8, .concurrent_per_host_max = 8}, system_clock());
  Tally tally;
  for (int i = 0; i < 1'000; ++i) client.send(local_call(server.url("/"), "POST", std::to_string(i)), tally.done());
  ASSERT_TRUE(tally.wait_for_total(1'000));
  EXPECT_EQ(tally.answered(), 1'000u);
  EXPECT_LE(server.concurrent_max(), 8u);
  EXPECT_LE(server.connections(), 8u);
  std::set<std::string> bodies;
  for (const auto& exchange : server.exchanges()) bodies.insert(exchange.request.body);
  EXPECT_EQ(bodies.size(), 1'000u);
}

/// Holds every request until it is opened.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

void expect_bounded_queue(HttpClientOptions options) {
  Gate gate;
  HttpServer server([&](const ServerRequest&) {
    gate.pass();
    return ok();
  });
  options.concurrent_max = 4;
  options.concurrent_per_host_max = 4;
  Tally tally;
  HttpClient client(std::move(options), system_clock());
  for (int i = 0; i < 100; ++i) client.send(local_call(server.url("/")), tally.done());
  // All but what runs or waits has been refused while the server still holds the rest.
  EXPECT_TRUE(tally.wait_for_total(100 - 14));
  gate.open();
  ASSERT_TRUE(tally.wait_for_total(100));
  EXPECT_GE(tally.answered(), 10u);
  EXPECT_LE(tally.answered(), 14u);
  EXPECT_EQ(tally.answered() + tally.of(HttpFault::kOverloaded), 100u);
}

TEST(HttpClient, RefusesWhatTheQueueCannotHold) { expect_bounded_queue({.waiting_max = 10}); }

TEST(HttpClient, RefusesWhatTheLineOfOneHostCannotHold) { expect_bounded_queue({.waiting_per_host_max = 10}); }

TEST(HttpClient, ASlowHostDoesNotHoldUpTheOthers) {
  Gate gate;
  HttpServer slow([&](const ServerRequest&) {
    gate.pass();
    return ok();
  });
  HttpServer quick([](const ServerRequest&) { return ok(); });
  HttpClient client({.concurrent_max = 4, .concurrent_per_host_max = 2}, system_clock());
  Tally tally;
  for (int i = 0; i < 50; ++i) client.send(local_call(slow.url("/")), tally.done());
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(fetch(client, local_call(quick.url("/"))));
  EXPECT_EQ(tally.answered(), 0u);
  EXPECT_EQ(client.load().running, 2u);
  EXPECT_EQ(client.load().waiting, 48u);
  gate.open();
  ASSERT_TRUE(tally.wait_for_total(50));
  EXPECT_LE(slow.concurrent_max(), 2u);
}

TEST(HttpClient, DrainsWhenStopped) {
  HttpServer server([](const ServerRequest&) { return ok(); });
  HttpClient client({.concurrent_max = 2, .concurrent_per_host_max = 2}, system_clock());
  Tally tally;
  for (int i = 0; i < 50; ++i) client.send(local_call(server.url("/")), tally.done());
  client.stop(kPatience);
  EXPECT_EQ(tally.answered(), 50u);
  client.send(local_call(server.url("/")), tally.done());
  EXPECT_EQ(tally.of(HttpFault::kShutDown), 1u);
  client.stop(0ms);
}

TEST(HttpClient, AnswersEveryCallWhenItIsDestroyed) {
  HttpServer server([](const ServerRequest&) { return ServerReply{.how = ServerReply::How::kHang}; });
  Tally tally;
  {
    HttpClient client({.concurrent_max = 2}, system_clock());
    for (int i = 0; i < 10; ++i) client.send(local_call(server.url("/")), tally.done());
  }
  EXPECT_EQ(tally.of(HttpFault::kShutDown), 10u);
}

TEST(HttpClient, TakesCallsFromManyThreadsAndFromCallbacks) {
  HttpServer server([](const ServerRequest&) { return ok(); });
  HttpClient client({}, system_clock());
  Tally tally;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        client.send(local_call(server.url("/first")), [&](HttpResult first) {
          ASSERT_TRUE(first);
          client.send(local_call(server.url("/second")), tally.done());
        });
      }
    });
  }
  for (auto& thread : threads) thread.join();
  ASSERT_TRUE(tally.wait_for_total(100));
  EXPECT_EQ(tally.answered(), 100u);
}

TEST(HttpClient, KeepsSecretsOutOfErrors) {
  HttpServer server([](const ServerRequest&) { return ServerReply{.how = ServerReply::How::kDrop}; });
  HttpClient client({}, system_clock());
  auto call = local_call(server.url("/token-in-path?key=value-in-query"), "POST", "body-secret");
  call.headers = {{"X-Key", "header-secret"}};
  call.auth = BasicAuth{"user", SecretString("auth-secret")};
  const auto answer = fetch(client, std::move(call));
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().detail, Not(HasSubstr("secret")));
  EXPECT_THAT(answer.error().detail, Not(HasSubstr("token-in-path")));
  EXPECT_THAT(answer.error().detail, Not(HasSubstr("value-in-query")));
}

TEST(FormEncode, EscapesAllButUnreservedCharacters) {
  EXPECT_EQ(form_encode({{"To", "+15017122661"}, {"Amount", "€ 39.99"}, {"Payee", "A&B=C"}}),
            "To=%2B15017122661&Amount=%E2%82%AC%2039.99&Payee=A%26B%3DC");
  EXPECT_EQ(form_encode({}), "");
}

}  // namespace
}  // namespace countersign::delivery
