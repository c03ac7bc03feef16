#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "main/config/parts.h"

namespace countersign::main {

namespace {

constexpr std::string_view kBudgetForm = "a sum such as \"500.00 BRL\"";

/// In millionths of the currency of budgets.
std::optional<std::int64_t> read_budget(Section& section, std::string_view key, const std::string& currency) {
  domain::Price sum;
  section.parsed(key, sum, domain::parse_sum, kBudgetForm);
  if (sum.currency.empty()) return std::nullopt;
  if (currency.empty())
    section.fail(key, "needs risk.money.currency, the one currency that budgets are in");
  else if (sum.currency != currency)
    section.fail(key, fmt::format("is in {}, but budgets are in {}; write it in that", sum.currency, currency));
  return sum.micros;
}

void read_country_budgets(Section section, const std::string& currency, BudgetsConfig& out) {
  for (const auto& country : section.names()) {
    const bool is_country = country.size() == 2 && std::ranges::all_of(country, is_upper);
    if (!is_country && country != "default") section.fail(country, "is no country such as BR, and not default");
    if (const auto budget = read_budget(section, country, currency))
      out.countries[is_country ? country : std::string()] = *budget;
  }
  section.finish();
}

void read_rates(Section section, MoneyConfig& out) {
  for (const auto& currency : section.names()) {
    if (!domain::is_currency_code(currency)) section.fail(currency, "is no currency such as USD");
    if (currency == out.currency) section.fail(currency, "is the currency of budgets; leave it out");
    section.parsed(currency, out.rates[currency], domain::parse_rate_of_exchange,
                   fmt::format("what one {} costs in {}, such as \"5.40\"", currency, out.currency));
  }
  section.finish();
}

bool carries_to_phones(const Config& config, const std::string& provider) {
  return std::ranges::any_of(config.services, [&](const ServiceConfig& service) {
    return std::ranges::any_of(service.channels, [&](const auto& one) {
      const auto names = providers_of(service, one.first);
      return contact::uses_phone(one.first) && std::ranges::find(names, provider) != names.end();
    });
  });
}

}  // namespace

void read_budgets(Section section, const std::string& currency, BudgetsConfig& out) {
  if (const auto day = read_budget(section, "day", currency)) out.day = day;
  read_country_budgets(section.section("countries"), currency, out);
  section.finish();
}

void read_service_budget(Section section, const std::string& currency, std::optional<std::int64_t>& out) {
  if (const auto day = read_budget(section, "day", currency)) out = day;
  section.finish();
}

void read_money(Section section, Config& config) {
  auto& money = config.money;
  section.text("currency", money.currency);
  if (!money.currency.empty() && !domain::is_currency_code(money.currency))
    section.fail("currency", "must be three capital letters such as BRL");
  section.integer("reserve", money.reserve, 0, 100);
  read_rates(section.section("rates"), money);
  if (const auto day = read_budget(section, "day", money.currency)) money.budgets.day = day;
  read_country_budgets(section.section("countries"), money.currency, money.budgets);
  section.finish();
}

domain::Exchange exchange_of(const MoneyConfig& money) { return {money.currency, money.rates}; }

void check_money(Section& whole, const Config& config) {
  if (config.money.currency.empty()) return;
  const auto exchange = exchange_of(config.money);
  bool known = false;
  for (const auto& [name, prices] : config.prices) {
    for (const auto& [country, price] : prices) {
      if (!domain::exchanged(price, exchange))
        whole.fail("risk", fmt::format("has budgets in {}, but providers.{}.cost is in {}; set risk.money.rates.{} to "
                                       "what one {} costs in {}, such as \"5.40\"",
                                       exchange.currency, name, price.currency, price.currency, price.currency,
                                       exchange.currency));
      known = known || price.micros > 0;
    }
  }
  for (const auto& [name, signal] : config.signals) {
    if (signal.cost && !domain::exchanged(*signal.cost, exchange))
      whole.fail("risk", fmt::format("has budgets in {}, but risk.signals.{}.cost is in {}; set risk.money.rates.{}",
                                     exchange.currency, name, signal.cost->currency, signal.cost->currency));
  }
  const bool any = std::ranges::any_of(config.providers,
                                       [&](const auto& provider) { return carries_to_phones(config, provider.first); });
  if (any && !known)
    whole.fail("risk",
               "has budgets, but no provider has a price, so that nothing would ever be spent; set "
               "providers.NAME.cost.default to the price of one message, such as \"0.05 USD\"");
}

std::vector<std::string> unpriced(const Config& config) {
  std::vector<std::string> out;
  for (const auto& [name, provider] : config.providers) {
    if (!carries_to_phones(config, name)) continue;
    const auto prices = config.prices.find(name);
    if (prices == config.prices.end())
      out.push_back(name);
    else if (!prices->second.contains(""))
      out.push_back(fmt::format("{} (other countries)", name));
  }
  return out;
}

}  // namespace countersign::main
