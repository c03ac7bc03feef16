#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace countersign {

/// A value that threads read all the time and that is replaced a few times in the life of the process. Reading is one
/// atomic load: no lock, no reference count. Old values live as long as the object, so a reference from get() stays
/// valid as long. Thread-safe.
template <class T>
class SeldomReplaced {
 public:
  explicit SeldomReplaced(T first) { replace(std::move(first)); }
  SeldomReplaced(const SeldomReplaced&) = delete;
  SeldomReplaced& operator=(const SeldomReplaced&) = delete;

  [[nodiscard]] const T& get() const { return *current_.load(std::memory_order_acquire); }

  void replace(T next) {
    const std::lock_guard lock(replacing_);
    all_.push_back(std::make_unique<const T>(std::move(next)));
    current_.store(all_.back().get(), std::memory_order_release);
  }

 private:
  std::atomic<const T*> current_ = nullptr;
  std::mutex replacing_;
  std::vector<std::unique_ptr<const T>> all_;  ///< Guarded by replacing_.
};

}  // namespace countersign
