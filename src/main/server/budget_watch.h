#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "api/operations/operations.h"
#include "base/worker.h"
#include "store/store.h"
#include "usecase/background.h"
#include "usecase/spending/budgets.h"

namespace countersign::main {

/// Looks every few seconds at what each account has spent: for the metrics, and to tell once, whichever node is first,
/// that a budget is nearly spent or closed. Reads one snapshot for each account; writes only where there is something
/// to tell. Does nothing without a currency. Thread-safe.
class BudgetWatch {
 public:
  explicit BudgetWatch(const usecase::Background& with);
  void stop() { worker_.stop(); }

  /// As it was at the last look.
  [[nodiscard]] std::vector<api::BudgetFigures> figures() const;

  static constexpr Duration kLook = std::chrono::seconds(5);

 private:
  void look(const AccountId& account);
  void tell(const AccountId& account);

  store::Store& store_;
  const usecase::Context& context_;
  Clock& clock_;
  Random& random_;
  mutable std::mutex mutex_;
  std::map<AccountId, usecase::BudgetsView> views_;  ///< Guarded by mutex_.
  Worker worker_;
};

}  // namespace countersign::main
