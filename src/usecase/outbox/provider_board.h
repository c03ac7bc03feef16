#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "delivery/breaker.h"

namespace countersign::usecase {

/// What this node knows about its providers: the circuit breaker of each, from the calls of this node alone, and what
/// the operator has said about them. One per process; thread-safe. [ADR 21, 45]
class ProviderBoard {
 public:
  // Of calls, in this order for each: admits(), started(), then ended() or abandoned().

  [[nodiscard]] bool admits(std::string_view provider, MonotonicTime now) const;
  /// True: the call is the trial of an open circuit.
  [[nodiscard]] bool started(const std::string& provider);
  void abandoned(const std::string& provider, bool tried);
  enum class Change { kNone, kOpened, kClosed };
  /// `failed`: the provider itself has an outage.
  Change ended(const std::string& provider, bool tried, bool failed, MonotonicTime now, Random& random);

  /// Call about every second: a trial of an open circuit may be due, and then it is not failing() until it has begun.
  void look(MonotonicTime now);
  /// Whether it gets no message at the moment because its circuit is open.
  [[nodiscard]] bool failing(std::string_view provider) const;

  /// Replaces what the operator has said: providers that take no new messages.
  void set_drained(std::set<std::string, std::less<>> drained);
  [[nodiscard]] bool drained(std::string_view provider) const;

 private:
  mutable std::mutex mutex_;
  // Guarded by mutex_:
  std::map<std::string, delivery::Breaker, std::less<>> breakers_;
  std::set<std::string, std::less<>> failing_;
  std::set<std::string, std::less<>> drained_;
};

}  // namespace countersign::usecase
