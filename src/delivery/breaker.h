#pragma once

#include "base/moment.h"
#include "base/time.h"

namespace countersign::delivery {

/// Circuit breaker for a provider, so that an outage costs few attempts and its end is detected soon. Five consecutive
/// failures open it: no call starts for a pause, then a single trial call. If that fails too the pause doubles, from 2
/// s up to 16 s, each up to a half shorter at random. Any answer closes it. Pure; not thread-safe. [ADR 21]
class Breaker {
 public:
  static constexpr int kFailures = 5;
  static constexpr Duration kFirstPause = std::chrono::seconds(2);
  static constexpr Duration kLongestPause = std::chrono::seconds(16);

  /// Whether a call may start now.
  [[nodiscard]] bool admits(MonotonicTime now) const { return !open() || (now >= retry_at_ && !trying_); }
  /// An admitted call starts. True: it is the trial call, and abandoned() or ended() must be called.
  [[nodiscard]] bool started();
  /// The call was dropped before it was made.
  void abandoned(bool tried) { trying_ = trying_ && !tried; }
  /// The call has ended. `failed`: the provider itself has an outage (ProviderError::outage).
  void ended(bool tried, bool failed, MonotonicTime now, Random& random);

  [[nodiscard]] bool open() const { return failures_ >= kFailures; }
  /// While open: the time of the next trial call.
  [[nodiscard]] MonotonicTime retry_at() const { return retry_at_; }

 private:
  int failures_ = 0;  ///< Consecutive.
  bool trying_ = false;
  Duration pause_ = kFirstPause;
  MonotonicTime retry_at_{};
};

}  // namespace countersign::delivery
