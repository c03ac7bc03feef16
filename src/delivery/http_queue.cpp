#include "delivery/http_queue.h"

#include <algorithm>
#include <iterator>

namespace countersign::delivery {

std::optional<WaitingCall> HttpQueue::push(WaitingCall call) {
  if (waiting_ >= options_.waiting_max) return call;
  const auto line = lines_.try_emplace(call.host).first;
  if (line->second.calls.size() >= options_.waiting_per_host_max) return call;
  line->second.calls.push_back(std::move(call));
  ++waiting_;
  settle(line);
  return std::nullopt;
}

std::optional<WaitingCall> HttpQueue::pop() {
  while (running_ < options_.concurrent_max && !turn_.empty()) {
    const auto line = lines_.find(turn_.front());
    turn_.pop_front();
    CS_CHECK(line != lines_.end());
    line->second.in_turn = false;
    if (line->second.calls.empty()) {  // Its calls have expired.
      settle(line);
      continue;
    }
    WaitingCall call = std::move(line->second.calls.front());
    line->second.calls.pop_front();
    --waiting_;
    ++line->second.running;
    ++running_;
    settle(line);
    return call;
  }
  return std::nullopt;
}

void HttpQueue::finished(const std::string& host) {
  const auto line = lines_.find(host);
  CS_CHECK(line != lines_.end() && line->second.running > 0);
  --line->second.running;
  --running_;
  settle(line);
}

std::vector<WaitingCall> HttpQueue::take_expired(MonotonicTime now) {
  std::vector<WaitingCall> expired;
  for (auto line = lines_.begin(); line != lines_.end();) {
    auto& calls = line->second.calls;
    const auto live =
        std::stable_partition(calls.begin(), calls.end(), [&](auto& call) { return call.deadline > now; });
    std::move(live, calls.end(), std::back_inserter(expired));
    calls.erase(live, calls.end());
    settle(line++);
  }
  waiting_ -= expired.size();
  return expired;
}

std::vector<WaitingCall> HttpQueue::take_all() { return take_expired(MonotonicTime::max()); }

void HttpQueue::settle(Lines::iterator line) {
  auto& [host, state] = *line;
  if (state.in_turn) return;
  if (!state.calls.empty() && state.running < options_.concurrent_per_host_max) {
    turn_.push_back(host);
    state.in_turn = true;
  } else if (state.calls.empty() && state.running == 0) {
    lines_.erase(line);
  }
}

}  // namespace countersign::delivery
