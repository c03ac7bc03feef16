#pragma once

#include "base/moment.h"
#include "base/time.h"

namespace countersign::delivery {

/// Keeps calls away from a provider that fails, so that an outage costs few attempts and its end is found soon. After
/// five failures in a row it is open: nothing starts for a while, then one call alone tries. If that fails too the
/// while is twice as long, 2 s up to 16 s, each up to a half shorter by chance. Any answer closes it.
/// Pure; not thread-safe. [ADR 21]
class Breaker {
 public:
  static constexpr int kFailures = 5;
  static constexpr Duration kFirstPause = std::chrono::seconds(2);
  static constexpr Duration kLongestPause = std::chrono::seconds(16);

  /// Whether a call may start now.
  [[nodiscard]] bool admits(MonotonicTime now) const { return !open() || (now >= retry_at_ && !trying_); }
  /// An admitted call starts. True: it is the one that tries; abandoned() or ended() wants to know.
  [[nodiscard]] bool started();
  /// It came to nothing before it was made.
  void abandoned(bool tried) { trying_ = trying_ && !tried; }
  /// It has ended. `failed`: the provider itself is in trouble (ProviderError::outage).
  void ended(bool tried, bool failed, MonotonicTime now, Random& random);

  [[nodiscard]] bool open() const { return failures_ >= kFailures; }
  /// While open: when the next call may try.
  [[nodiscard]] MonotonicTime retry_at() const { return retry_at_; }

 private:
  int failures_ = 0;  ///< In a row.
  bool trying_ = false;
  Duration pause_ = kFirstPause;
  MonotonicTime retry_at_{};
};

}  // namespace countersign::delivery
