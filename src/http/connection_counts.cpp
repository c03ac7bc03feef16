#include "http/connection_counts.h"

namespace countersign::http {

bool ConnectionCounts::enter(const std::optional<PeerKey>& peer) {
  const std::lock_guard lock(mutex_);
  const bool is_counted = peer && per_peer_max_ != 0;
  const auto known = is_counted ? by_peer_.find(*peer) : by_peer_.end();
  if (total_ >= max_ || (known != by_peer_.end() && known->second >= per_peer_max_)) {
    ++refused_;
    return false;
  }
  if (is_counted) ++by_peer_[*peer];
  ++total_;
  return true;
}

void ConnectionCounts::leave(const std::optional<PeerKey>& peer) {
  const std::lock_guard lock(mutex_);
  if (peer && per_peer_max_ != 0) {
    const auto found = by_peer_.find(*peer);
    if (--found->second == 0) by_peer_.erase(found);
  }
  if (--total_ == 0) none_.notify_all();
}

std::size_t ConnectionCounts::total() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

std::uint64_t ConnectionCounts::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

bool ConnectionCounts::wait_until_none(Duration timeout) {
  std::unique_lock lock(mutex_);
  return none_.wait_for(lock, timeout, [this] { return total_ == 0; });
}

}  // namespace countersign::http
