#pragma once

#include "base/random.h"
#include "base/time.h"

namespace countersign {

/// The time and the randomness of one use case, which fetches neither itself.
struct Moment {
  WallTime now;
  Random& random;
};

}  // namespace countersign
