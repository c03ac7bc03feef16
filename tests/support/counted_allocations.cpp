#include "support/counted_allocations.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <string>

// NOLINTBEGIN(bugprone-reserved-identifier): of the C library.
extern "C" void* __libc_malloc(std::size_t size) noexcept;
extern "C" void* __libc_calloc(std::size_t count, std::size_t size) noexcept;
extern "C" void* __libc_realloc(void* memory, std::size_t size) noexcept;
extern "C" void* __libc_memalign(std::size_t alignment, std::size_t size) noexcept;
// NOLINTEND(bugprone-reserved-identifier)

namespace countersign::testing {
namespace {

struct CountedThread {
  std::atomic<pid_t> id;
  std::atomic<std::uint64_t> allocations;
};

constinit std::array<CountedThread, 256> counted_threads{};
constinit std::atomic<std::size_t> threads_seen = 0;
thread_local constinit CountedThread* this_counted_thread = nullptr;

void count_allocation() noexcept {
  if (this_counted_thread == nullptr) {
    const auto place = threads_seen.fetch_add(1);
    if (place >= counted_threads.size()) return;
    this_counted_thread = &counted_threads[place];
    this_counted_thread->id = ::gettid();
  }
  this_counted_thread->allocations.fetch_add(1, std::memory_order_relaxed);
}

std::string name_of_thread(pid_t id) {
  std::ifstream in(fmt::format("/proc/self/task/{}/comm", id));
  std::string name;
  std::getline(in, name);
  return name;
}

}  // namespace

std::uint64_t allocations_of(std::string_view thread_name) {
  std::uint64_t sum = 0;
  const auto count = std::min(threads_seen.load(), counted_threads.size());
  for (std::size_t i = 0; i < count; ++i) {
    const auto& thread = counted_threads[i];
    if (name_of_thread(thread.id) == thread_name) sum += thread.allocations;
  }
  return sum;
}

}  // namespace countersign::testing

extern "C" {

void* malloc(std::size_t size) noexcept {
  countersign::testing::count_allocation();
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) noexcept {
  countersign::testing::count_allocation();
  return __libc_calloc(count, size);
}

void* realloc(void* memory, std::size_t size) noexcept {
  countersign::testing::count_allocation();
  return __libc_realloc(memory, size);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept {
  countersign::testing::count_allocation();
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept { return memalign(alignment, size); }

int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  void* const made = memalign(alignment, size);
  if (made == nullptr) return ENOMEM;
  *memory = made;
  return 0;
}

}  // extern "C"
