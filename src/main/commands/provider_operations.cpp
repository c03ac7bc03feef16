#include "main/commands/provider_operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <set>

#include "base/encoding.h"
#include "main/commands/operator_event.h"
#include "main/config/parts.h"
#include "store/repository/accounts.h"
#include "store/repository/conversion.h"
#include "store/repository/provider_marks.h"
#include "usecase/outbox/provider_board.h"

namespace countersign::main {

namespace {

using Drained = std::map<std::string, WallTime, std::less<>>;

/// Channels and routes of which the provider is one and, with it, all are drained.
json::array without_another(const Config& config, const std::string& provider, const Drained& drained) {
  json::array places;
  const auto look_at = [&](const ServiceConfig& service, const std::vector<std::string>& list, std::string_view what) {
    const bool is_in_use = std::ranges::any_of(list, [&](const auto& name) { return !drained.contains(name); });
    if (std::ranges::find(list, provider) != list.end() && !is_in_use)
      places.push_back(json::value(fmt::format("{} {}", service.name, what)));
  };
  for (const auto& service : config.services) {
    for (const auto& [channel, first] : service.channels) {
      const auto list = service.lists.find(channel);
      look_at(service, list == service.lists.end() ? std::vector{first} : list->second.names,
              contact::to_text(channel));
    }
    for (const auto& route : service.routing_rules) look_at(service, route.list.names, "route");
  }
  return places;
}

/// What the database says of providers.
struct Marks {
  std::map<std::string, WallTime, std::less<>> drained;
  std::map<std::string, WallTime, std::less<>> frozen;
  std::map<store::LearnedKey, int> shares;
};

json::value since(const std::map<std::string, WallTime, std::less<>>& marks, const std::string& name) {
  const auto found = marks.find(name);
  return found == marks.end() ? json::value(nullptr) : json::value(to_rfc3339(found->second));
}

/// Names of the accounts whose services may send by it.
std::set<std::string> users_of(const Config& config, const std::string& provider) {
  std::set<std::string> accounts;
  for (const auto& service : config.services) {
    for (const auto& [channel, first] : service.channels) {
      const auto names = providers_of(service, channel);
      if (std::ranges::find(names, provider) != names.end()) accounts.insert(service.account);
    }
  }
  return accounts;
}

std::vector<AccountId> users_in(store::Tx& tx, const Config& config, const std::string& provider) {
  std::vector<AccountId> users;
  for (const auto& name : users_of(config, provider)) {
    if (const auto account = store::find_account(tx, name)) users.push_back(*account);
  }
  return users;
}

}  // namespace

AdminAnswer list_providers(const AdminContext& context, const json::object& /*arguments*/) {
  const auto marks = context.store.read_now([](store::Tx& tx) {
    return Marks{store::drained_providers(tx), store::frozen_providers(tx), store::learned_shares(tx)};
  });
  if (!marks) return fail(marks.error().detail);
  std::vector<std::string> open;
  std::vector<std::pair<std::string, std::string>> silent;
  if (context.board != nullptr) {
    open = context.board->open();
    silent = context.board->silent();
  }
  json::array all;
  for (const auto& [name, provider] : context.config.providers) {
    json::object one{{"name", name}, {"kind", kind_of(provider)}};
    one["drained_at"] = since(marks->drained, name);
    one["frozen_at"] = since(marks->frozen, name);
    one["circuit"] = context.board == nullptr                      ? "unknown"
                     : std::ranges::find(open, name) != open.end() ? "open"
                                                                   : "closed";
    json::array countries;
    for (const auto& [provider_name, country] : silent) {
      if (provider_name == name) countries.push_back(json::value(country.empty() ? "mailboxes" : country));
    }
    one["silent_in"] = std::move(countries);
    json::array weights;
    for (const auto& [key, share] : marks->shares) {
      if (key.provider == name)
        weights.push_back(json::object{{"service", key.service.text()},
                                       {"channel", key.channel},
                                       {"country", key.country.empty() ? "mailboxes" : key.country},
                                       {"share", share}});
    }
    one["weights"] = std::move(weights);
    all.push_back(std::move(one));
  }
  return json::object{{"providers", std::move(all)}};
}

AdminAnswer drain_provider(const AdminContext& context, const json::object& arguments) {
  const auto name = json_text_or_empty(arguments, "name");
  const auto* drained = arguments.if_contains("drained");
  if (drained == nullptr || !drained->is_bool()) return fail(std::string("the request does not say whether to drain"));
  if (!context.config.providers.contains(name))
    return fail(fmt::format("there is no provider \"{}\" in the configuration", name));
  const auto at = drained->get_bool() ? std::optional(context.clock.now()) : std::nullopt;
  const auto written = context.store.transact_now([&](store::Tx& tx) {
    store::set_drained(tx, name, at);
    Moment moment{context.clock.now(), context.random};
    for (const auto& account : users_in(tx, context.config, name))
      record(tx, context, account, at ? "provider.drained" : "provider.undrained",
             canonical_json(json::object{{"provider", name}}), moment);
    return store::drained_providers(tx);
  });
  if (!written) return fail(written.error().detail);
  return json::object{{"name", name},
                      {"drained", at.has_value()},
                      {"without_another", at ? without_another(context.config, name, *written) : json::array()}};
}

AdminAnswer freeze_provider(const AdminContext& context, const json::object& arguments) {
  const auto name = json_text_or_empty(arguments, "name");
  const auto* frozen = arguments.if_contains("frozen");
  if (frozen == nullptr || !frozen->is_bool()) return fail(std::string("the request does not say whether to freeze"));
  if (!context.config.providers.contains(name))
    return fail(fmt::format("there is no provider \"{}\" in the configuration", name));
  const auto at = frozen->get_bool() ? std::optional(context.clock.now()) : std::nullopt;
  const auto written = context.store.transact_now([&](store::Tx& tx) {
    store::set_frozen(tx, name, at);
    Moment moment{context.clock.now(), context.random};
    for (const auto& account : users_in(tx, context.config, name))
      record(tx, context, account, at ? "provider.frozen" : "provider.unfrozen",
             canonical_json(json::object{{"provider", name}}), moment);
    return Done{};
  });
  if (!written) return fail(written.error().detail);
  return json::object{{"name", name}, {"frozen", at.has_value()}};
}

}  // namespace countersign::main
