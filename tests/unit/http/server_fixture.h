#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "http/server.h"
#include "support/fake_time.h"
#include "unit/http/raw_client.h"

namespace countersign::http::testing {

/// What comes at all comes within this, on the slowest machine.
inline constexpr auto kPatience = std::chrono::minutes(5);

inline constexpr std::string_view kGetEcho = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";

/// Things that one thread puts in and another waits for.
template <class T>
class Mailbox {
 public:
  void put(T item) {
    const std::lock_guard lock(mutex_);
    items_.push_back(std::move(item));
    changed_.notify_all();
  }
  /// Throws after minutes without one.
  T take() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kPatience, [this] { return !items_.empty(); })) {
      throw std::runtime_error("nothing came");
    }
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }
  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> items_;
};

struct Asked {
  Request request;
  Reply reply;
};

struct Finished {
  std::string route;
  int status;
  std::string request_id;
  std::string peer;
  std::size_t bytes_in;
  std::size_t bytes_out;
  std::string object;
  std::string account;
  std::string code;
  std::string client;
};

/// A server on loopback whose deadlines are far away; a test that is about one lets the time pass that it takes.
class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    options_.timeouts = {.header = kFar,
                         .body = kFar,
                         .idle = kFar,
                         .write = kFar,
                         .parting = std::chrono::milliseconds(50),
                         .linger = kFar,
                         .tick = std::chrono::milliseconds(5)};
    Router& r = router_;
    // Answers the body, or the path where there is none.
    const Handler echo = [](Request request, Reply reply) {
      reply.send({.content_type = "text/plain; charset=utf-8",
                  .body = request.body.empty() ? request.path : std::move(request.body)});
    };
    r.add(Method::kGet, "/echo", "echo", echo);
    r.add(Method::kPost, "/echo", "echo", echo);
    r.add(Method::kGet, "/echo/{id}", "echo-id", echo);
    // Answers when the test does, from the test's thread.
    r.add(Method::kGet, "/later/{id}", "later",
          [this](Request request, Reply reply) { later_.put({std::move(request), std::move(reply)}); });
    r.add(Method::kGet, "/says", "says", [](const Request&, Reply reply) {
      reply.say_object("TX1");
      reply.say_account("AC1");
      reply.send({});
    });
    r.add(Method::kGet, "/forgotten", "forgotten", [](const Request&, const Reply&) {});
    r.add(Method::kGet, "/throws", "throws", [](const Request&, const Reply&) { throw std::runtime_error("oops"); });
    r.add(Method::kGet, "/split", "split",
          [](const Request&, Reply reply) { reply.send({.headers = {{"Location", "/a\r\nSet-Cookie: b=c"}}}); });
    r.add(Method::kGet, "/large", "large", [](const Request&, Reply reply) {
      reply.send({.content_type = "text/plain", .body = std::string(kLargeBytes, 'x')});
    });
    hooks_.on_problem = [this](std::string_view what) { problems_.put(std::string(what)); };
    hooks_.on_finished = [this](const AccessRecord& record) {
      finished_.put({std::string(record.route), record.status, std::string(record.request_id), std::string(record.peer),
                     record.bytes_in, record.bytes_out, std::string(record.object), std::string(record.account),
                     std::string(record.code), record.client.to_text()});
    };
  }

  ~ServerTest() override { server_.reset(); }

  Server& start() {
    server_.emplace(options_, std::move(router_), hooks_, *clock_, system_random());
    const auto started = server_->start();
    if (!started) throw std::runtime_error(started.error());
    return *server_;
  }

  /// Before start(): the server's time stands, but for what let_pass() lets pass.
  void stand_still() { clock_ = &time_; }
  /// Once the server has read what was sent before: its one I/O thread comes to another connection after that.
  void let_pass(Duration how_long, std::size_t listener = 0) {
    ASSERT_EQ(client(listener).ask(kGetEcho).status, 200);
    time_.advance(how_long);
  }

  RawClient client(std::size_t listener = 0) { return RawClient(server_->port(listener)); }

  /// Yields until it is so; the server's own threads bring it about.
  void wait_for_connections(std::size_t count) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (server_->connections() != count && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    ASSERT_EQ(server_->connections(), count);
  }

  /// Tries until nobody listens any more.
  bool cannot_connect() {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < end) {
      try {
        client().abort();
      } catch (const std::system_error&) {
        return true;
      }
    }
    return false;
  }

  /// More than the kernel's buffers on both sides take.
  static constexpr std::size_t kLargeBytes = 8 * 1024 * 1024;

  static constexpr Duration kFar = std::chrono::minutes(10);

  countersign::testing::FakeClock time_;
  Clock* clock_ = &system_clock();
  ServerOptions options_;
  Router router_;
  ServerHooks hooks_;
  Mailbox<int> entered_;
  Mailbox<int> go_on_;
  Mailbox<Asked> later_;
  Mailbox<std::string> problems_;
  Mailbox<Finished> finished_;
  std::optional<Server> server_;
};

}  // namespace countersign::http::testing
