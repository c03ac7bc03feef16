#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/executor.h"
#include "base/time.h"

namespace countersign {

/// One background thread that runs what is posted to it, in order, and one thing again and again.
class Worker final : public Executor {
 public:
  /// `tick` runs on the thread about every `period`, first right after start(); none if it is empty.
  Worker(Duration period, std::function<void()> tick);
  ~Worker() override;  ///< stop()
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Starts the thread. Apart from the constructor, because `tick` may want the finished Worker.
  void start();

  void post(Task task) override;
  void post_all(std::vector<Task> tasks) override;

  /// Runs `tick` soon, without waiting for its time.
  void nudge();

  /// Runs what was posted so far, without another tick, and joins. What is posted later is dropped.
  void stop();

 private:
  void run();

  const Duration period_;
  const std::function<void()> tick_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Task> tasks_;
  bool nudged_ = true;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace countersign
