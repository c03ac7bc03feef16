#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "domain/routing.h"
#include "main/config/parts.h"
#include "main/config/units.h"

namespace countersign::main {

namespace {

constexpr int kWeightMax = 1000;

/// Names and weights of a table such as `{ a = 3, b = 1 }`, the heaviest first.
ProviderListConfig weighted(Section table) {
  std::vector<std::pair<int, std::string>> shares;
  for (const auto& name : table.names()) {
    int weight = 0;
    table.integer(name, weight, 0, kWeightMax);
    shares.emplace_back(weight, name);
  }
  std::ranges::stable_sort(shares, std::ranges::greater{}, &std::pair<int, std::string>::first);
  ProviderListConfig list;
  for (auto& [weight, name] : shares) {
    list.names.push_back(std::move(name));
    list.weights.push_back(weight);
  }
  return list;
}

void check_list(Section& section, std::string_view key, const Config& config, const ProviderListConfig& list) {
  if (list.names.empty() || list.names.size() > domain::routing::kListMax)
    section.fail(key, fmt::format("must name 1 to {} providers", domain::routing::kListMax));
  if (!list.weights.empty() && std::ranges::all_of(list.weights, [](int weight) { return weight == 0; }))
    section.fail(key, "must give a weight above 0 to one of its providers");
  const std::string_view what = key.starts_with("provider") ? "" : "the provider ";
  for (auto name = list.names.begin(); name != list.names.end(); ++name) {
    if (!config.providers.contains(*name))
      section.fail(key, fmt::format("names {1}\"{0}\", which is not there; add [providers.{0}]", *name, what));
    if (std::find(list.names.begin(), name, *name) != name)
      section.fail(key, fmt::format("names the provider \"{}\" twice", *name));
  }
}

}  // namespace

ProviderListConfig read_provider_list(Section& section, std::string_view key, const Config& config) {
  ProviderListConfig list;
  if (section.is_table(key))
    list = weighted(section.section(key));
  else if (section.is_list(key))
    section.texts(key, list.names);
  else
    section.text(key, list.names.emplace_back());
  check_list(section, key, config, list);
  return list;
}

void read_prices(Section section, Prices& out) {
  for (const auto& country : section.names()) {
    const bool is_country = country.size() == 2 && std::ranges::all_of(country, is_upper);
    if (!is_country && country != "default") section.fail(country, "is no country such as BR, and not default");
    domain::Price price;
    section.parsed(country, price, domain::parse_price, "a price such as \"0.05 USD\"");
    out[is_country ? country : std::string()] = price;
  }
  for (const auto& [country, price] : out) {
    if (price.currency != out.begin()->second.currency)
      section.fail_here("has several currencies; a provider asks for one");
  }
  section.finish();
}

std::vector<std::string> providers_of(const ServiceConfig& service, contact::Channel channel) {
  std::vector<std::string> names;
  const auto own = service.channels.find(channel);
  if (own == service.channels.end()) return names;
  names.push_back(own->second);
  const auto add = [&](const ProviderListConfig& list) {
    for (const auto& name : list.names) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  };
  if (const auto list = service.lists.find(channel); list != service.lists.end()) add(list->second);
  for (const auto& route : service.routing_rules) {
    if (!route.channel || *route.channel == channel) add(route.list);
  }
  return names;
}

std::string to_text(const ProviderListConfig& list) {
  std::string text;
  for (std::size_t i = 0; i < list.names.size(); ++i) {
    if (i > 0) text += list.weights.empty() ? ", then " : ", ";
    text += list.names[i];
    if (!list.weights.empty()) text += fmt::format(" (weight {})", list.weights[i]);
  }
  return text;
}

}  // namespace countersign::main
