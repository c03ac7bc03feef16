#pragma once

#include <map>
#include <string>

#include "base/worker.h"
#include "main/config.h"
#include "store/repository/retention.h"
#include "store/store.h"
#include "usecase/context.h"

namespace countersign::app {

/// Deletes what is past its retention, and seals what an earlier release left readable, a little at a time, so that no
/// single commit is long. [PRV-1]
class Sweeper {
 public:
  Sweeper(store::Store& store, const usecase::Context& context, const RetentionConfig& retention, Clock& clock,
          Random& random);
  void stop() { worker_.stop(); }

 private:
  void sweep(const AccountId& account);
  void sweep_counters(const AccountId& account);
  void seal();

  store::Store& store_;
  const usecase::Context& context_;
  const store::Retention retention_;
  Clock& clock_;
  Random& random_;
  std::map<AccountId, std::string> counters_swept_;  ///< Up to which key; used by the worker's thread alone.
  Worker worker_;
};

}  // namespace countersign::app
