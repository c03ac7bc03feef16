#pragma once

#include <vector>

#include "base/executor.h"

namespace countersign::testing {

/// Continues on the store's own thread.
class InPlace final : public Executor {
 public:
  void post(Task task) override { task(); }
  void post_all(std::vector<Task> tasks) override {
    for (auto& task : tasks) task();
  }
};

}  // namespace countersign::testing
