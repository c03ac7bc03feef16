#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "delivery/http_client.h"

namespace countersign::delivery {

/// A call that has no slot yet. Its body is wiped with it.
struct WaitingCall {
  WaitingCall(std::string host_and_port, HttpCall the_call, HttpDone when_done, MonotonicTime due)
      : host(std::move(host_and_port)), call(std::move(the_call)), done(std::move(when_done)), deadline(due) {}
  WaitingCall(WaitingCall&&) = default;
  WaitingCall& operator=(WaitingCall&&) = default;
  ~WaitingCall() { wipe(call.body.data(), call.body.size()); }

  std::string host;  ///< Host and port: whom the limits are for.
  HttpCall call;
  HttpDone done;
  MonotonicTime deadline;  ///< Until when it waits.
};

/// The calls that wait for a slot, in one line per host. Hosts take turns; within a host it is first come, first
/// served. Every step costs the same however many wait. Not thread-safe.
class HttpQueue {
 public:
  explicit HttpQueue(const HttpClientOptions& options) : options_(options) {}

  /// Nothing when there is room; else the call comes back.
  [[nodiscard]] std::optional<WaitingCall> push(WaitingCall call);

  /// The next call that may start now; it counts as running until finished() is called for its host.
  [[nodiscard]] std::optional<WaitingCall> pop();
  void finished(const std::string& host);

  /// Takes out the calls whose deadline has come.
  [[nodiscard]] std::vector<WaitingCall> take_expired(MonotonicTime now);
  /// Takes out all calls.
  [[nodiscard]] std::vector<WaitingCall> take_all();

  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  [[nodiscard]] std::size_t running() const { return running_; }

 private:
  struct Line {
    std::deque<WaitingCall> calls;
    std::size_t running = 0;
    bool in_turn = false;
  };
  using Lines = std::map<std::string, Line>;

  void settle(Lines::iterator line);

  const HttpClientOptions& options_;
  Lines lines_;
  std::deque<std::string> turn_;  // The hosts that may start a call; each at most once.
  std::size_t waiting_ = 0;
  std::size_t running_ = 0;
};

}  // namespace countersign::delivery
