#include <gmock/gmock.h>

#include <set>

#include "unit/http/server_fixture.h"

namespace countersign::http::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

TEST_F(ServerTest, AnswersWithEveryHeaderThatAnAnswerHas) {
  start();
  auto c = client();
  const auto response = c.ask(kGetEcho);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "/echo");
  EXPECT_EQ(response.headers.at("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(response.headers.at("Content-Length"), "5");
  EXPECT_EQ(response.headers.at("Cache-Control"), "no-store");
  EXPECT_EQ(response.headers.at("X-Content-Type-Options"), "nosniff");
  EXPECT_THAT(response.headers.at("X-Request-Id"), MatchesRegex("[0-9a-f]{32}"));
  EXPECT_THAT(response.headers.at("Date"), MatchesRegex("[A-Z][a-z]{2}, [0-9]{2} .* GMT"));
  EXPECT_FALSE(response.headers.contains("Connection"));
}

TEST_F(ServerTest, TellsTheHandlerAboutTheConnection) {
  start();
  auto c = client();
  c.send("GET /later/a%2Fb?x=y HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine.1\r\n\r\n");
  auto asked = later_.take();
  EXPECT_EQ(asked.request.peer.to_text(), "127.0.0.1");
  EXPECT_FALSE(asked.request.tls);
  EXPECT_EQ(asked.request.id, "mine.1");
  EXPECT_EQ(asked.request.route, "later");
  EXPECT_EQ(asked.request.params, std::vector<std::string>{"a/b"});
  EXPECT_EQ(asked.request.query_value("x"), "y");
  EXPECT_LT(system_clock().now() - asked.request.received_at, std::chrono::minutes(5));
  asked.reply.send({.status = 204});
  EXPECT_EQ(c.read_response().headers.at("X-Request-Id"), "mine.1");
}

TEST_F(ServerTest, RecordsWhatARequestWasAboutAndWhyItWasRefused) {
  hooks_.client = [](const Request& request) { return *IpAddress::parse(*request.header("x-forwarded-for")); };
  start();
  auto c = client();
  const std::string id = "TX0123456789abcdef0123456789abcdef";
  const std::string from = " HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n";
  c.send("GET /later/" + id + from);
  auto asked = later_.take();
  asked.reply.send({.status = 409, .code = "already_claimed"});
  EXPECT_EQ(c.read_response().status, 409);
  auto record = finished_.take();
  EXPECT_EQ(record.object, id);
  EXPECT_EQ(record.code, "already_claimed");
  EXPECT_EQ(record.client, "203.0.113.7");
  EXPECT_EQ(record.peer, "127.0.0.1");
  EXPECT_EQ(record.account, "");
  // Of what a handler says, and nothing of the request before.
  EXPECT_EQ(c.ask("GET /says" + from).status, 200);
  record = finished_.take();
  EXPECT_EQ(record.object, "TX1");
  EXPECT_EQ(record.account, "AC1");
  EXPECT_EQ(record.code, "");
  EXPECT_EQ(c.ask("GET /nowhere" + from).status, 404);
  record = finished_.take();
  EXPECT_EQ(record.object + record.account, "");
  EXPECT_EQ(record.code, "not_found");
}

TEST_F(ServerTest, MakesItsOwnIdWhereTheClientsIsNotPlain) {
  start();
  auto c = client();
  std::set<std::string> ids;
  for (const auto* const offered : {"", "a b", "<script>", "\xc3\xa9", "a/b"}) {
    const auto response = c.ask("GET /echo HTTP/1.1\r\nHost: a\r\nX-Request-Id: " + std::string(offered) + "\r\n\r\n");
    EXPECT_THAT(response.headers.at("X-Request-Id"), MatchesRegex("[0-9a-f]{32}")) << offered;
    ids.insert(response.headers.at("X-Request-Id"));
  }
  EXPECT_EQ(ids.size(), 5U);
  const std::string longest(64, 'x');
  const auto ask_with = [&](const std::string& id) {
    return c.ask("GET /echo HTTP/1.1\r\nHost: a\r\nX-Request-Id: " + id + "\r\n\r\n").headers.at("X-Request-Id");
  };
  EXPECT_EQ(ask_with(longest), longest);
  EXPECT_NE(ask_with(longest + "x"), longest + "x");
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  start();
  auto c = client();
  c.send(
      "GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /echo/2 HTTP/1.1\r\nHost: a\r\n\r\n"
      "GET /later/3 HTTP/1.1\r\nHost: a\r\n\r\nGET /echo/4 HTTP/1.1\r\nHost: a\r\n\r\n");
  auto first = later_.take();
  EXPECT_EQ(first.request.path, "/later/1");
  EXPECT_EQ(later_.size(), 0U) << "the third is not asked before the first is answered";
  first.reply.send({.body = "1"});
  EXPECT_EQ(c.read_response().body, "1");
  EXPECT_EQ(c.read_response().body, "/echo/2");
  later_.take().reply.send({.body = "3"});
  EXPECT_EQ(c.read_response().body, "3");
  EXPECT_EQ(c.read_response().body, "/echo/4");
}

TEST_F(ServerTest, AnswersThousandsOfPipelinedRequests) {
  start();
  auto c = client();
  constexpr int kCount = 5000;
  std::thread sender([&] {
    std::string all;
    for (int i = 0; i < kCount; ++i) all += "GET /echo/" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    c.send(all);
  });
  for (int i = 0; i < kCount; ++i) ASSERT_EQ(c.read_response().body, "/echo/" + std::to_string(i));
  sender.join();
}

TEST_F(ServerTest, ReadsBodiesOfBothFramings) {
  start();
  auto c = client();
  EXPECT_EQ(c.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello").body, "hello");
  EXPECT_EQ(
      c.ask("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
          .body,
      "abcde");
  const std::string large(256 * 1024, 'x');
  EXPECT_EQ(c.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 262144\r\n\r\n" + large).body, large);
}

TEST_F(ServerTest, AnswersHeadWithoutBody) {
  start();
  auto c = client();
  c.send("HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto head = c.read_response(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("Content-Length"), "5");
  EXPECT_EQ(c.ask(kGetEcho).body, "/echo") << "the next answer follows at once";
}

TEST_F(ServerTest, SaysContinueBeforeTheBody) {
  start();
  auto c = client();
  c.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(c.read_response(true).status, 100);
  EXPECT_EQ(c.ask("hi").body, "hi");
  c.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 999999\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(c.read_response().status, 413) << "instead of the invitation";
}

TEST_F(ServerTest, ClosesWhenAskedTo) {
  start();
  for (const auto* const request :
       {"GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET /echo HTTP/1.0\r\n\r\n"}) {
    auto c = client();
    const auto response = c.ask(request);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.at("Connection"), "close");
    EXPECT_TRUE(c.is_closed());
  }
}

TEST_F(ServerTest, AnswersAClientThatHasFinishedSending) {
  start();
  auto c = client();
  c.send("GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\n");
  c.finish_sending();
  later_.take().reply.send({.body = "late"});
  EXPECT_EQ(c.read_response().body, "late");
  EXPECT_TRUE(c.is_closed());
}

TEST_F(ServerTest, KnowsUnknownPathsAndMethods) {
  start();
  auto c = client();
  const auto unknown = c.ask("GET /nope HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.headers.at("Content-Type"), "application/problem+json");
  const auto method = c.ask("BREW /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.headers.at("Allow"), "GET, HEAD, POST");
}

TEST_F(ServerTest, IgnoresUpgrades) {
  start();
  auto c = client();
  EXPECT_EQ(c.ask("GET /echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n").status, 200);
}

TEST_F(ServerTest, AnswersFiveHundredForWhatIsForgottenThrownOrUnsendable) {
  start();
  auto c = client();
  EXPECT_EQ(c.ask("GET /forgotten HTTP/1.1\r\nHost: a\r\n\r\n").status, 500);
  EXPECT_EQ(c.ask("GET /throws HTTP/1.1\r\nHost: a\r\n\r\n").status, 500);
  EXPECT_THAT(problems_.take(), HasSubstr("oops"));
  const auto split = c.ask("GET /split HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(split.status, 500);
  EXPECT_FALSE(split.headers.contains("Set-Cookie"));
  c.send("GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\n");
  {
    const auto dropped = later_.take();
  }
  EXPECT_EQ(c.read_response().status, 500) << "dropped on another thread";
  EXPECT_EQ(c.ask(kGetEcho).status, 200) << "the connection lives on";
}

TEST_F(ServerTest, TakesAnswersFromManyThreads) {
  options_.io_threads = 2;
  start();
  constexpr int kClients = 16;
  constexpr int kRounds = 50;
  std::vector<std::thread> answerers;
  for (int i = 0; i < 4; ++i) {
    answerers.emplace_back([this] {
      for (int round = 0; round < kClients * kRounds / 4; ++round) {
        auto asked = later_.take();
        asked.reply.send({.body = asked.request.params.at(0)});
      }
    });
  }
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([this, i] {
      auto c = client();
      for (int round = 0; round < kRounds; ++round) {
        const auto id = std::to_string(i) + "-" + std::to_string(round);
        EXPECT_EQ(c.ask("GET /later/" + id + " HTTP/1.1\r\nHost: a\r\n\r\n").body, id);
      }
    });
  }
  for (auto& thread : clients) thread.join();
  for (auto& thread : answerers) thread.join();
}

TEST_F(ServerTest, RunsPostedBatchesOnTheConnectionsThread) {
  start();
  auto c = client();
  c.send("GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\n");
  auto asked = later_.take();
  Executor& executor = asked.reply.executor();
  Mailbox<std::thread::id> ran_on;
  std::vector<Task> tasks;
  for (int i = 0; i < 3; ++i) tasks.emplace_back([&] { ran_on.put(std::this_thread::get_id()); });
  tasks.emplace_back([] { throw std::runtime_error("a completion"); });
  tasks.emplace_back([&, reply = std::move(asked.reply)]() mutable { reply.send({.body = "done"}); });
  executor.post_all(std::move(tasks));
  EXPECT_EQ(c.read_response().body, "done");
  const auto thread = ran_on.take();
  EXPECT_NE(thread, std::this_thread::get_id());
  EXPECT_EQ(ran_on.take(), thread);
  EXPECT_EQ(ran_on.take(), thread);
  EXPECT_THAT(problems_.take(), HasSubstr("a completion"));
}

TEST_F(ServerTest, AnsweringAClientThatIsGoneDoesNothing) {
  start();
  auto c = client();
  c.send("GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\n");
  auto asked = later_.take();
  c.abort();
  asked.reply.send({.body = std::string(1024 * 1024, 'x')});
  wait_for_connections(0);
}

TEST_F(ServerTest, ReportsEachAnswer) {
  start();
  auto c = client();
  const std::string request = "GET /echo/secret HTTP/1.1\r\nHost: a\r\nX-Request-Id: r1\r\n\r\n";
  c.ask(request);
  const auto record = finished_.take();
  EXPECT_EQ(record.route, "echo-id");
  EXPECT_EQ(record.status, 200);
  EXPECT_EQ(record.request_id, "r1");
  EXPECT_EQ(record.peer, "127.0.0.1");
  EXPECT_EQ(record.bytes_in, request.size());
  EXPECT_GT(record.bytes_out, 100U);
  c.ask("nonsense\r\n\r\n");
  EXPECT_EQ(finished_.take().status, 400);
}

TEST_F(ServerTest, ListensOnIpv6AndIpv4AtOnce) {
  options_.listeners = {{.address = "::"}, {.address = "127.0.0.1"}};
  start();
  EXPECT_NE(server_->port(0), server_->port(1));
  auto c = client(0);
  c.send("GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\n");
  auto asked = later_.take();
  EXPECT_EQ(asked.request.peer.to_text(), "127.0.0.1") << "not ::ffff:127.0.0.1";
  asked.reply.send({});
  EXPECT_EQ(c.read_response().status, 200);
}

TEST_F(ServerTest, SaysWhyItCannotStart) {
  start();
  ServerOptions taken;
  taken.listeners = {{.address = "127.0.0.1", .port = server_->port()}};
  const auto in_use = Server(taken, Router(), {}, system_clock(), system_random()).start();
  ASSERT_FALSE(in_use);
  EXPECT_THAT(in_use.error(), HasSubstr("in use"));
  ServerOptions wrong;
  wrong.listeners = {{.address = "localhost"}};
  EXPECT_THAT(Server(wrong, Router(), {}, system_clock(), system_random()).start().error(), HasSubstr("localhost"));
}

}  // namespace
}  // namespace countersign::http::testing
