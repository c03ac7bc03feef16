#include "store/store.h"

#include <condition_variable>
#include <mutex>

namespace countersign::store {
namespace {

/// Hands in `body` as a unit by `submit(unit)` and blocks until it is finished, on any thread.
template <class Submit>
std::optional<StoreError> wait_for_unit(FunctionRef<void(Tx&)> body, std::string_view span, Submit submit) {
  using Answer = Result<Done, StoreError>;
  struct Waiting {
    std::mutex mutex;
    std::condition_variable arrived;
    std::optional<Answer> answer;
  } waiting;
  const auto work = [body](Tx& tx) {
    body(tx);
    return Done{};
  };
  const auto then = [&waiting](Answer answer) {
    // Notify under the lock: the waiter destroys the condition variable as soon as it can take the mutex.
    const std::lock_guard lock(waiting.mutex);
    waiting.answer.emplace(std::move(answer));
    waiting.arrived.notify_one();
  };
  submit(std::make_unique<UnitOf<decltype(work), decltype(then)>>(nullptr, work, then, span));
  std::unique_lock lock(waiting.mutex);
  waiting.arrived.wait(lock, [&waiting] { return waiting.answer.has_value(); });
  if (*waiting.answer) return std::nullopt;
  return waiting.answer->error();
}

}  // namespace

std::optional<StoreError> Store::write_and_wait(FunctionRef<void(Tx&)> body) {
  return wait_for_unit(body, "store.commit", [this](std::unique_ptr<Unit> unit) { submit_write(std::move(unit)); });
}

std::optional<StoreError> Store::read_and_wait(FunctionRef<void(Tx&)> body) {
  return wait_for_unit(body, "store.read", [this](std::unique_ptr<Unit> unit) { submit_read(std::move(unit)); });
}

}  // namespace countersign::store
