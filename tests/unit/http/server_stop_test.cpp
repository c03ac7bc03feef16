#include <gmock/gmock.h>

#include <future>

#include "unit/http/server_fixture.h"

namespace countersign::http::testing {
namespace {

using std::chrono::milliseconds;

TEST_F(ServerTest, DrainsWhatIsUnderWayAndClosesTheRest) {
  Server& server = start();
  auto idle = client();
  EXPECT_EQ(idle.ask(kGetEcho).status, 200);
  auto fresh = client();
  auto busy = client();
  busy.send("GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\n");
  auto asked = later_.take();
  auto drained = std::async(std::launch::async, [&] { return server.drain(kPatience); });
  EXPECT_TRUE(idle.is_closed());
  EXPECT_TRUE(fresh.is_closed());
  asked.reply.send({.body = "done"});
  const auto response = busy.read_response();
  EXPECT_EQ(response.body, "done");
  EXPECT_EQ(response.headers.at("Connection"), "close");
  EXPECT_TRUE(busy.is_closed());
  busy.abort();
  EXPECT_TRUE(drained.get());
  EXPECT_THROW(client(), std::system_error) << "nobody listens";
}

TEST_F(ServerTest, ServesOnWhenTheEndIsAnnouncedAndClosesBehindEveryAnswer) {
  Server& server = start();
  auto kept = client();
  EXPECT_FALSE(kept.ask(kGetEcho).headers.contains("Connection"));
  server.close_after_responses();
  const auto last = kept.ask(kGetEcho);
  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(last.headers.at("Connection"), "close");
  EXPECT_TRUE(kept.is_closed());
  auto late = client();
  EXPECT_EQ(late.ask(kGetEcho).status, 200) << "the door is open";
}

TEST_F(ServerTest, DrainAnswersWhatComesOnAnIdleConnection) {
  options_.timeouts.parting = std::chrono::minutes(10);
  Server& server = start();
  auto idle = client();
  EXPECT_EQ(idle.ask(kGetEcho).status, 200);
  auto drained = std::async(std::launch::async, [&] { return server.drain(kPatience); });
  EXPECT_TRUE(cannot_connect()) << "the draining has begun";
  const auto last = idle.ask(kGetEcho);
  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(last.headers.at("Connection"), "close");
  idle.abort();
  EXPECT_TRUE(drained.get());
}

// A proxy that connected, and sent its request, at the last moment: closing the door would reset it.
TEST_F(ServerTest, DrainServesWhoWaitsAtTheDoor) {
  options_.timeouts.parting = std::chrono::minutes(10);
  router_.add(Method::kGet, "/busy", "busy", [this](const Request&, Reply reply) {
    // The only I/O thread is here, and accepts nobody.
    entered_.put(0);
    go_on_.take();
    reply.send({.body = "at last"});
  });
  Server& server = start();
  auto busy = client();
  busy.send("GET /busy HTTP/1.1\r\nHost: a\r\n\r\n");
  entered_.take();
  std::vector<RawClient> waiting;
  for (int i = 0; i < 20; ++i) {
    waiting.push_back(client());
    waiting.back().send(kGetEcho);
  }
  auto drained = std::async(std::launch::async, [&] { return server.drain(kPatience); });
  go_on_.put(0);
  EXPECT_EQ(busy.read_response().body, "at last");
  busy.abort();
  for (auto& one : waiting) {
    EXPECT_EQ(one.read_response().status, 200);
    one.abort();
  }
  EXPECT_TRUE(drained.get());
}

TEST_F(ServerTest, DrainReadsOutARequestThatHasBegun) {
  Server& server = start();
  auto half = client();
  half.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(half.read_response(true).status, 100);
  auto idle = client();
  EXPECT_EQ(idle.ask(kGetEcho).status, 200);
  auto drained = std::async(std::launch::async, [&] { return server.drain(kPatience); });
  EXPECT_TRUE(idle.is_closed()) << "the draining has begun";
  EXPECT_EQ(half.ask("hi").body, "hi");
  half.abort();
  EXPECT_TRUE(drained.get());
}

TEST_F(ServerTest, DrainEndsAtItsDeadline) {
  Server& server = start();
  auto c = client();
  c.send("GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\n");
  auto asked = later_.take();
  EXPECT_FALSE(server.drain(milliseconds(20)));
  EXPECT_TRUE(c.is_closed());
  asked.reply.send({.body = "into the void"});
}

TEST_F(ServerTest, RepliesMayOutliveTheServer) {
  start();
  auto c = client();
  c.send("GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\n");
  auto sent = later_.take();
  auto d = client();
  d.send("GET /later/2 HTTP/1.1\r\nHost: a\r\n\r\n");
  {
    const auto dropped = later_.take();
    server_.reset();
  }
  sent.reply.send({.body = "into the void"});
  EXPECT_TRUE(c.is_closed());
}

TEST_F(ServerTest, DropsWhatIsPostedAfterTheStop) {
  Server& server = start();
  auto c = client();
  c.send("GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\n");
  auto asked = later_.take();
  Executor& executor = asked.reply.executor();
  server.stop();
  bool ran = false;
  executor.post([&] { ran = true; });
  executor.post_all({});
  EXPECT_FALSE(ran);
  server.stop();
}

TEST_F(ServerTest, StopsUnderLoad) {
  options_.io_threads = 2;
  Server& server = start();
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([port = server.port()] {
      try {
        for (;;) {
          RawClient c(port);
          while (c.ask(kGetEcho).status == 200) {
          }
        }
      } catch (const std::system_error&) {  // The server has gone.
      }
    });
  }
  for (int i = 0; i < 200; ++i) finished_.take();
  server.stop();
  for (auto& thread : clients) thread.join();
}

}  // namespace
}  // namespace countersign::http::testing
