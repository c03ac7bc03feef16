#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "base/time.h"
#include "http/http_date.h"

namespace countersign::http {

/// One I/O thread with its event loop, and the Executor that posts work to it.
///
/// Posted tasks are in a list of our own: any number posted while the thread is busy cost one wake-up. After stop()
/// they are dropped without running.
class IoLoop final : public Executor {
 public:
  using IoExecutor = boost::asio::io_context::executor_type;
  using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                  boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;

  IoLoop();
  ~IoLoop() override;

  /// `on_tick` runs every `interval` on the thread until it is stopped; `on_throw` gets exceptions of posted tasks.
  void start(Duration interval, std::function<void()> on_tick, std::function<void(std::string_view)> on_throw);
  /// Runs `last` on the thread, and joins the thread, which ends once nothing is pending in the loop. `last` must close
  /// the sockets that are still pending.
  void stop(Task last);

  void post(Task task) override;
  void post_all(std::vector<Task> tasks) override;

  [[nodiscard]] bool is_this_thread() const { return current_ == this; }
  /// A posted task is running. Only on the loop's thread.
  [[nodiscard]] bool runs_posted() const { return runs_posted_; }
  /// From a posted task: runs `task` once all that was posted before this wake-up has run. For reads after answers:
  /// while other answers are written, the clients of the first ones send their next requests, and a read finds
  /// something.
  void after_posted(Task task) { after_.push_back(std::move(task)); }
  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  /// Only on the loop's thread.
  [[nodiscard]] DateCache& dates() { return dates_; }

 private:
  void arm_timer();
  void wake();
  void run_posted();
  void run(Task task);

  static thread_local const IoLoop* current_;
  /// Sockets belong to the thread, so only what is posted needs a lock.
  boost::asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  std::optional<boost::asio::executor_work_guard<IoExecutor>> work_;
  Timer timer_;
  Duration interval_{};
  std::function<void()> on_tick_;
  std::function<void(std::string_view)> on_throw_;
  DateCache dates_;
  std::thread thread_;

  std::mutex mutex_;
  std::vector<Task> posted_;  // guarded by mutex_
  bool stopped_ = false;      // guarded by mutex_
  // Only on the loop's thread; they keep their capacity:
  std::vector<Task> running_;
  std::vector<Task> after_;
  bool runs_posted_ = false;
};

}  // namespace countersign::http
