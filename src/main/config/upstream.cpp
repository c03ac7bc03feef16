#include <fmt/format.h>

#include <algorithm>

#include "domain/method.h"
#include "main/config/parts.h"

namespace countersign::main {

namespace {

/// The Verify service behind a provider name; null for every other kind.
const TwilioVerifyConfig* verify_service(const Config& config, const std::string& provider) {
  const auto found = config.providers.find(provider);
  return found == config.providers.end() ? nullptr : std::get_if<TwilioVerifyConfig>(&found->second);
}

std::vector<std::string> providers_of(const ServiceConfig& service) {
  std::vector<std::string> names;
  for (const auto& [channel, provider] : service.channels) {
    for (auto& name : providers_of(service, channel)) names.push_back(std::move(name));
  }
  return names;
}

bool uses(const Config& config, const ServiceConfig& service, const std::string& service_sid) {
  return std::ranges::any_of(providers_of(service), [&](const std::string& name) {
    const auto* verify = verify_service(config, name);
    return verify != nullptr && verify->service_sid == service_sid;
  });
}

}  // namespace

void check_verify_services(Section& section, const Config& config, const ServiceConfig& service) {
  for (const auto& name : providers_of(service)) {
    const auto* verify = verify_service(config, name);
    if (verify == nullptr) continue;
    for (const auto& other : config.services) {
      if (other.account == service.account || !uses(config, other, verify->service_sid)) continue;
      section.fail("channels", fmt::format("names the provider \"{}\", whose Verify service {} serves the account "
                                           "\"{}\" already; one Verify service belongs to one account, so make another "
                                           "one at Twilio for \"{}\"",
                                           name, verify->service_sid, other.account, service.account));
      return;
    }
  }
}

std::vector<std::string> weak_approvals(const Config& config, const ServiceConfig& service) {
  std::vector<std::string> warnings;
  for (const auto& policy : service.policies) {
    for (const auto method : config.policies.at(policy).any_of.list()) {
      const auto channel = domain::channel_of(method);
      const auto names = channel ? providers_of(service, *channel) : std::vector<std::string>();
      const auto weak = std::ranges::find_if(names, [&](const std::string& name) {
        const auto* verify = verify_service(config, name);
        return verify != nullptr && !verify->psd2;
      });
      if (weak == names.end()) continue;
      warnings.push_back(
          fmt::format("policy {} approves transactions by {} over {}, a Verify service without PSD2: its messages do "
                      "not say what is "
                      "approved, and its codes are bound to the number alone",
                      policy, domain::to_text(method), *weak));
    }
  }
  return warnings;
}

}  // namespace countersign::main
