#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "usecase/verify/challenge.h"
#include "usecase/work_deliveries.h"

namespace countersign::usecase::verify {

// Webhooks of the Verify-compatible API: form posts signed with the account's auth token. They wait in the same queue
// as the native API's, are leased, retried and written down by the same code.

/// Queues the event for every webhook of the service that wants it.
void announce_factor(store::Tx& tx, const Context& context, const Caller& caller, std::string_view type,
                     const ServiceId& service, const Entity& entity, const Factor& factor, Moment& moment);
void announce_challenge(store::Tx& tx, const Context& context, const Caller& caller, std::string_view type,
                        const ServiceId& service, const Entity& entity, const Challenge& challenge, Moment& moment);

[[nodiscard]] bool is_hook_event(std::string_view type);
/// Whether such a webhook may go there, by the rules of delivery/webhook_url.h.
[[nodiscard]] bool is_hook_url(const Settings& settings, std::string_view url);

/// What is to be sent for a delivery to such a webhook; nothing where there is none of that id, or it is disabled.
[[nodiscard]] std::optional<delivery::WebhookAttempt> hook_attempt(store::Tx& tx, const Context& context,
                                                                   const store::DeliveryRow& row);

}  // namespace countersign::usecase::verify
