#include "usecase/risk/rules.h"

#include "base/encoding.h"
#include "crypto/digest.h"
#include "store/repository/risk_rules.h"
#include "usecase/audit_log.h"
#include "usecase/risk/rule_book.h"
#include "usecase/risk/rule_set.h"

namespace countersign::usecase {

Answer<RulesView> show_rules(const Work& work) {
  if (!work.caller.may_administer) return refuse(Code::kMayNotAdminister);
  RulesView view;
  view.set = to_json(risk::RuleSet{});
  if (const auto row = store::find_risk_rules(work.tx, work.caller.account)) {
    if (const auto value = parse_json(row->content); value && value->is_object()) view.set = value->get_object();
    view.version = row->version;
    view.changed_by = row->changed_by;
    view.changed_at = row->changed_at;
  }
  if (work.context.rules == nullptr) return view;
  const auto& services = work.context.settings.account(work.caller.account).services;
  view.in_force = *work.context.rules->rules_of(work.caller.account, services.front().id);
  view.fallen = work.context.rules->fallen(work.caller.account, work.moment.now);
  return view;
}

Answer<std::vector<std::string>> set_rules(const Work& work, const risk::RuleSet& rules,
                                           std::optional<std::int64_t> version) {
  if (!work.caller.may_administer) return refuse(Code::kMayNotAdminister);
  const auto known = store::find_risk_rules(work.tx, work.caller.account);
  const std::int64_t current = known ? known->version : 0;
  if (version && *version != current)
    return refuse(Code::kRulesChanged, "somebody else has changed them; read them again");
  store::RiskRulesRow row;
  row.content = canonical_json(to_json(rules));
  row.version = current + 1;
  row.changed_by = work.caller.actor;
  row.changed_at = work.moment.now;
  store::save_risk_rules(work.tx, work.caller.account, row);
  record(work, "risk_rules.changed",
         Facts()
             .number("version", row.version)
             .number("rule_count", static_cast<std::int64_t>(rules.rules.size()))
             .text("sha256", to_hex(crypto::sha256(row.content))));
  auto doubts = risk::doubts_about(rules.rules);
  for (const auto& change : rules.changes) {
    const auto& built_in = risk::built_in_rules();
    const bool there = std::ranges::find(built_in, change.name, &risk::Rule::name) != built_in.end() ||
                       (work.context.rules != nullptr && work.context.rules->has(work.caller.account, change.name));
    if (!there) doubts.push_back("there is no rule " + change.name + " to change");
  }
  return doubts;
}

}  // namespace countersign::usecase
