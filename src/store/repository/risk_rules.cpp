#include "store/repository/risk_rules.h"

#include "store/repository/accounts.h"

namespace countersign::store {

namespace {

constexpr Columns kRiskRules{R"sql(
    r.account_id, r.content, r.version, r.changed_by, r.changed_at
)sql"};

RiskRulesRow read_rules(const Row& row) {
  return {row.string(kRiskRules["content"]), row.integer(kRiskRules["version"]), row.string(kRiskRules["changed_by"]),
          row.time(kRiskRules["changed_at"])};
}

}  // namespace

std::optional<RiskRulesRow> find_risk_rules(Tx& tx, const AccountId& account) {
  static constexpr Sql kFind{kRiskRules, R"sql(
      SELECT {{columns}}
      FROM risk_rules r
      WHERE account_id = :account_id
  )sql"};
  std::optional<RiskRulesRow> found;
  tx.one(kFind, {account}, [&](const Row& row) { found = read_rules(row); });
  return found;
}

std::map<AccountId, RiskRulesRow> all_risk_rules(Tx& tx) {
  static constexpr Sql kAll{kRiskRules, R"sql(
      SELECT {{columns}}
      FROM risk_rules r
  )sql"};
  std::map<AccountId, RiskRulesRow> all;
  tx.all(kAll, {}, [&](const Row& row) { all.emplace(row.id<AccountId>(kRiskRules["account_id"]), read_rules(row)); });
  return all;
}

void save_risk_rules(Tx& tx, const AccountId& account, const RiskRulesRow& row) {
  static constexpr Sql kSave{R"sql(
      INSERT INTO risk_rules (account_id, content, version, changed_by, changed_at)
      VALUES (:account_id, :content, :version, :changed_by, :changed_at)
      ON CONFLICT (account_id) DO UPDATE
      SET content = :content, version = :version, changed_by = :changed_by, changed_at = :changed_at
  )sql"};
  tx.put(kSave, {{"account_id", account},
                 {"content", row.content},
                 {"version", row.version},
                 {"changed_by", row.changed_by},
                 {"changed_at", row.changed_at}});
  note_credential_change(tx);
}

}  // namespace countersign::store
