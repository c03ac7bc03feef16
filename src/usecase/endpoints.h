#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "crypto/webhook_signature.h"
#include "store/repository/webhooks.h"
#include "usecase/context.h"
#include "usecase/problem.h"

namespace countersign::usecase {

struct EndpointRequest {
  std::string url;
  std::vector<std::string> events;    ///< Types, or `*`; empty means `*`.
  std::optional<std::string> secret;  ///< `whsec_…`; absent: one is made.
};

struct EndpointView {
  WebhookEndpointId id;
  std::string url;
  std::string events;
  bool enabled = true;
  std::optional<std::string> disabled_reason;
  WallTime created_at;
  std::optional<WallTime> previous_secret_until{};  ///< While a rotation runs.
};

struct NewEndpoint {
  EndpointView endpoint;
  SecretString secret;  ///< Shown here and never again. [HOOK-2]
};

/// Codes: kInvalidField, kEndpointLimit, kEndpointExists (the account has one with that address, however it is
/// written).
[[nodiscard]] Answer<NewEndpoint> add_endpoint(store::Tx& tx, const Context& context, const Caller& caller,
                                               const EndpointRequest& request, Moment& moment);
[[nodiscard]] std::vector<EndpointView> list_endpoints(store::Tx& tx, const Context& context, const Caller& caller,
                                                       WallTime now);
[[nodiscard]] Answer<EndpointView> show_endpoint(store::Tx& tx, const Context& context, const Caller& caller,
                                                 const WebhookEndpointId& id, WallTime now);
[[nodiscard]] Answer<Done> remove_endpoint(store::Tx& tx, const Context& context, const Caller& caller,
                                           const WebhookEndpointId& id, Moment& moment);

struct EndpointChange {
  std::optional<std::string> url{};
  std::optional<std::vector<std::string>> events{};  ///< At least one.
  std::optional<bool> enabled{};
};
/// Changes what is given and nothing else. While an endpoint is disabled nothing is queued for it, and what was queued
/// fails.
[[nodiscard]] Answer<EndpointView> change_endpoint(store::Tx& tx, const Context& context, const Caller& caller,
                                                   const WebhookEndpointId& id, const EndpointChange& change,
                                                   Moment& moment);

inline constexpr Duration kSecretOverlap = std::chrono::hours(24);
inline constexpr Duration kSecretOverlapMax = std::chrono::hours(24 * 7);
/// A new secret, made unless given. The one before signs beside it for `overlap`; one that was before that does not any
/// more. [HOOK-3]
[[nodiscard]] Answer<NewEndpoint> rotate_secret(store::Tx& tx, const Context& context, const Caller& caller,
                                                const WebhookEndpointId& id, const std::optional<std::string>& secret,
                                                Duration overlap, Moment& moment);

[[nodiscard]] std::string endpoint_url(const store::Vault& vault, const store::EndpointRow& row);
/// All that sign at that moment: one, or two while a rotation runs.
[[nodiscard]] std::vector<crypto::WebhookSecret> endpoint_secrets(const store::Vault& vault,
                                                                  const store::EndpointRow& row, WallTime now);

}  // namespace countersign::usecase
