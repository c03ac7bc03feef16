#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/time.h"
#include "store/tx.h"

namespace countersign::store {

/// The rules that an account has set by the API (usecase/risk/rule_set.h), over those of the configuration.
struct RiskRulesRow {
  std::string content;  ///< Canonical JSON.
  std::int64_t version = 0;
  std::string changed_by;
  WallTime changed_at;
};
[[nodiscard]] std::optional<RiskRulesRow> find_risk_rules(Tx& tx, const AccountId& account);
/// Of all accounts that have set some.
[[nodiscard]] std::map<AccountId, RiskRulesRow> all_risk_rules(Tx& tx);
/// Nodes learn of it as of changed API keys.
void save_risk_rules(Tx& tx, const AccountId& account, const RiskRulesRow& row);

}  // namespace countersign::store
