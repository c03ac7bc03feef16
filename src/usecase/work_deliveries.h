#pragma once

#include <string>
#include <vector>

#include "delivery/webhook_sender.h"
#include "store/repository/webhooks.h"
#include "usecase/context.h"

namespace countersign::usecase {

/// One webhook to send now.
struct WebhookJob {
  store::DeliveryRow row;
  delivery::WebhookAttempt attempt;
};

/// Takes deliveries that are due. Those whose endpoint is gone or disabled are finished as failed and not handed out.
[[nodiscard]] std::vector<WebhookJob> lease_due_deliveries(store::Tx& tx, const Context& context, int limit,
                                                           Moment& moment);

/// Writes the attempt into the log and what follows: delivered, the next attempt, or failed for good. An endpoint that
/// answers 410, or that has failed through the whole schedule, is disabled. [HOOK-4 … HOOK-6] A test (kTestEvent) is
/// tried once and disables nothing.
void finish_delivery(store::Tx& tx, const Context& context, const store::DeliveryRow& row,
                     const delivery::WebhookOutcome& outcome, Moment& moment);

}  // namespace countersign::usecase
