#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "crypto/webhook_signature.h"
#include "store/repository/webhooks.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

struct EndpointRequest {
  std::string url;
  std::vector<std::string> events;    ///< Event types, or `*`; empty means `*`.
  std::optional<std::string> secret;  ///< `whsec_…`; absent: one is generated.
};

struct EndpointView {
  WebhookEndpointId id;
  std::string url;
  std::string events;
  bool enabled = true;
  std::optional<std::string> disabled_reason;
  WallTime created_at;
  std::optional<WallTime> previous_secret_until{};  ///< During a rotation.
};

struct NewEndpoint {
  EndpointView endpoint;
  SecretString secret;  ///< Shown only here. [HOOK-2]
};

/// Codes: kInvalidField, kEndpointLimit, kEndpointExists (the account has an endpoint with an equivalent URL).
[[nodiscard]] Answer<NewEndpoint> add_endpoint(const Work& work, const EndpointRequest& request);
[[nodiscard]] std::vector<EndpointView> list_endpoints(const Work& work);
[[nodiscard]] Answer<EndpointView> show_endpoint(const Work& work, const WebhookEndpointId& id);
[[nodiscard]] Answer<Done> remove_endpoint(const Work& work, const WebhookEndpointId& id);

struct EndpointChange {
  std::optional<std::string> url{};
  std::optional<std::vector<std::string>> events{};  ///< At least one.
  std::optional<bool> enabled{};
};
/// Changes only the given members. While an endpoint is disabled, no events are queued for it, and queued ones fail.
[[nodiscard]] Answer<EndpointView> change_endpoint(const Work& work, const WebhookEndpointId& id,
                                                   const EndpointChange& change);

inline constexpr Duration kSecretOverlap = std::chrono::hours(24);
inline constexpr Duration kSecretOverlapMax = std::chrono::hours(24 * 7);
/// Sets a new secret, generated unless given. The previous secret keeps signing for `overlap`; any older one stops at
/// once. [HOOK-3]
[[nodiscard]] Answer<NewEndpoint> rotate_secret(const Work& work, const WebhookEndpointId& id,
                                                const std::optional<std::string>& secret, Duration overlap);

/// The endpoint's URL; nothing if the account has no such endpoint.
[[nodiscard]] std::optional<std::string> find_endpoint_url(store::Tx& tx, const Context& context,
                                                           const AccountId& account, const WebhookEndpointId& id);
[[nodiscard]] std::string endpoint_url(const store::Vault& vault, const store::EndpointRow& row);
/// All secrets that sign at that time: one, or two during a rotation.
[[nodiscard]] std::vector<crypto::WebhookSecret> endpoint_secrets(const store::Vault& vault,
                                                                  const store::EndpointRow& row, WallTime now);

}  // namespace countersign::usecase
