#include "usecase/spending/budgets.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <map>

#include "base/encoding.h"
#include "base/json.h"
#include "store/repository/counters.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/webhooks.h"
#include "usecase/spending/outlay.h"
#include "usecase/spending/switch.h"

namespace countersign::usecase {

namespace {

using Spent = std::map<std::string, domain::Window, std::less<>>;

std::string key_of(const BudgetView& view) {
  if (view.of == "service") return spent_by_service(view.service);
  return view.of == "country" ? spent_on_country(view.country) : spent_by_account();
}

/// In the day of the window, the worst state that was told; as a number, because a window holds one.
std::string told_key(const BudgetView& view) { return "told " + key_of(view); }

std::int64_t told(store::Tx& tx, const AccountId& account, const BudgetView& view, WallTime day) {
  const auto window = store::find_counter(tx, account, told_key(view));
  return window.start == day ? window.count : 0;
}

/// The price of the cheapest message that a budget pays for.
std::int64_t cheapest_for(const Context& context, const AccountSettings& account, const BudgetView& view) {
  const auto& money = context.settings.money;
  if (view.of != "country") return money.cheapest;
  std::optional<std::int64_t> least;
  for (const auto& service : account.services) {
    service.each_provider([&](const ChannelProvider& provider) {
      const auto price = provider.price_to(view.country);
      const auto micros = price ? domain::exchanged(*price, money.exchange) : std::nullopt;
      if (micros && *micros > 0) least = std::min(least.value_or(*micros), *micros);
    });
  }
  return std::max<std::int64_t>(1, least.value_or(money.dearest));
}

bool is_news(store::Tx& tx, const AccountId& account, const BudgetView& view, WallTime day) {
  return view.state != domain::BudgetState::kOpen &&
         static_cast<std::int64_t>(view.state) > told(tx, account, view, day);
}

json::object facts_of(const BudgetView& view, std::string_view currency) {
  const auto sum = [&](std::int64_t micros) { return domain::to_text(domain::Price{micros, std::string(currency)}); };
  json::object facts{{"budget", view.of}, {"state", domain::to_text(view.state)}, {"spent", sum(view.spent)}};
  if (view.of == "service") facts["service"] = view.service.text();
  if (view.of == "country") facts["country"] = view.country;
  if (view.budget) {
    facts["limit"] = sum(view.budget->limit);
    facts["closes"] = sum(domain::most_of(*view.budget, true));
  }
  return facts;
}

}  // namespace

BudgetsView show_budgets(store::Tx& tx, const Context& context, const AccountId& account, WallTime now) {
  BudgetsView view{context.settings.money.exchange.currency, domain::day_begin(now), stopped_at(tx, account), {}};
  const auto settings = context.settings.accounts.find(account);
  if (view.currency.empty() || settings == context.settings.accounts.end()) return view;
  const auto& budgets = settings->second.budgets;
  const Spent spent = store::all_spent(tx, account);
  const auto add = [&](BudgetView one) {
    const auto found = spent.find(key_of(one));
    one.spent = found == spent.end() ? 0 : domain::spent_on_day(found->second, now);
    if (one.budget) one.state = domain::state_of(*one.budget, one.spent, cheapest_for(context, settings->second, one));
    view.budgets.push_back(std::move(one));
  };
  add({.of = "account", .budget = budgets.account});
  for (const auto& service : settings->second.services) {
    const auto own = budgets.services.find(service.id);
    add({.of = "service",
         .service = service.id,
         .service_name = service.name,
         .budget = own == budgets.services.end() ? std::nullopt : std::optional(own->second)});
  }
  std::vector<std::string> countries;
  for (const auto& [country, budget] : budgets.countries) {
    if (!country.empty()) countries.push_back(country);
  }
  const std::string prefix = spent_on_country("");
  for (auto found = spent.lower_bound(prefix); found != spent.end() && found->first.starts_with(prefix); ++found) {
    if (domain::spent_on_day(found->second, now) > 0) countries.push_back(found->first.substr(prefix.size()));
  }
  std::ranges::sort(countries);
  const auto twice = std::ranges::unique(countries);
  countries.erase(twice.begin(), twice.end());
  for (auto& country : countries) {
    const auto budget = budgets.of_country(country);
    add({.of = "country", .country = std::move(country), .budget = budget});
  }
  return view;
}

bool has_news(store::Tx& tx, const BudgetsView& view, const AccountId& account) {
  return std::ranges::any_of(view.budgets, [&](const auto& one) { return is_news(tx, account, one, view.day); });
}

std::vector<BudgetView> tell_of_budgets(store::Tx& tx, const Context& context, const AccountId& account,
                                        Moment& moment) {
  std::vector<BudgetView> news;
  const auto view = show_budgets(tx, context, account, moment.now);
  const Caller system{account, "system", "", std::nullopt};
  for (const auto& one : view.budgets) {
    if (!is_news(tx, account, one, view.day)) continue;
    store::keep_window(tx, account, told_key(one), {view.day, static_cast<std::int64_t>(one.state)});
    const std::string_view type = one.state == domain::BudgetState::kNearlySpent ? "budget.warned" : "budget.closed";
    const auto facts = facts_of(one, view.currency);
    Facts data;
    for (const auto& fact : facts) data.text(fact.key(), fact.value().get_string());
    if (type == "budget.warned")
      record({tx, context, system, moment}, "budget.warned", data);
    else
      record({tx, context, system, moment}, "budget.closed", data);
    enqueue_webhook_body(
        tx, account, type,
        canonical_json(json::object{{"type", type}, {"timestamp", to_rfc3339(moment.now)}, {"data", facts}}), moment);
    news.push_back(one);
  }
  return news;
}

}  // namespace countersign::usecase
