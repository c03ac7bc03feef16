#include "delivery/breaker.h"

#include <algorithm>

#include "delivery/backoff.h"

namespace countersign::delivery {

bool Breaker::started() {
  if (!open()) return false;
  trying_ = true;
  return true;
}

void Breaker::ended(bool tried, bool failed, MonotonicTime now, Random& random) {
  if (tried) trying_ = false;
  if (!failed) {
    failures_ = 0;
    pause_ = kFirstPause;
    return;
  }
  const bool was_open = open();
  failures_ = std::min(failures_ + 1, kFailures);
  // Calls that were in flight when it opened carry no new information.
  if (!open() || (was_open && !tried)) return;
  retry_at_ = now + pause_ / 2 + up_to(pause_ / 2, random);
  pause_ = std::min(pause_ * 2, kLongestPause);
}

}  // namespace countersign::delivery
