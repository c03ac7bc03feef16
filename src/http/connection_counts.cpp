#include "http/connection_counts.h"

namespace countersign::http {

bool ConnectionCounts::enter(const PeerKey& peer) {
  const std::lock_guard lock(mutex_);
  if (total_ >= max_) return false;
  if (per_peer_max_ != 0) {
    auto& count = by_peer_[peer];
    if (count >= per_peer_max_) return false;
    ++count;
  }
  ++total_;
  return true;
}

void ConnectionCounts::leave(const PeerKey& peer) {
  const std::lock_guard lock(mutex_);
  if (per_peer_max_ != 0) {
    const auto found = by_peer_.find(peer);
    if (--found->second == 0) by_peer_.erase(found);
  }
  if (--total_ == 0) none_.notify_all();
}

std::size_t ConnectionCounts::total() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

bool ConnectionCounts::wait_until_none(Duration timeout) {
  std::unique_lock lock(mutex_);
  return none_.wait_for(lock, timeout, [this] { return total_ == 0; });
}

}  // namespace countersign::http
