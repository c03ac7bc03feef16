#pragma once

#include <functional>
#include <vector>

namespace countersign {

/// A function that runs once. (std::move_only_function allocates for large captures; no measurement has shown a cost on
/// our paths.)
using Task = std::move_only_function<void()>;

/// Runs posted tasks: an I/O thread's loop, or in tests the caller's own queue. Thread-safe.
class Executor {
 public:
  virtual ~Executor() = default;
  virtual void post(Task task) = 0;
  /// Posts all of them, in order, with one wake-up.
  virtual void post_all(std::vector<Task> tasks) = 0;
};

}  // namespace countersign
