#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "base/executor.h"

namespace countersign::store {

/// Runs what is posted on the thread that asks for it.
class QueueExecutor final : public Executor {
 public:
  void post(Task task) override {
    std::vector<Task> one;
    one.push_back(std::move(task));
    post_all(std::move(one));
  }

  void post_all(std::vector<Task> tasks) override {
    const std::lock_guard lock(mutex_);
    ++wake_ups_;
    for (auto& task : tasks) tasks_.push_back(std::move(task));
    arrived_.notify_all();
  }

  /// Waits for `count` tasks and runs them here, in their order.
  void run(std::size_t count) {
    for (; count > 0; --count) next()();
  }

  [[nodiscard]] std::size_t wake_ups() const {
    const std::lock_guard lock(mutex_);
    return wake_ups_;
  }

 private:
  Task next() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !tasks_.empty(); });
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }

  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Task> tasks_;
  std::size_t wake_ups_ = 0;
};

}  // namespace countersign::store
