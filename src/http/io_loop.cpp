#include "http/io_loop.h"

#include <boost/asio/post.hpp>
#include <exception>
#include <iterator>
#include <utility>

#include "base/thread_name.h"

namespace countersign::http {

thread_local const IoLoop* IoLoop::current_ = nullptr;

IoLoop::IoLoop() : work_(boost::asio::make_work_guard(context_)), timer_(context_) {}

IoLoop::~IoLoop() = default;

void IoLoop::start(Duration interval, std::function<void()> on_tick, std::function<void(std::string_view)> on_throw) {
  interval_ = interval;
  on_tick_ = std::move(on_tick);
  on_throw_ = std::move(on_throw);
  arm_timer();
  thread_ = std::thread([this] {
    name_this_thread("http");
    current_ = this;
    context_.run();
  });
}

void IoLoop::stop(Task last) {
  if (!thread_.joinable()) return;
  post([this, last = std::move(last)]() mutable {
    last();
    on_tick_ = nullptr;
    timer_.cancel();
    work_.reset();
  });
  thread_.join();

  std::vector<Task> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    dropped.swap(posted_);
  }
}

void IoLoop::post(Task task) {
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    was_empty = posted_.empty();
    posted_.push_back(std::move(task));
  }
  if (was_empty) wake();
}

void IoLoop::post_all(std::vector<Task> tasks) {
  if (tasks.empty()) return;
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    was_empty = posted_.empty();
    posted_.insert(posted_.end(), std::make_move_iterator(tasks.begin()), std::make_move_iterator(tasks.end()));
  }
  if (was_empty) wake();
}

void IoLoop::wake() {
  boost::asio::post(context_, [this] { run_posted(); });
}

void IoLoop::run_posted() {
  {
    const std::lock_guard lock(mutex_);
    running_.swap(posted_);
  }
  runs_posted_ = true;
  for (auto& task : running_) run(std::move(task));
  runs_posted_ = false;
  running_.clear();
  for (auto& task : after_) run(std::move(task));
  after_.clear();
}

void IoLoop::run(Task task) {
  try {
    task();
  } catch (const std::exception& error) {
    on_throw_(error.what());
  } catch (...) {
    on_throw_("an exception that is no std::exception");
  }
}

void IoLoop::arm_timer() {
  timer_.expires_after(interval_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || !on_tick_) return;
    on_tick_();
    arm_timer();
  });
}

}  // namespace countersign::http
