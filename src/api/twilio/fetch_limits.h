#pragma once

#include <array>
#include <map>
#include <mutex>
#include <optional>

#include "base/id.h"
#include "domain/limits.h"

namespace countersign::api::twilio {

/// Limits how often a verification may be fetched: 60 times a minute, 180 times an hour, 250 times a day. Counted only
/// in the memory of this process: it stops clients from polling instead of checking, and is not a security limit.
/// Thread-safe.
class FetchLimits {
 public:
  /// `verifications_max` bounds the memory: beyond it the oldest windows are dropped.
  explicit FetchLimits(std::size_t verifications_max = 100'000) : verifications_max_(verifications_max) {}

  /// Counts a fetch, or returns how long to wait.
  [[nodiscard]] std::optional<Duration> count(const VerificationId& verification, WallTime now);

 private:
  using Windows = std::array<domain::Window, 3>;
  void make_room(WallTime now);

  std::size_t verifications_max_;
  std::mutex mutex_;
  std::map<VerificationId, Windows> windows_;
};

}  // namespace countersign::api::twilio
