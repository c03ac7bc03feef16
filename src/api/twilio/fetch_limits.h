#pragma once

#include <array>
#include <map>
#include <mutex>
#include <optional>

#include "base/id.h"
#include "domain/limits.h"

namespace countersign::api::twilio {

/// How often one verification may be looked at: 60 times a minute, 180 times an hour, 250 times a day. Counted in this
/// process alone and forgotten with it: it keeps clients from asking instead of checking, and guards nothing. Thread-
/// safe.
class FetchLimits {
 public:
  /// `verifications_max` bounds the memory: beyond it the oldest windows are dropped.
  explicit FetchLimits(std::size_t verifications_max = 100'000) : verifications_max_(verifications_max) {}

  /// Counts a look; or answers how long to wait.
  [[nodiscard]] std::optional<Duration> count(const VerificationId& verification, WallTime now);

 private:
  using Windows = std::array<domain::Window, 3>;
  void make_room(WallTime now);

  std::size_t verifications_max_;
  std::mutex mutex_;
  std::map<VerificationId, Windows> windows_;
};

}  // namespace countersign::api::twilio
