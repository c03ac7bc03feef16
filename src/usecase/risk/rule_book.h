#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "risk/guard.h"
#include "risk/rule.h"
#include "usecase/settings.h"

namespace countersign::usecase {

/// The rules in force, and which of them have gone wild. One per process; thread-safe.
class RuleBook {
 public:
  /// Those of the configuration.
  explicit RuleBook(const Settings& settings);

  /// What accounts have set by the API: their canonical JSON. One that this program cannot read changes nothing of its
  /// account, and is named in the answer, once.
  std::vector<AccountId> replace(const std::map<AccountId, std::string>& contents);

  using Rules = std::shared_ptr<const std::vector<risk::Rule>>;
  /// Never null. Of a service that is not configured: those of its account.
  [[nodiscard]] Rules rules_of(const AccountId& account, const ServiceId& service) const;

  /// Whether any service of the account has a rule of that name.
  [[nodiscard]] bool has(const AccountId& account, std::string_view name) const;

  /// An established person was judged (risk/guard.h).
  void note(const AccountId& account, std::uint64_t person, const std::vector<std::string>& hard_rules, WallTime now);
  [[nodiscard]] std::vector<std::string> fallen(const AccountId& account, WallTime now) const;

 private:
  struct Account {
    std::map<ServiceId, Rules> services;
    Rules others;
  };
  const Settings& settings_;
  mutable std::mutex mutex_;
  // Guarded by mutex_:
  std::map<AccountId, Account> accounts_;
  std::optional<std::map<AccountId, std::string>> contents_;  ///< What they were made from.
  std::map<AccountId, risk::Guard> guards_;
};

}  // namespace countersign::usecase
