#include <gmock/gmock.h>

#include "unit/http/server_fixture.h"

namespace countersign::http::testing {
namespace {

TEST_F(ServerTest, RefusesWhatIsTooLarge) {
  start();
  const std::string long_path(9000, 'a');
  const std::string long_value(17'000, 'a');
  std::string many;
  for (int i = 0; i < 101; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
  EXPECT_EQ(client().ask("GET /" + long_path + " HTTP/1.1\r\nHost: a\r\n\r\n").status, 414);
  EXPECT_EQ(client().ask("GET /echo HTTP/1.1\r\nHost: a\r\nX: " + long_value + "\r\n\r\n").status, 431);
  EXPECT_EQ(client().ask("GET /echo HTTP/1.1\r\nHost: a\r\n" + many + "\r\n").status, 431);
  EXPECT_EQ(client().ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 262145\r\n\r\n").status, 413);
  EXPECT_EQ(client().ask("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n40001\r\n").status, 413);
}

TEST_F(ServerTest, CutsOffHeadersThatDribble) {
  stand_still();
  options_.limits.head_bytes = 1024 * 1024 * 1024;
  options_.limits.headers = 1024 * 1024 * 1024;
  start();
  auto c = client();
  c.send("GET /echo HTTP/1.1\r\nHost: a\r\n");
  // There is always another byte in time, and never the last one.
  for (int i = 0; i < 5; ++i) {
    c.send("X: y\r\n");
    let_pass(kFar / 5);
  }
  EXPECT_EQ(c.read_response().status, 408);
}

TEST_F(ServerTest, CutsOffAHeadThatDoesNotEnd) {
  stand_still();
  start();
  auto c = client();
  c.send("GET /echo HTTP/1.1\r\nHost: a\r\n");
  let_pass(kFar);
  EXPECT_EQ(c.read_response().status, 408);
  EXPECT_TRUE(c.is_closed());
}

TEST_F(ServerTest, CutsOffABodyThatDoesNotEnd) {
  stand_still();
  start();
  auto c = client();
  c.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell");
  let_pass(kFar);
  EXPECT_EQ(c.read_response().status, 408);
  EXPECT_TRUE(c.is_closed());
}

TEST_F(ServerTest, ClosesAConnectionThatAsksNothing) {
  stand_still();
  start();
  auto c = client();
  let_pass(kFar);
  EXPECT_TRUE(c.is_closed());
}

TEST_F(ServerTest, ClosesIdleConnections) {
  stand_still();
  start();
  auto c = client();
  EXPECT_EQ(c.ask(kGetEcho).status, 200);
  let_pass(kFar);
  EXPECT_TRUE(c.is_closed());
}

TEST_F(ServerTest, WaitsForAHandlerAsLongAsItTakes) {
  stand_still();
  start();
  auto slow = client();
  slow.send("GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\n");
  auto asked = later_.take();
  for (int i = 0; i < 2; ++i) {
    auto other = client();
    let_pass(kFar);
    EXPECT_TRUE(other.is_closed()) << "its deadline has passed meanwhile";
  }
  asked.reply.send({.body = "at last"});
  EXPECT_EQ(slow.read_response().body, "at last");
}

TEST_F(ServerTest, SendsLargeAnswersToSlowReaders) {
  start();
  RawClient c(server_->port(), 65536);
  c.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(c.read_response().body.size(), kLargeBytes);
  EXPECT_EQ(c.read_response().body, "/echo");
}

TEST_F(ServerTest, CutsOffReadersThatDoNotRead) {
  stand_still();
  start();
  RawClient c(server_->port(), 65536);
  c.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  let_pass(kFar);
  EXPECT_EQ(finished_.take().route, "large");
  wait_for_connections(0);
}

TEST_F(ServerTest, ReadsNoFurtherWhileAnAnswerWaitsForTheClient) {
  start();
  RawClient c(server_->port(), 65536);
  std::string many = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
  for (int i = 0; i < 100; ++i) many += "GET /later/" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  c.send(many);
  EXPECT_EQ(finished_.take().route, "large");
  // The one I/O thread comes to another connection once it is done with this one.
  EXPECT_EQ(client().ask(kGetEcho).status, 200);
  EXPECT_EQ(later_.size(), 0U);
  EXPECT_EQ(c.read_response().body.size(), kLargeBytes);
  for (int i = 0; i < 100; ++i) {
    auto asked = later_.take();
    EXPECT_EQ(later_.size(), 0U);
    asked.reply.send({.body = asked.request.params.at(0)});
    EXPECT_EQ(c.read_response().body, std::to_string(i));
  }
}

TEST_F(ServerTest, BoundsConnections) {
  options_.connections_max = 2;
  start();
  auto first = client();
  auto second = client();
  EXPECT_EQ(first.ask(kGetEcho).status, 200);
  EXPECT_EQ(second.ask(kGetEcho).status, 200);
  EXPECT_TRUE(client().is_closed());
  first.abort();
  wait_for_connections(1);
  auto third = client();
  EXPECT_EQ(third.ask(kGetEcho).status, 200);
}

TEST_F(ServerTest, BoundsConnectionsOfOnePeer) {
  options_.connections_per_peer_max = 1;
  start();
  auto first = client();
  EXPECT_EQ(first.ask(kGetEcho).status, 200);
  EXPECT_TRUE(client().is_closed());
}

TEST_F(ServerTest, DoesNotCountAProxysConnectionsAsOnePeers) {
  options_.connections_per_peer_max = 1;
  options_.not_counted_per_peer = {*Cidr::parse("127.0.0.0/8")};
  start();
  auto first = client();
  EXPECT_EQ(first.ask(kGetEcho).status, 200);
  EXPECT_EQ(client().ask(kGetEcho).status, 200);
  EXPECT_EQ(server_->refused_connections(), 0U);
}

TEST_F(ServerTest, SurvivesAThousandConnectionsDroppedInTheMiddle) {
  start();
  std::string many;
  for (int i = 0; i < 50; ++i) many += kGetEcho;
  const std::vector<std::string> beginnings{"", "GET /ec",
                                            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf", many,
                                            "GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\n"};
  for (std::size_t i = 0; i < 1000; ++i) {
    auto c = client();
    c.send(beginnings[i % beginnings.size()]);
    if (i % 2 == 0) c.abort();
  }
  // They are accepted in the order of their coming: whoever comes last is answered when all are in.
  EXPECT_EQ(client().ask(kGetEcho).status, 200);
  for (auto left = later_.size(); left > 0; --left) later_.take().reply.send({.body = "to nobody"});
  // What was read only after the loop above is dropped here, unanswered, until all are gone.
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (server_->connections() > 0 && std::chrono::steady_clock::now() < end) {
    if (later_.size() > 0) later_.take();
    std::this_thread::yield();
  }
  EXPECT_EQ(server_->connections(), 0U);
  EXPECT_EQ(client().ask(kGetEcho).status, 200);
}

}  // namespace
}  // namespace countersign::http::testing
