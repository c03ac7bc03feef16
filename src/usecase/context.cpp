#include "usecase/context.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/test_account.h"
#include "contact/phone_number.h"
#include "crypto/digest.h"

namespace countersign::usecase {

namespace {

/// From 0 to 99, the same for an address each time, and another for another service.
int hundredth_of(const ServiceId& service, std::string_view address) {
  const std::string hash = crypto::sha256(fmt::format("{}{}", service.bytes(), address));
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(hash[i])); };
  return static_cast<int>((byte(0) << 16 | byte(1) << 8 | byte(2)) % 100);
}

bool fits(const Route& route, const ServiceId& service, contact::Channel channel, std::string_view address) {
  if (route.channel && *route.channel != channel) return false;
  if (!route.countries.empty()) {
    const auto phone = contact::PhoneNumber::parse(address);
    if (!phone || std::ranges::find(route.countries, phone->region()) == route.countries.end()) return false;
  }
  return hundredth_of(service, address) < route.percent;
}

}  // namespace

const Road* ServiceSettings::road(contact::Channel channel) const {
  const auto found = roads.find(channel);
  return found == roads.end() ? nullptr : &found->second;
}

const Road* ServiceSettings::road(contact::Channel channel, std::string_view address) const {
  const Road* own = road(channel);
  if (own == nullptr) return nullptr;
  const auto found = std::ranges::find_if(routes, [&](const Route& r) { return fits(r, id, channel, address); });
  return found == routes.end() ? own : &found->road;
}

const Road* ServiceSettings::road_of(contact::Channel channel, std::string_view provider) const {
  const Road* own = road(channel);
  if (own != nullptr && own->provider == provider) return own;
  const auto found = std::ranges::find_if(routes, [&](const Route& r) { return r.road.provider == provider; });
  return found == routes.end() ? nullptr : &found->road;
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

AccountSettings test_twin_of(const AccountSettings& live, FunctionRef<ServiceId(const ServiceSettings&)> service_of) {
  AccountSettings twin = live;
  twin.id = countersign::test_twin_of(live.id);
  for (auto& service : twin.services) {
    service.id = service_of(service);
    for (auto& [channel, road] : service.roads) road = {std::string(kTestProvider)};
    service.routes.clear();
    service.totp_issuer += " (test)";
  }
  return twin;
}

const AccountSettings& Settings::account(const AccountId& id) const {
  const auto found = accounts.find(id);
  CS_CHECK(found != accounts.end());  // Callers come from the table of API keys, which is checked against this one.
  return found->second;
}

}  // namespace countersign::usecase
