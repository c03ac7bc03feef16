#include "usecase/context.h"

#include <algorithm>

#include "base/check.h"

namespace countersign::usecase {

const Road* ServiceSettings::road(contact::Channel channel) const {
  const auto found = roads.find(channel);
  return found == roads.end() ? nullptr : &found->second;
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

const AccountSettings& Settings::account(const AccountId& id) const {
  const auto found = accounts.find(id);
  CS_CHECK(found != accounts.end());  // Callers come from the table of API keys, which is checked against this one.
  return found->second;
}

}  // namespace countersign::usecase
