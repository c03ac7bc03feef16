#pragma once

#include <span>
#include <string>
#include <vector>

#include "delivery/webhook_sender.h"
#include "store/repository/webhooks.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// One webhook to send now.
struct WebhookJob {
  store::DeliveryRow row;
  delivery::WebhookAttempt attempt;
  WallTime start_before = {};  ///< Do not start sending after this: another node may take it over soon after.
};

/// Makes the attempt of a delivery that has no endpoint of the native API (verify_api::hook_attempt); nothing if there
/// is no longer a recipient.
using AttemptWithoutEndpoint = std::optional<delivery::WebhookAttempt> (*)(store::Tx& tx, const Context& context,
                                                                           const store::DeliveryRow& row);

/// The delivery, ready to send. Nothing if its endpoint is gone, disabled or unreadable: then the delivery is finished
/// as failed.
[[nodiscard]] std::optional<WebhookJob> job_for(store::Tx& tx, const Context& context, store::DeliveryRow row,
                                                Moment& moment, AttemptWithoutEndpoint without_endpoint);

/// Leases deliveries that are due. Those whose endpoint is gone or disabled are finished as failed and not returned;
/// those that cannot be read, or whose endpoint cannot be read, are set aside.
[[nodiscard]] store::Leased<WebhookJob> lease_due_deliveries(store::Tx& tx, const Context& context, int limit,
                                                             Moment& moment, AttemptWithoutEndpoint without_endpoint);

/// Releases the lease on a job that this node will not send: it is due at once, for any node.
void give_back(store::Tx& tx, const WebhookJob& job, const Moment& moment);

/// Writes the attempt to the delivery log and its result: delivered, the next attempt, or failed for good. An endpoint
/// that answers 410, or that has failed the whole retry schedule, is disabled. [HOOK-4 … HOOK-6] A test (kTestEvent) is
/// tried once and disables nothing. `kAlone`: skips the follow-up of an acknowledgement, for when that cannot be read.
enum class Follow : std::uint8_t { kAll, kAlone };
void finish_delivery(store::Tx& tx, const Context& context, const store::DeliveryRow& row,
                     const delivery::WebhookOutcome& outcome, Moment& moment, Follow follow = Follow::kAll);

/// What became of an attempt.
struct AttemptedDelivery {
  store::DeliveryRow row;  ///< As it was leased.
  delivery::WebhookOutcome outcome;
};
/// The same for all of them; many that were accepted and have no consequence, by two statements. [ADR 34]
void finish_deliveries(store::Tx& tx, const Context& context, std::span<const AttemptedDelivery> attempted,
                       Moment& moment, Follow follow = Follow::kAll);

}  // namespace countersign::usecase
