#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/worker.h"
#include "main/config.h"
#include "store/repository/queues.h"
#include "store/repository/retention.h"
#include "store/repository/transactions.h"
#include "store/store.h"
#include "usecase/context.h"

namespace countersign::app {

/// Deletes what is past its retention, gives the space back that nobody uses any more, ends claims that nobody
/// acknowledges where the operator has set a limit, and seals what an earlier release left readable, a little at a
/// time, so that no single commit is long. [PRV-1]
class Sweeper {
 public:
  /// Told for each account, about every minute, what is claimed and not acknowledged. Called on the worker's thread.
  using OnUnacknowledged = std::function<void(const AccountId&, const store::Unacknowledged&)>;
  /// The same, for each of store::kQueues, since when its oldest row is due.
  using OnQueue = std::function<void(std::string_view queue, std::optional<WallTime> oldest_due)>;

  /// Told about every minute what the database takes; never by an engine that looks after its space by itself.
  using OnSpace = std::function<void(const store::Tx::Space&)>;

  Sweeper(store::Store& store, const usecase::Context& context, const RetentionConfig& retention, Clock& clock,
          Random& random, OnUnacknowledged on_unacknowledged, OnSpace on_space, OnQueue on_queue);
  void stop() { worker_.stop(); }

 private:
  void sweep(const AccountId& account);
  void sweep_counters(const AccountId& account);
  void seal();
  void shrink(int steps);
  void give_up(const AccountId& account);
  void count_unacknowledged(const AccountId& account);
  void look_at_queues();

  store::Store& store_;
  const usecase::Context& context_;
  const store::Retention retention_;
  Clock& clock_;
  Random& random_;
  const OnUnacknowledged on_unacknowledged_;
  const OnSpace on_space_;
  const OnQueue on_queue_;
  std::map<AccountId, std::string> counters_swept_;  ///< Up to which key; used by the worker's thread alone.
  Worker worker_;
};

}  // namespace countersign::app
