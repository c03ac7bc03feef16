#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "base/time.h"

namespace countersign::http {

/// Groups connections by client: an IPv4 address, or an IPv6 /64, which one customer has. [THR-9]
using PeerKey = std::array<std::uint8_t, 9>;

/// Counts the open connections of all I/O threads against their limits. Thread-safe.
class ConnectionCounts {
 public:
  /// `per_peer_max` 0: no limit.
  ConnectionCounts(std::size_t max, std::size_t per_peer_max) : max_(max), per_peer_max_(per_peer_max) {}

  /// False, with nothing counted, if a limit is reached. Each true must be followed by one leave() with the same peer.
  /// Without a peer the connection counts only in the total.
  [[nodiscard]] bool enter(const std::optional<PeerKey>& peer);
  void leave(const std::optional<PeerKey>& peer);

  [[nodiscard]] std::size_t total() const;
  /// How often enter() returned false.
  [[nodiscard]] std::uint64_t refused() const;
  /// Waits until no connection is open, at most `timeout`; true if none is.
  bool wait_until_none(Duration timeout);

 private:
  const std::size_t max_;
  const std::size_t per_peer_max_;
  mutable std::mutex mutex_;
  std::condition_variable none_;
  std::size_t total_ = 0;                   // guarded by mutex_
  std::uint64_t refused_ = 0;               // guarded by mutex_
  std::map<PeerKey, std::size_t> by_peer_;  // guarded by mutex_
};

}  // namespace countersign::http
