#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/budget.h"
#include "usecase/work.h"

namespace countersign::usecase {

// What is spent of budgets, for operators and applications.

/// What a budget, or a sum without one, is for.
struct BudgetView {
  std::string_view of;                   ///< `account`, `service` or `country`.
  ServiceId service = {};                ///< With `service`.
  std::string service_name = {};         ///< Likewise; empty if it is not configured any more.
  std::string country = {};              ///< With `country`: as country_of() has it.
  std::int64_t spent = 0;                ///< Today, in millionths of the currency.
  std::optional<domain::Budget> budget;  ///< Absent: nothing closes.
  domain::BudgetState state = domain::BudgetState::kOpen;
};

struct BudgetsView {
  std::string currency;  ///< Empty: nothing is counted.
  WallTime day;          ///< Its beginning.
  std::optional<WallTime> stopped_at;
  std::vector<BudgetView> budgets;  ///< Of the account, its services, then countries: those with a budget, or spent.
};

/// As it is stored now.
[[nodiscard]] BudgetsView show_budgets(store::Tx& tx, const Context& context, const AccountId& account, WallTime now);

/// Whether tell_of_budgets() may have something to write, as far as a snapshot shows.
[[nodiscard]] bool has_news(store::Tx& tx, const BudgetsView& view, const AccountId& account);
/// Writes `budget.warned` or `budget.closed`, as event and webhook, for each budget that came into that state today,
/// once for all nodes. Answers those.
std::vector<BudgetView> tell_of_budgets(store::Tx& tx, const Context& context, const AccountId& account,
                                        Moment& moment);

}  // namespace countersign::usecase
