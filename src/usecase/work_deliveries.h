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
  WallTime start_before = {};  ///< Not to be sent from then on: somebody else may take it on soon after.
};

/// The delivery, ready to be sent. Nothing where its endpoint is gone or disabled, or cannot be read: then it is
/// finished as failed.
[[nodiscard]] std::optional<WebhookJob> job_for(store::Tx& tx, const Context& context, store::DeliveryRow row,
                                                Moment& moment);

/// Takes deliveries that are due. Those whose endpoint is gone or disabled are finished as failed and not handed out;
/// ones that cannot be read, or whose endpoint cannot, are set aside.
[[nodiscard]] store::Leased<WebhookJob> lease_due_deliveries(store::Tx& tx, const Context& context, int limit,
                                                             Moment& moment);

/// What was taken on and will not be sent by this node: it is due at once, for any.
void give_back(store::Tx& tx, const WebhookJob& job, const Moment& moment);

/// Writes the attempt into the log and what follows: delivered, the next attempt, or failed for good. An endpoint that
/// answers 410, or that has failed through the whole schedule, is disabled. [HOOK-4 … HOOK-6] A test (kTestEvent) is
/// tried once and disables nothing.
/// `kAlone`: without what else follows from an acknowledgement, where that cannot be read.
enum class Follow : std::uint8_t { kAll, kAlone };
void finish_delivery(store::Tx& tx, const Context& context, const store::DeliveryRow& row,
                     const delivery::WebhookOutcome& outcome, Moment& moment, Follow follow = Follow::kAll);

}  // namespace countersign::usecase
