#include "base/worker.h"

#include <iterator>

#include "base/thread_name.h"

namespace countersign {

Worker::Worker(Duration period, std::function<void()> tick) : period_(period), tick_(std::move(tick)) {}

Worker::~Worker() { stop(); }

void Worker::start() {
  thread_ = std::thread([this] { run(); });
}

void Worker::post(Task task) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  tasks_.push_back(std::move(task));
  wake_.notify_one();
}

void Worker::post_all(std::vector<Task> tasks) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  std::move(tasks.begin(), tasks.end(), std::back_inserter(tasks_));
  wake_.notify_one();
}

void Worker::nudge() {
  const std::lock_guard lock(mutex_);
  nudged_ = true;
  wake_.notify_one();
}

void Worker::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Worker::run() {
  name_this_thread("worker");
  auto next_tick = std::chrono::steady_clock::now();
  for (;;) {
    std::vector<Task> tasks;
    bool tick = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_until(lock, next_tick, [this] { return stopping_ || nudged_ || !tasks_.empty(); });
      tasks.swap(tasks_);
      if (stopping_ && tasks.empty()) return;
      tick = !stopping_ && (nudged_ || std::chrono::steady_clock::now() >= next_tick);
      nudged_ = false;
    }
    for (auto& task : tasks) task();
    if (!tick) continue;
    if (tick_) tick_();
    next_tick = std::chrono::steady_clock::now() + period_;
  }
}

}  // namespace countersign
