#pragma once

#include "base/worker.h"
#include "main/config.h"
#include "store/store.h"
#include "usecase/context.h"

namespace countersign::app {

/// Deletes what is past its retention, a little at a time, so that no single commit is long. [PRV-1]
class Sweeper {
 public:
  Sweeper(store::Store& store, const usecase::Settings& settings, const RetentionConfig& retention, Clock& clock);
  void stop() { worker_.stop(); }

 private:
  void sweep(const AccountId& account);

  store::Store& store_;
  const usecase::Settings& settings_;
  RetentionConfig retention_;
  Clock& clock_;
  Worker worker_;
};

}  // namespace countersign::app
