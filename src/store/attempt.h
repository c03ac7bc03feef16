#pragma once

#include <exception>
#include <optional>

#include "store/error.h"

namespace countersign::store {

/// How many batches give each unit a savepoint after one had to be undone: such units come together, and running a
/// batch twice costs more than its savepoints.
inline constexpr int kCarefulBatches = 32;

/// Calls `work`, and answers what went wrong with it, if anything did.
template <class Work>
std::optional<StoreError> attempt(const Work& work) {
  try {
    work();
    return std::nullopt;
  } catch (const StoreFailure& failure) {
    return failure.error;
  } catch (const std::exception& exception) {
    return StoreError{StoreError::Code::kFailed, exception.what()};
  }
}

}  // namespace countersign::store
