#pragma once

#include "base/random.h"
#include "base/time.h"

namespace countersign {

/// The two things a use case may not fetch for itself: what time it is, and randomness.
struct Moment {
  WallTime now;
  Random& random;
};

}  // namespace countersign
