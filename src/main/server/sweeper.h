#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/worker.h"
#include "main/config/config.h"
#include "store/repository/queues.h"
#include "store/repository/retention.h"
#include "store/repository/transactions.h"
#include "store/store.h"
#include "usecase/background.h"

namespace countersign::main {

/// What the sweeper has found, about every minute. Called on its worker's thread.
struct SweeperHooks {
  /// Of each account: what is claimed and not acknowledged.
  std::function<void(const AccountId&, const store::Unacknowledged&)> on_unacknowledged;
  /// What the database takes; never of an engine that looks after its space by itself.
  std::function<void(const store::Tx::Space&)> on_space;
  /// Of each of store::kQueues: since when its oldest row is due.
  std::function<void(std::string_view queue, std::optional<WallTime> oldest_due)> on_queue;
};

/// Deletes rows past their retention, frees unused space, ends claims not acknowledged within the operator's limit, and
/// seals what an earlier release left in clear, a little at a time, so that no commit is long. [PRV-1]
class Sweeper {
 public:
  Sweeper(const usecase::Background& with, const RetentionConfig& retention, SweeperHooks hooks);
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
  const SweeperHooks hooks_;
  std::map<AccountId, std::string> counters_swept_;  ///< The last swept key; only on the worker's thread.
  Worker worker_;
};

}  // namespace countersign::main
