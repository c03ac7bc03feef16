#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/executor.h"
#include "store/unit.h"

namespace countersign::store {

/// Posts units with their outcome or error to their home executors, in order, with one wake-up per executor. Leaves
/// `units` empty. Finishes units without a home here.
void complete(std::vector<std::unique_ptr<Unit>>& units);

/// The same for a single unit that was never accepted.
void refuse(std::unique_ptr<Unit> unit, StoreError error);

/// The error for a unit that the engine did not accept.
[[nodiscard]] StoreError refusal(StoreError::Code code);

}  // namespace countersign::store
