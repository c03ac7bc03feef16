#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace countersign {

/// Unique in the process, from 1 on.
inline std::uint64_t next_version() {
  static std::atomic<std::uint64_t> last = 0;
  return ++last;
}

/// A value that threads read all the time and that may be replaced often: old ones are freed, but for what a thread has
/// read last. Reading is one atomic load, without a lock or a reference count that threads share. Thread-safe.
template <class T>
class KeptByThreads {
 public:
  explicit KeptByThreads(T first) { replace(std::move(first)); }
  KeptByThreads(const KeptByThreads&) = delete;
  KeptByThreads& operator=(const KeptByThreads&) = delete;

  /// Valid until the thread calls it again, on any object of this type.
  [[nodiscard]] const T& get() const {
    struct Seen {
      std::uint64_t version = 0;
      std::shared_ptr<const T> value;
    };
    thread_local Seen seen;
    // A value newer than the version is only loaded once more.
    if (const auto version = version_.load(std::memory_order_acquire); version != seen.version)
      seen = {version, value_.load()};
    return *seen.value;
  }

  void replace(T next) {
    value_.store(std::make_shared<const T>(std::move(next)));
    version_.store(next_version(), std::memory_order_release);
  }

 private:
  std::atomic<std::shared_ptr<const T>> value_;
  std::atomic<std::uint64_t> version_ = 0;
};

}  // namespace countersign
