#include "usecase/settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/test_account.h"
#include "contact/phone_number.h"
#include "crypto/digest.h"
#include "domain/conversion.h"
#include "domain/routing.h"

namespace countersign::usecase {

namespace {

/// 0 to 99: constant for an address at one service, different at another.
int hundredth_of(const ServiceId& service, std::string_view address) {
  const std::string hash = crypto::sha256(fmt::format("{}{}", service.bytes(), address));
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(hash[i])); };
  return static_cast<int>((byte(0) << 16 | byte(1) << 8 | byte(2)) % 100);
}

bool fits(const RoutingRule& route, const ServiceId& service, contact::Channel channel, std::string_view address) {
  if (route.channel && *route.channel != channel) return false;
  if (!route.countries.empty()) {
    const auto phone = contact::PhoneNumber::parse(address);
    if (!phone || std::ranges::find(route.countries, phone->region()) == route.countries.end()) return false;
  }
  return hundredth_of(service, address) < route.percent;
}

/// Whether there is a provider (of this channel), and all make and check codes.
bool all_check_elsewhere(const std::vector<ServiceSettings>& services, std::optional<contact::Channel> channel) {
  bool any = false;
  bool all = true;
  const auto look = [&](const ChannelProvider& provider) {
    any = any || provider.checks_codes;
    all = all && provider.checks_codes;
  };
  for (const auto& service : services) service.each_provider(look, channel);
  return any && all;
}

/// The list of `first` and `further` in order of preference for the address.
Preferred in_order(const ServiceId& service, std::string_view address, const ChannelProvider& first,
                   const FurtherProviders* further, const LearnedShare& share) {
  Preferred list{&first};
  if (further == nullptr) return list;
  for (const auto& provider : further->providers) list.push_back(&provider);
  if (further->weights.empty()) return list;
  std::vector<domain::routing::Candidate> candidates;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const int learned = share ? share(list[i]->name) : domain::conversion::kShareMax;
    candidates.push_back({list[i]->name, domain::conversion::weight_of(further->weights.at(i), learned)});
  }
  Preferred ordered;
  for (const auto place : domain::routing::preference(candidates, domain::routing::Sharing::kByWeight,
                                                      fmt::format("{}{}", service.bytes(), address)))
    ordered.push_back(list[place]);
  return ordered;
}

}  // namespace

const ChannelProvider* ServiceSettings::provider_for(contact::Channel channel) const {
  const auto found = providers.find(channel);
  return found == providers.end() ? nullptr : &found->second;
}

std::optional<domain::Price> ChannelProvider::price_to(std::string_view country) const {
  auto found = prices.find(country);
  if (found == prices.end()) found = prices.find(std::string_view());
  return found == prices.end() ? std::nullopt : std::optional(found->second);
}

std::optional<domain::Budget> Budgets::of_country(std::string_view country) const {
  auto found = countries.find(country);
  if (found == countries.end()) found = countries.find(std::string_view());
  return found == countries.end() ? std::nullopt : std::optional(found->second);
}

const ChannelProvider* ServiceSettings::provider_for(contact::Channel channel, std::string_view address) const {
  const auto list = preferred_for(channel, address);
  return list.empty() ? nullptr : list.front();
}

bool ServiceSettings::has_choice(contact::Channel channel) const {
  return !routing_rules.empty() || further.contains(channel);
}

/// The first of the list for that address, and the rest of it; null if the service does not have the channel.
std::pair<const ChannelProvider*, const FurtherProviders*> ServiceSettings::list_for(contact::Channel channel,
                                                                                     std::string_view address) const {
  const ChannelProvider* own = provider_for(channel);
  if (own == nullptr) return {};
  const auto rule =
      std::ranges::find_if(routing_rules, [&](const RoutingRule& r) { return fits(r, id, channel, address); });
  if (rule != routing_rules.end()) return {&rule->provider, &rule->further};
  const auto more = further.find(channel);
  return {own, more == further.end() ? nullptr : &more->second};
}

Preferred ServiceSettings::preferred_for(contact::Channel channel, std::string_view address,
                                         const LearnedShare& share) const {
  const auto [first, more] = list_for(channel, address);
  return first == nullptr ? Preferred{} : in_order(id, address, *first, more, share);
}

bool ServiceSettings::is_weighted(contact::Channel channel, std::string_view address) const {
  const auto* more = list_for(channel, address).second;
  return more != nullptr && !more->weights.empty();
}

void ServiceSettings::each_provider(FunctionRef<void(const ChannelProvider&)> look,
                                    std::optional<contact::Channel> channel) const {
  for (const auto& [of, provider] : providers) {
    if (!channel || of == *channel) look(provider);
  }
  for (const auto& [of, more] : further) {
    if (!channel || of == *channel) std::ranges::for_each(more.providers, look);
  }
  for (const auto& rule : routing_rules) {
    look(rule.provider);
    std::ranges::for_each(rule.further.providers, look);
  }
}

const ChannelProvider* ServiceSettings::provider_of(contact::Channel channel, std::string_view its_name) const {
  const ChannelProvider* own = provider_for(channel);
  if (own != nullptr && own->name == its_name) return own;
  const ChannelProvider* found = nullptr;
  each_provider([&](const ChannelProvider& provider) {
    if (found == nullptr && provider.name == its_name) found = &provider;
  });
  return found;
}

const ServiceSettings* AccountSettings::service(const ServiceId& wanted) const {
  const auto found = std::find_if(services.begin(), services.end(), [&](const auto& s) { return s.id == wanted; });
  return found == services.end() ? nullptr : &*found;
}

const ServiceSettings* AccountSettings::service(std::string_view wanted_name) const {
  const auto found =
      std::find_if(services.begin(), services.end(), [&](const auto& s) { return s.name == wanted_name; });
  return found == services.end() ? nullptr : &*found;
}

void AccountSettings::settle() {
  elsewhere = {all_check_elsewhere(services, std::nullopt)};
  for (const auto& service : services) {
    for (const auto& [channel, provider] : service.providers) {
      if (all_check_elsewhere(services, channel)) elsewhere.channels.insert(channel);
    }
  }
}

AccountSettings test_twin_of(const AccountSettings& live, FunctionRef<ServiceId(const ServiceSettings&)> service_of) {
  AccountSettings twin = live;
  twin.id = countersign::test_twin_of(live.id);
  for (auto& service : twin.services) {
    service.id = service_of(service);
    for (auto& [channel, provider] : service.providers) {
      // What a template of ours would not show, a test does not show either.
      auto code_alone = provider.checks_codes ? std::set<contact::Channel>() : std::move(provider.code_alone);
      provider = {std::string(kTestProvider)};
      provider.code_alone = std::move(code_alone);
    }
    service.routing_rules.clear();
    service.further.clear();
    service.shared_with.clear();  // [STD-12]
    service.totp_issuer += " (test)";
  }
  twin.settle();
  return twin;
}

const AccountSettings& Settings::account(const AccountId& id) const {
  const auto found = accounts.find(id);
  CS_CHECK(found != accounts.end());  // Callers come from the API key table, which is checked against the accounts.
  return found->second;
}

}  // namespace countersign::usecase
