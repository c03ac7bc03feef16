#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "delivery/by_locale.h"
#include "delivery/http_client.h"
#include "delivery/ports.h"
#include "delivery/providers/inbox.h"
#include "delivery/providers/twilio_account.h"
#include "main/config/config.h"
#include "store/store.h"
#include "usecase/outbox/courier.h"
#include "usecase/outbox/gateway_report.h"
#include "usecase/outbox/obstacles.h"
#include "usecase/outbox/whatsapp_callback.h"
#include "usecase/settings.h"

namespace countersign::main {

/// Converts the configuration for the use cases; creates the rows of its accounts and services.
[[nodiscard]] Result<usecase::Settings, store::StoreError> make_settings(const Config& config, store::Store& store,
                                                                         Clock& clock, Random& random);

/// The same for accounts and services already in the database; others are left out.
[[nodiscard]] usecase::Settings settings_of_known(const Config& config, store::Tx& tx, Random& random);

/// The live account of that name; nullopt where it has no service.
[[nodiscard]] std::optional<AccountId> account_named(const usecase::Settings& settings, std::string_view name);

[[nodiscard]] delivery::TwilioAccount account_of(const TwilioCredentials& credentials);

/// The configured providers, and the maps by which the courier finds them. Codes use `for_codes`, notices `for_others`.
struct BuiltProviders {
  std::vector<std::unique_ptr<delivery::Sender>> senders;
  std::vector<std::unique_ptr<delivery::Verifier>> verifiers;
  usecase::Providers by_name;
  std::map<std::string, SecretString> twilio_tokens;  ///< By provider: signing key of its callbacks.
  usecase::WhatsappHooks whatsapp_hooks;
  std::map<std::string, delivery::ByLocale, std::less<>> call_voices;  ///< By provider.
  usecase::GatewayReportForms gateway_reports;                         ///< How those of gateways are read.
  usecase::GatewayInboundForms gateway_inbound;                        ///< How what people write to gateways is read.
};
[[nodiscard]] BuiltProviders build_providers(const Config& config, delivery::HttpClient& for_codes,
                                             delivery::HttpClient& for_others, Clock& clock, delivery::InboxSink inbox,
                                             delivery::InboxOutage* outage);

}  // namespace countersign::main
