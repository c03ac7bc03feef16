#pragma once

#include <optional>

#include "store/store.h"
#include "usecase/risk/book.h"
#include "usecase/risk/decision_log.h"
#include "usecase/risk/rule_book.h"
#include "usecase/risk/trust_book.h"

namespace countersign::main {

/// What a server keeps in memory for the fraud rules. It outlives the use cases.
class RiskState {
 public:
  /// Reads what all nodes counted of the last day, before the first code leaves.
  [[nodiscard]] Result<Done, store::StoreError> load(store::Store& store, WallTime now);
  void give_to(usecase::Context& context) {
    context.risk = &book_;
    context.decisions = &decisions_;
    rules_.emplace(context.settings);
    context.rules = &*rules_;
    context.trust = &people_;
  }
  /// After give_to().
  [[nodiscard]] usecase::RuleBook& rules() { return *rules_; }

 private:
  usecase::RiskBook book_;
  usecase::DecisionLog decisions_;
  std::optional<usecase::RuleBook> rules_;
  usecase::TrustBook people_;
};

}  // namespace countersign::main
