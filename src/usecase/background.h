#pragma once

#include "base/moment.h"
#include "base/time.h"
#include "store/store.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// What is at hand for what runs by itself, beside requests. Owns nothing: all of it outlives who is given it.
struct Background {
  store::Store& store;
  const Context& context;
  Clock& clock;
  Random& random;
};

}  // namespace countersign::usecase
