#include <fmt/format.h>

#include "main/config.h"
#include "main/config_parts.h"
#include "main/units.h"

namespace countersign::app {

namespace {

std::string_view kind_of(const ProviderConfig& provider) {
  if (std::holds_alternative<TwilioVerifyConfig>(provider)) return "Twilio Verify";
  if (std::holds_alternative<TwilioMessagingConfig>(provider)) return "Twilio Messaging";
  if (std::holds_alternative<HttpHookConfig>(provider)) return "HTTP hook";
  return "development inbox";
}

std::string describe(const ServiceConfig& service, const Config& config) {
  std::string text = fmt::format("service {} of account {}: codes of {} digits for {}", service.name, service.account,
                                 service.code_length, to_text(service.code_ttl));
  for (const auto& [channel, provider] : service.channels) {
    text +=
        fmt::format("\n  {:<9} {} ({}){}", contact::to_text(channel), provider, kind_of(config.providers.at(provider)),
                    contact::uses_phone(channel) ? ", restricted" : "");  // PSTN-1
  }
  for (const auto& policy : service.policies) text += fmt::format("\n  policy    {}", policy);
  for (const auto& url : service.return_urls) text += fmt::format("\n  back to   {}", url);
  if (service.return_urls.empty())
    text += "\n  warning   return_urls is not set: whoever may hold can lead people from the page to any site";
  for (const auto& warning : weak_approvals(config, service)) text += fmt::format("\n  warning   {}", warning);
  return text;
}

}  // namespace

std::string summary(const Config& config, std::string_view store) {
  std::string text = fmt::format("mode      {}\n", config.mode == Mode::kProduction ? "production" : "development");
  for (const auto& listen : config.listen) {
    text += fmt::format("listen    {}{}\n", listen.to_text(), config.tls ? " (TLS)" : " (plain HTTP)");
  }
  text += fmt::format("metrics   {}\n", config.metrics.listen ? config.metrics.listen->to_text() : "off");
  text += fmt::format("public    {}\n", config.public_url);
  text += fmt::format("store     {}\n", store);
  text += fmt::format("keys      {} sealing, current {}\n", config.secrets.seal_keys.size(),
                      config.secrets.current_seal_key);
  for (const auto& service : config.services) text += describe(service, config) + "\n";
  return text;
}

}  // namespace countersign::app
