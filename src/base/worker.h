#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/executor.h"
#include "base/time.h"

namespace countersign {

/// A background thread that runs posted tasks in order and a periodic tick.
class Worker final : public Executor {
 public:
  /// Between two ticks at least: however many nudge, a tick costs its work only so often.
  static constexpr Duration kPause = std::chrono::milliseconds(5);

  /// `tick` runs on the thread about every `period`, first right after start(); none if it is empty.
  Worker(Duration period, std::function<void()> tick);
  ~Worker() override;  ///< stop()
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Starts the thread. Not done by the constructor, because `tick` may need the finished Worker.
  void start();

  void post(Task task) override;
  void post_all(std::vector<Task> tasks) override;

  /// Runs `tick` soon, without waiting for its period: at once, or kPause after the last one.
  void nudge();

  /// Runs the tasks posted so far, without another tick, and joins. Later tasks are dropped.
  void stop();

 private:
  void run();

  const Duration period_;
  const std::function<void()> tick_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Task> tasks_;
  bool nudged_ = true;
  bool pausing_ = false;  ///< The thread looks for nudges at the end of the pause by itself.
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace countersign
