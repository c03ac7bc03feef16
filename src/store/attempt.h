#pragma once

#include <exception>
#include <optional>

#include "store/error.h"

namespace countersign::store {

/// How many batches use a savepoint per unit after one had to be rolled back: such units come in clusters, and running
/// a batch twice costs more than its savepoints.
inline constexpr int kCarefulBatches = 32;

/// Takes `step`, and answers what went wrong with it, if anything did.
template <class Step>
std::optional<StoreError> attempt(const Step& step) {
  try {
    step();
    return std::nullopt;
  } catch (const StoreFailure& failure) {
    return failure.error;
  } catch (const std::exception& exception) {
    return StoreError{StoreError::Code::kFailed, exception.what()};
  }
}

}  // namespace countersign::store
