#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "delivery/http_client.h"
#include "delivery/ports.h"
#include "delivery/providers/inbox.h"
#include "main/config.h"
#include "store/store.h"
#include "usecase/context.h"
#include "usecase/courier.h"

namespace countersign::app {

/// The configuration as the use cases see it; makes the rows of accounts and services that it names.
[[nodiscard]] Result<usecase::Settings, store::StoreError> make_settings(const Config& config, store::Store& store,
                                                                         Clock& clock, Random& random);

/// The same of what the database knows already: accounts and services that no server has made yet are left out.
[[nodiscard]] usecase::Settings settings_of_known(const Config& config, store::Tx& tx, Random& random);

/// The providers of the configuration, made, and the maps by which the courier finds them. Codes go through
/// `for_codes`, notices through `for_others`.
struct BuiltProviders {
  std::vector<std::unique_ptr<delivery::Sender>> senders;
  std::vector<std::unique_ptr<delivery::Verifier>> verifiers;
  usecase::Providers by_name;
  std::map<std::string, SecretString> twilio_tokens;  ///< By provider: what its callbacks are signed with.
};
[[nodiscard]] BuiltProviders build_providers(const Config& config, delivery::HttpClient& for_codes,
                                             delivery::HttpClient& for_others, Clock& clock, delivery::InboxSink inbox,
                                             delivery::InboxOutage* outage);

}  // namespace countersign::app
