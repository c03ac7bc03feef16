#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "base/executor.h"
#include "base/time.h"
#include "http/http_date.h"

namespace countersign::http {

/// One I/O thread with its event loop, and the Executor that brings work to it.
///
/// Posted tasks wait in a list of our own: however many come while the thread is busy, they cost it one wake-up. After
/// stop() they are dropped unrun.
class IoLoop final : public Executor {
 public:
  using IoExecutor = boost::asio::io_context::executor_type;
  using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                  boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;

  IoLoop();
  ~IoLoop() override;

  /// `on_tick` runs every `interval` on the thread until it is stopped; `on_throw` hears what escaped a posted task.
  void start(Duration interval, std::function<void()> on_tick, std::function<void(std::string_view)> on_throw);
  /// Runs `last` on the thread, which ends once nothing waits in the loop any more, and joins it. `last` closes the
  /// sockets that are still waited for.
  void stop(Task last);

  void post(Task task) override;
  void post_all(std::vector<Task> tasks) override;

  [[nodiscard]] bool is_this_thread() const { return current_ == this; }
  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  /// For the loop's thread alone.
  [[nodiscard]] DateCache& dates() { return dates_; }

 private:
  void arm_timer();
  void wake();
  void run_posted();
  void run(Task task);

  static thread_local const IoLoop* current_;
  boost::asio::io_context context_{1};
  std::optional<boost::asio::executor_work_guard<IoExecutor>> work_;
  Timer timer_;
  Duration interval_{};
  std::function<void()> on_tick_;
  std::function<void(std::string_view)> on_throw_;
  DateCache dates_;
  std::thread thread_;

  std::mutex mutex_;
  std::vector<Task> posted_;   // guarded by mutex_
  bool stopped_ = false;       // guarded by mutex_
  std::vector<Task> running_;  // the loop's thread alone; keeps its capacity
};

}  // namespace countersign::http
