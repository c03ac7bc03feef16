#pragma once

#include <functional>
#include <vector>

namespace countersign {

/// A piece of work that runs once. (std::move_only_function allocates for large captures; none of ours is on a path
/// where that has shown in a measurement.)
using Task = std::move_only_function<void()>;

/// Somewhere work can be sent: an I/O thread's loop, or in tests the caller's own queue. Thread-safe.
class Executor {
 public:
  virtual ~Executor() = default;
  virtual void post(Task task) = 0;
  /// All of them, in order, with one wake-up.
  virtual void post_all(std::vector<Task> tasks) = 0;
};

}  // namespace countersign
