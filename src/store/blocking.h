#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "base/result.h"
#include "store/error.h"

namespace countersign::store {

/// Calls `submit(then)` and blocks until `then` was called with the result, on any thread.
template <class Outcome, class Submit>
Result<Outcome, StoreError> wait_for(Submit submit) {
  using Answer = Result<Outcome, StoreError>;
  struct Waiting {
    std::mutex mutex;
    std::condition_variable arrived;
    std::optional<Answer> answer;
  } waiting;
  submit([&waiting](Answer answer) {
    // Notify under the lock: the waiter destroys the condition variable as soon as it can take the mutex.
    const std::lock_guard lock(waiting.mutex);
    waiting.answer.emplace(std::move(answer));
    waiting.arrived.notify_one();
  });
  std::unique_lock lock(waiting.mutex);
  waiting.arrived.wait(lock, [&waiting] { return waiting.answer.has_value(); });
  return std::move(*waiting.answer);
}

}  // namespace countersign::store
