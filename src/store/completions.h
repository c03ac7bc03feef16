#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/executor.h"
#include "store/unit.h"

namespace countersign::store {

/// Sends units, each of which holds its outcome or its error, to be finished at home: in their order, with one wake-up
/// for each executor, however many they are. `units` is left empty. Those without a home are finished here.
void complete(std::vector<std::unique_ptr<Unit>>& units);

/// The same for a single unit that was never taken in.
void refuse(std::unique_ptr<Unit> unit, StoreError error);

/// What a unit is told whose engine did not accept it.
[[nodiscard]] StoreError refusal(StoreError::Code code);

}  // namespace countersign::store
