#include "store/postgres/fiber.h"

#include <cxxabi.h>

#include <boost/context/protected_fixedsize_stack.hpp>
#include <cstring>
#include <memory>
#include <utility>

#include "base/check.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace countersign::store::postgres {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kStackBytes = std::size_t{4} << 20;  // Their frames are several times as large.
#else
constexpr std::size_t kStackBytes = std::size_t{1} << 20;  // Pages that are not touched take no memory.
#endif

}  // namespace

Fiber::Fiber() {
  // Below the stack is a page that may not be touched: a job that needs more ends the process, and writes nowhere else.
  boost::context::protected_fixedsize_stack stacks(kStackBytes);
  const auto stack = stacks.allocate();
  own_.size = stack.size;
  own_.bottom = static_cast<const char*>(stack.sp) - stack.size;
#if defined(__SANITIZE_THREAD__)
  own_.thread = __tsan_create_fiber(0);
#endif
  inside_ = boost::context::fiber(std::allocator_arg, boost::context::preallocated(stack.sp, stack.size, stack), stacks,
                                  [this](boost::context::fiber&& caller) { return run(std::move(caller)); });
}

Fiber::~Fiber() {
  CS_CHECK(!job_);
  quits_ = true;
  enter();
#if defined(__SANITIZE_ADDRESS__)
  // What is mapped at the address of the stack next, such as a thread's, must not inherit its marks.
  __asan_unpoison_memory_region(own_.bottom, own_.size);
#endif
#if defined(__SANITIZE_THREAD__)
  __tsan_destroy_fiber(own_.thread);
#endif
}

void Fiber::begin(std::function<void()> job) {
  CS_CHECK(!job_);
  job_ = std::move(job);
  enter();
}

void Fiber::resume() {
  CS_CHECK(under_way());
  enter();
}

boost::context::fiber Fiber::run(boost::context::fiber&& caller) {
  caller_ = std::move(caller);
  entered();
  while (!quits_) {
    job_();
    job_ = nullptr;
    pause();
  }
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(nullptr, outside_.bottom, outside_.size);
#endif
  return std::move(caller_);
}

void Fiber::enter() {
  void* const of_thread = abi::__cxa_get_globals();
  Exceptions outside;
  std::memcpy(&outside, of_thread, sizeof outside);
  std::memcpy(of_thread, &exceptions_, sizeof exceptions_);
  {
    const trace::Scope scope(span_);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(&outside_.fake_stack, own_.bottom, own_.size);
#endif
#if defined(__SANITIZE_THREAD__)
    outside_.thread = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(own_.thread, 0);
#endif
    inside_ = std::move(inside_).resume();
#if defined(__SANITIZE_THREAD__)
    if (quits_) __tsan_switch_to_fiber(outside_.thread, 0);
#endif
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(outside_.fake_stack, nullptr, nullptr);
#endif
    span_ = trace::current();
  }
  std::memcpy(&exceptions_, of_thread, sizeof exceptions_);
  std::memcpy(of_thread, &outside, sizeof outside);
}

/// Inside, after every switch to it.
void Fiber::entered() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(own_.fake_stack, &outside_.bottom, &outside_.size);
#endif
}

void Fiber::pause() {
  // Not in a function of its own: the thread sanitizer would take its end for that of a function of the caller.
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&own_.fake_stack, outside_.bottom, outside_.size);
#endif
#if defined(__SANITIZE_THREAD__)
  __tsan_switch_to_fiber(outside_.thread, 0);
#endif
  caller_ = std::move(caller_).resume();
  entered();
}

std::unique_ptr<Fiber> FiberPool::take() {
  if (idle_.empty()) return std::make_unique<Fiber>();
  auto fiber = std::move(idle_.back());
  idle_.pop_back();
  return fiber;
}

}  // namespace countersign::store::postgres
