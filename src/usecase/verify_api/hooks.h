#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "usecase/outbox/work_deliveries.h"
#include "usecase/verify_api/challenge.h"

namespace countersign::usecase::verify_api {

// Webhooks of the Verify-compatible API: form posts signed with the account's auth token. They share the queue of the
// native API's webhooks and its code for leases, retries and the delivery log.

/// Enqueues the event for every subscribed webhook of the service.
void enqueue_factor_webhook(const Work& work, std::string_view type, const ServiceId& service, const Entity& entity,
                            const Factor& factor);
void enqueue_challenge_webhook(const Work& work, std::string_view type, const ServiceId& service, const Entity& entity,
                               const Challenge& challenge);

[[nodiscard]] bool is_hook_event(std::string_view type);
/// Whether the URL is allowed by the rules of delivery/webhook_url.h.
[[nodiscard]] bool is_hook_url(const Settings& settings, std::string_view url);

/// The request to send for a delivery to such a webhook; nothing if the webhook does not exist or is disabled.
[[nodiscard]] std::optional<delivery::WebhookAttempt> hook_attempt(store::Tx& tx, const Context& context,
                                                                   const store::DeliveryRow& row);

}  // namespace countersign::usecase::verify_api
