#pragma once

#include "delivery/signals/signal.h"
#include "support/fake_time.h"
#include "unit/delivery/http_fixture.h"

namespace countersign::delivery::testing {

/// What any source makes of a server that does not answer as documented.
struct Misbehaviour {
  const char* name;
  countersign::testing::ServerReply reply;
  SignalFault fault;
};

inline std::vector<Misbehaviour> misbehaviours() {
  using countersign::testing::ServerReply;
  using How = ServerReply::How;
  const countersign::testing::Headers html = {{"Content-Type", "text/html"}};
  std::string deep(200, '[');
  return {
      {"drops", {.how = How::kDrop}, SignalFault::kUnavailable},
      {"no HTTP", {.body = "garbage\n", .how = How::kRaw}, SignalFault::kUnavailable},
      {"cut short",
       {.body = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"sc", .how = How::kRaw},
       SignalFault::kUnavailable},
      {"a captive portal", {200, html, "<html>Please log in</html>"}, SignalFault::kUnreadable},
      {"a proxy's page", {502, html, "<html>Bad gateway</html>"}, SignalFault::kUnavailable},
      {"limits us", {429, {}, "{}"}, SignalFault::kUnavailable},
      {"refuses us", {403, {}, "{}"}, SignalFault::kMisconfigured},
      {"redirects inside", {302, {{"Location", "http://127.0.0.1:1/score"}}, ""}, SignalFault::kUnavailable},
      {"huge", {200, {}, std::string(200'000, 'x')}, SignalFault::kUnreadable},
      {"empty", {200, {}, ""}, SignalFault::kUnreadable},
      {"no content", {204, {}, ""}, SignalFault::kUnreadable},
      {"an array", {200, {}, "[]"}, SignalFault::kUnreadable},
      {"an empty object", {200, {}, "{}"}, SignalFault::kUnreadable},
      {"nested", {200, {}, std::move(deep)}, SignalFault::kUnreadable},
      {"doubled names", {200, {}, R"({"score":0.1,"score":0.9})"}, SignalFault::kUnreadable},
  };
}

/// Asks, and waits for the answer.
inline SignalResult answer_of(SignalSource& source, const SignalQuestion& question,
                              std::chrono::milliseconds within = kPatience) {
  auto [done, result] = promised<SignalResult>();
  source.ask(question, within, std::move(done));
  return wait_for(result);
}

}  // namespace countersign::delivery::testing
