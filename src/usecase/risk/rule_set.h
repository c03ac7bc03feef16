#pragma once

#include "base/json.h"
#include "risk/rule.h"
#include "usecase/problem.h"

namespace countersign::usecase {

/// `{"changes": {"NAME": {"off", "outcome", "shadow"}}, "rules": [{"name", "points", "when", "outcome", "shadow",
/// "advisory"}]}`. kInvalidField names the place: `rules[2].when`.
[[nodiscard]] Answer<risk::RuleSet> read_rule_set(const json::object& body);
[[nodiscard]] json::object to_json(const risk::RuleSet& set);
[[nodiscard]] json::object to_json(const risk::Rule& rule);

}  // namespace countersign::usecase
