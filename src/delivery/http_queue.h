#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "delivery/http_client.h"

namespace countersign::delivery {

/// A call that waits for a slot. Its body is wiped with it.
struct WaitingCall {
  WaitingCall(std::string host_and_port, std::string host_alone, HttpCall the_call, HttpDone when_done,
              MonotonicTime due)
      : host(std::move(host_and_port)),
        name(std::move(host_alone)),
        call(std::move(the_call)),
        done(std::move(when_done)),
        deadline(due) {}
  WaitingCall(WaitingCall&&) = default;
  WaitingCall& operator=(WaitingCall&&) = default;
  ~WaitingCall() { wipe(call.body.data(), call.body.size()); }

  std::string host;  ///< Host and port: the key of the limits.
  std::string name;  ///< The host alone, for the guard.
  HttpCall call;
  HttpDone done;
  MonotonicTime deadline;  ///< When its wait ends.
};

/// The calls that wait for a slot, in one queue per host. Hosts take turns; within a host it is first come, first
/// served. The cost of a step does not depend on how many wait. Not thread-safe.
class HttpQueue {
 public:
  explicit HttpQueue(const HttpClientOptions& options) : options_(options) {}

  /// nullopt if accepted; otherwise returns the call.
  [[nodiscard]] std::optional<WaitingCall> push(WaitingCall call);

  /// The next call that may start; it counts as running until finished() is called for its host.
  [[nodiscard]] std::optional<WaitingCall> pop();
  void finished(const std::string& host);

  /// Removes the calls whose deadline has passed.
  [[nodiscard]] std::vector<WaitingCall> take_expired(MonotonicTime now);
  /// Removes all calls.
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
  std::deque<std::string> turn_;  // Hosts that may start a call; each at most once.
  std::size_t waiting_ = 0;
  std::size_t running_ = 0;
};

}  // namespace countersign::delivery
