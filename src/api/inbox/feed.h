#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/worker.h"
#include "http/reply.h"

namespace countersign::api {

/// Notifies browsers of changes by server-sent events. Each response ends after one event.
///
/// When a response ends, an EventSource reconnects with the id of the last event, so nothing is missed; the HTTP server
/// offers only Replies that are answered once. The number of waiting requests is bounded: the oldest is answered when
/// there are too many. Thread-safe.
class Feed {
 public:
  explicit Feed(const Clock& clock);
  ~Feed();  ///< stop()
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  /// The revision that a page rendered now shows.
  [[nodiscard]] std::uint64_t revision() const;

  /// Answers at once if there was a change since `seen`, else at the next change, or after some seconds without one.
  void wait(std::uint64_t seen, http::Reply reply);

  /// Something changed, or will change `later` from now.
  void announce(Duration later = {});

  /// The delay of new messages, as set on the page to simulate a slow network.
  [[nodiscard]] Duration delay() const;
  void set_delay(Duration delay);

  /// Answers all waiting requests; later ones are answered at once.
  void stop();

 private:
  void tick();
  void answer_all(const std::string& text);

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::uint64_t revision_;
  std::vector<http::Reply> waiting_;
  std::optional<WallTime> due_;
  Duration delay_{};
  int quiet_ticks_ = 0;
  bool stopped_ = false;
  Worker ticker_;
};

}  // namespace countersign::api
