#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/keyring.h"
#include "crypto/signing_keys.h"
#include "crypto/vapid.h"
#include "delivery/push_endpoint.h"
#include "main/config/config.h"

namespace countersign::main {

/// The keys of a validated configuration.
[[nodiscard]] crypto::Keyring keyring_of(const SecretsConfig& secrets);
[[nodiscard]] crypto::SigningKeySet signing_keys_of(const SecretsConfig& secrets);

/// The keys of Web Push, the current one first; none without one.
[[nodiscard]] std::vector<crypto::VapidKey> push_keys_of(const SecretsConfig& secrets, const std::string& subject);
/// The current one's name, for the log; empty: there is none.
[[nodiscard]] std::string push_key_name(const SecretsConfig& secrets);
/// Where pushes may go.
[[nodiscard]] delivery::PushEndpointRules push_endpoints_of(const Config& config);

/// One line for each key: use, id, its check value (which tells keys apart and reveals nothing), and its state. [CRY-7]
[[nodiscard]] std::string list_keys(const SecretsConfig& secrets);

/// The keys for the log: "sealing keys 1 and 2, new data under 1; receipts signed by …".
[[nodiscard]] std::string name_keys(const SecretsConfig& secrets);

}  // namespace countersign::main
