#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "risk/rule.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// The fraud rules of the account: what it has set, and what follows.
struct RulesView {
  json::object set;          ///< As read_rule_set() reads it; empty lists where nothing was set.
  std::int64_t version = 0;  ///< Of what was set; 0: nothing.
  std::string changed_by;
  std::optional<WallTime> changed_at;
  std::vector<risk::Rule> in_force;  ///< Of the account's first service, on this node, a second after a change.
  std::vector<std::string> fallen;   ///< Names of those that have gone wild on this node.
};
/// By a key with the scope `admin`.
[[nodiscard]] Answer<RulesView> show_rules(const Work& work);

/// Replaces what the account has set; with its author in the audit log. `version`: of what it replaces;
/// kRulesChanged where somebody else was faster. Answers what an operator should know about them, in sentences.
[[nodiscard]] Answer<std::vector<std::string>> set_rules(const Work& work, const risk::RuleSet& rules,
                                                         std::optional<std::int64_t> version);

}  // namespace countersign::usecase
