#pragma once

#include <boost/context/fiber.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "base/trace.h"

namespace countersign::store::postgres {

/// A function on a stack of its own, which can pause in the middle and go on later, on the thread that began it.
///
/// What C++ and this program keep for each thread is kept for each fiber: exceptions on their way, and the current
/// span. No lock may be held across a pause: the next fiber on the thread would wait for it for ever.
class Fiber {
 public:
  Fiber();
  ~Fiber();  ///< Only while no job is under way.
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Begins `job`, which must not throw, and returns when it pauses or ends. Only while none is under way.
  void begin(std::function<void()> job);
  /// Goes on with a paused job, until it pauses again or ends.
  void resume();
  /// From inside the job: returns to whoever began or resumed it, until the next resume().
  void pause();

  [[nodiscard]] bool under_way() const { return static_cast<bool>(job_); }

 private:
  /// Of gcc's run-time library (`__cxa_eh_globals`): the exceptions that are caught and on their way.
  struct Exceptions {
    void* caught = nullptr;
    unsigned int uncaught = 0;
  };
  /// What the sanitizers have to be told of a stack.
  struct Annotation {
    void* fake_stack = nullptr;
    const void* bottom = nullptr;
    std::size_t size = 0;
    void* thread = nullptr;
  };

  boost::context::fiber run(boost::context::fiber&& caller);
  void enter();
  void entered();

  std::function<void()> job_;
  bool quits_ = false;
  boost::context::fiber inside_;  ///< While it is paused.
  boost::context::fiber caller_;  ///< While it runs.
  Exceptions exceptions_;
  trace::SpanContext span_;
  Annotation own_;
  Annotation outside_;
};

/// Fibers that are used again, because a new stack costs system calls and faults for its pages.
class FiberPool {
 public:
  [[nodiscard]] std::unique_ptr<Fiber> take();
  void give_back(std::unique_ptr<Fiber> fiber) { idle_.push_back(std::move(fiber)); }

 private:
  std::vector<std::unique_ptr<Fiber>> idle_;
};

}  // namespace countersign::store::postgres
