#include "main/server/provider_state.h"

#include <fmt/format.h>

#include <algorithm>

#include "main/log.h"
#include "usecase/spending/outlay.h"

namespace countersign::main {

std::vector<api::ProviderFigures> provider_figures(const Config& config, const usecase::ProviderBoard& board) {
  const auto open = board.open();
  const auto silent = board.silent();
  const auto shares = board.shares();
  std::vector<api::ProviderFigures> all;
  for (const auto& [name, provider] : config.providers) {
    api::ProviderFigures one;
    one.name = name;
    one.open = std::ranges::find(open, name) != open.end();
    for (const auto& [whose, country] : silent) {
      if (whose == name) one.silent.push_back(country);
    }
    for (const auto& [key, share] : shares) {
      if (key.provider != name) continue;
      const auto least = one.shares.try_emplace({key.channel, key.country}, share).first;
      least->second = std::min(least->second, share);
    }
    all.push_back(std::move(one));
  }
  return all;
}

std::vector<std::string> stopped_accounts(const usecase::Settings& settings, const usecase::ProviderBoard& board) {
  std::vector<std::string> stopped;
  const auto drained = board.all_drained();
  if (drained.contains(usecase::kAllSpending)) stopped.emplace_back("all");
  for (const auto& [id, account] : settings.accounts) {
    if (drained.contains(usecase::name_of_spending(id))) stopped.push_back(account.name);
  }
  return stopped;
}

void log_share(const usecase::ShareChange& change) {
  const auto& [service, channel, country, provider] = change.place;
  log(Level::kInfo, "provider_weight",
      fmt::format("{} has {} thousandths of its weight for {} {} of {}, before {}: what became of its codes", provider,
                  change.after, channel, country.empty() ? "to mailboxes" : country, service.text(), change.before));
}

}  // namespace countersign::main
