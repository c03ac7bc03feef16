#include "api/inbox/feed.h"

#include <fmt/format.h>

#include <utility>

namespace countersign::api {

namespace {

constexpr std::size_t kWaitingMax = 64;
constexpr auto kTick = std::chrono::seconds(1);
/// Well below the time after which proxies close an idle response.
constexpr int kQuietTicksMax = 20;
constexpr std::string_view kNoNews = "retry: 200\n: no news\n\n";

std::string event_text(std::uint64_t revision) { return fmt::format("retry: 200\nid: {0}\ndata: {0}\n\n", revision); }

http::Response event_response(std::string text) {
  return {200, "text/event-stream; charset=utf-8", std::move(text), {}};
}

}  // namespace

// A later process starts with greater revisions, so an open page notices a restart.
Feed::Feed(const Clock& clock)
    : clock_(clock), revision_(static_cast<std::uint64_t>(to_micros(clock.now()))), ticker_(kTick, [this] { tick(); }) {
  ticker_.start();
}

Feed::~Feed() { stop(); }

std::uint64_t Feed::revision() const {
  const std::lock_guard lock(mutex_);
  return revision_;
}

void Feed::wait(std::uint64_t seen, http::Reply reply) {
  std::unique_lock lock(mutex_);
  if (stopped_ || revision_ > seen) {
    const auto text = event_text(revision_);
    lock.unlock();
    return reply.send(event_response(text));
  }
  waiting_.push_back(std::move(reply));
  if (waiting_.size() <= kWaitingMax) return;
  auto first = std::move(waiting_.front());
  waiting_.erase(waiting_.begin());
  lock.unlock();
  first.send(event_response(std::string(kNoNews)));
}

void Feed::announce(Duration later) {
  std::string text;
  {
    const std::lock_guard lock(mutex_);
    if (later > Duration{}) {
      due_ = std::max(due_.value_or(WallTime{}), clock_.now() + later);
      return;
    }
    text = event_text(++revision_);
  }
  answer_all(text);
}

Duration Feed::delay() const {
  const std::lock_guard lock(mutex_);
  return delay_;
}

void Feed::set_delay(Duration delay) {
  const std::lock_guard lock(mutex_);
  delay_ = delay;
}

void Feed::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  ticker_.stop();
  answer_all(std::string(kNoNews));
}

void Feed::tick() {
  bool due = false;
  bool quiet = false;
  {
    const std::lock_guard lock(mutex_);
    // While a delayed change is pending, every tick notifies: several may be due at different times.
    due = due_.has_value();
    if (due_ && clock_.now() >= *due_) due_.reset();
    quiet = ++quiet_ticks_ >= kQuietTicksMax;
  }
  if (due) return announce();
  if (quiet) answer_all(std::string(kNoNews));
}

void Feed::answer_all(const std::string& text) {
  std::vector<http::Reply> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting.swap(waiting_);
    quiet_ticks_ = 0;
  }
  for (auto& reply : waiting) reply.send(event_response(text));
}

}  // namespace countersign::api
