#include "base/worker.h"

#include <iterator>
#include <utility>

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
  if (tasks_.size() == 1) wake_.notify_one();
}

void Worker::post_all(std::vector<Task> tasks) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  std::move(tasks.begin(), tasks.end(), std::back_inserter(tasks_));
  wake_.notify_one();
}

void Worker::nudge() {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(nudged_, true) && !pausing_) wake_.notify_one();
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
  using Steady = std::chrono::steady_clock;
  name_this_thread("worker");
  auto next_tick = Steady::now();
  auto pause_ends = next_tick;
  std::vector<Task> tasks;  // Its memory is used again.
  for (;;) {
    tasks.clear();
    bool tick = false;
    {
      std::unique_lock lock(mutex_);
      for (;;) {
        const auto now = Steady::now();
        pausing_ = now < pause_ends;
        tick = !stopping_ && !pausing_ && (nudged_ || now >= next_tick);
        if (stopping_ || tick || !tasks_.empty()) break;
        wake_.wait_until(lock, pausing_ ? pause_ends : next_tick);
      }
      tasks.swap(tasks_);
      if (stopping_ && tasks.empty()) return;
      if (tick) nudged_ = false;
    }
    for (auto& task : tasks) task();
    if (!tick) continue;
    if (tick_) tick_();
    const auto ticked = Steady::now();
    next_tick = ticked + period_;
    pause_ends = ticked + kPause;
  }
}

}  // namespace countersign
