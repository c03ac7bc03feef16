#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/worker.h"
#include "http/reply.h"

namespace countersign::api {

/// Tells browsers that something changed: server-sent events, where each answer ends after one event.
///
/// An answer that ends makes an EventSource ask again, with the id of the last event, so that nothing is missed; and a
/// Reply that is answered once is all that the HTTP server offers. What waits is bounded: the longest-waiting goes when
/// too many do. Thread-safe.
class Feed {
 public:
  explicit Feed(const Clock& clock);
  ~Feed();  ///< stop()
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  /// What a page that is rendered now shows.
  [[nodiscard]] std::uint64_t revision() const;

  /// Answers at once if there is news since `seen`, else when there is, or after some seconds without.
  void wait(std::uint64_t seen, http::Reply reply);

  /// Something changed, or will have `later` from now.
  void announce(Duration later = {});

  /// How late messages are to arrive now, as somebody chose on the page to see what a slow network does to people.
  [[nodiscard]] Duration delay() const;
  void set_delay(Duration delay);

  /// Answers everybody; who comes later is answered at once.
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
