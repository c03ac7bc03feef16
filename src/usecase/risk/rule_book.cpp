#include "usecase/risk/rule_book.h"

#include <algorithm>

#include "usecase/risk/rule_set.h"

namespace countersign::usecase {

namespace {

RuleBook::Rules merged(const std::vector<risk::Rule>& base, const risk::RuleSet& set) {
  return std::make_shared<const std::vector<risk::Rule>>(risk::with_changes(base, set.changes, set.rules));
}

/// Of the configuration, for one service.
std::vector<risk::Rule> configured(const AccountSettings& account, const ServiceSettings* service) {
  auto rules = risk::with_changes(risk::built_in_rules(), account.risk.changes, account.risk.rules);
  if (service == nullptr) return rules;
  return risk::with_changes(rules, service->risk.changes, service->risk.rules);
}

}  // namespace

RuleBook::RuleBook(const Settings& settings) : settings_(settings) { replace({}); }

std::vector<AccountId> RuleBook::replace(const std::map<AccountId, std::string>& contents) {
  {
    const std::lock_guard lock(mutex_);
    if (contents_ == contents) return {};
  }
  std::vector<AccountId> unreadable;
  std::map<AccountId, Account> next;
  for (const auto& [id, account] : settings_.accounts) {
    risk::RuleSet set;
    if (const auto found = contents.find(id); found != contents.end()) {
      const auto value = parse_json(found->second);
      auto read = value && value->is_object() ? std::optional(read_rule_set(value->get_object())) : std::nullopt;
      if (read && *read)
        set = **std::move(read);
      else
        unreadable.push_back(id);
    }
    Account made;
    made.others = merged(configured(account, nullptr), set);
    for (const auto& service : account.services) made.services[service.id] = merged(configured(account, &service), set);
    next.emplace(id, std::move(made));
  }
  const std::lock_guard lock(mutex_);
  for (const auto& id : unreadable) {
    if (const auto known = accounts_.find(id); known != accounts_.end()) next[id] = known->second;
  }
  accounts_ = std::move(next);
  contents_ = contents;
  return unreadable;
}

RuleBook::Rules RuleBook::rules_of(const AccountId& account, const ServiceId& service) const {
  static const Rules kNone = std::make_shared<const std::vector<risk::Rule>>();
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(account);
  if (found == accounts_.end()) return kNone;
  const auto own = found->second.services.find(service);
  return own == found->second.services.end() ? found->second.others : own->second;
}

bool RuleBook::has(const AccountId& account, std::string_view name) const {
  const auto named = [&](const Rules& rules) {
    return std::ranges::find(*rules, name, &risk::Rule::name) != rules->end();
  };
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(account);
  if (found == accounts_.end()) return false;
  return named(found->second.others) ||
         std::ranges::any_of(found->second.services, [&](const auto& one) { return named(one.second); });
}

void RuleBook::note(const AccountId& account, std::uint64_t person, const std::vector<std::string>& hard_rules,
                    WallTime now) {
  const std::vector<std::string_view> names(hard_rules.begin(), hard_rules.end());
  const std::lock_guard lock(mutex_);
  guards_.try_emplace(account, settings_.risk_guard).first->second.note(person, names, now);
}

std::vector<std::string> RuleBook::fallen(const AccountId& account, WallTime now) const {
  const std::lock_guard lock(mutex_);
  const auto found = guards_.find(account);
  return found == guards_.end() ? std::vector<std::string>() : found->second.fallen(now);
}

}  // namespace countersign::usecase
