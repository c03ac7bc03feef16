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
};

struct NewEndpoint {
  EndpointView endpoint;
  SecretString secret;  ///< Shown here and never again. [HOOK-2]
};

[[nodiscard]] Answer<NewEndpoint> add_endpoint(store::Tx& tx, const Context& context, const Caller& caller,
                                               const EndpointRequest& request, Moment& moment);
[[nodiscard]] std::vector<EndpointView> list_endpoints(store::Tx& tx, const Context& context, const Caller& caller);
[[nodiscard]] Answer<EndpointView> show_endpoint(store::Tx& tx, const Context& context, const Caller& caller,
                                                 const WebhookEndpointId& id);
[[nodiscard]] Answer<Done> remove_endpoint(store::Tx& tx, const Context& context, const Caller& caller,
                                           const WebhookEndpointId& id, Moment& moment);

/// One delivery with its attempts, for the delivery log.
struct DeliveryView {
  store::DeliveryRow row;
  std::vector<store::DeliveryAttemptRow> attempts;
};
[[nodiscard]] Answer<std::vector<DeliveryView>> list_deliveries(store::Tx& tx, const Caller& caller,
                                                                const WebhookEndpointId& endpoint,
                                                                const std::optional<DeliveryId>& before, int limit);
/// Sends it once more, now, with the same id.
[[nodiscard]] Answer<DeliveryView> retry_delivery(store::Tx& tx, const Context& context, const Caller& caller,
                                                  const WebhookEndpointId& endpoint, const DeliveryId& id,
                                                  Moment& moment);

[[nodiscard]] std::string endpoint_url(const store::Vault& vault, const store::EndpointRow& row);
[[nodiscard]] crypto::WebhookSecret endpoint_secret(const store::Vault& vault, const store::EndpointRow& row);

}  // namespace countersign::usecase
