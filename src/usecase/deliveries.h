#pragma once

#include <optional>
#include <vector>

#include "store/repository/webhooks.h"
#include "usecase/context.h"
#include "usecase/problem.h"

namespace countersign::usecase {

// What an application sees and asks of the webhooks that go to one of its endpoints. kNotFound where the account has no
// such endpoint; kEndpointDisabled where something is to be sent to one that is disabled.

/// One delivery with its attempts, for the delivery log.
struct DeliveryView {
  store::DeliveryRow row;
  std::vector<store::DeliveryAttemptRow> attempts;
};
struct DeliveryList {
  std::vector<DeliveryView> views;
  std::optional<DeliveryId> next;  ///< Where the next page begins; a page may be short and still have one.
};
[[nodiscard]] Answer<DeliveryList> list_deliveries(store::Tx& tx, const Caller& caller,
                                                   const WebhookEndpointId& endpoint,
                                                   const store::DeliveryFilter& filter);

/// Sends it once more, now, with the same id. What was finished begins the schedule of attempts anew.
[[nodiscard]] Answer<DeliveryView> retry_delivery(store::Tx& tx, const Context& context, const Caller& caller,
                                                  const WebhookEndpointId& endpoint, const DeliveryId& id,
                                                  Moment& moment);

struct Replayed {
  std::int64_t queued = 0;
  bool more = false;  ///< There may be more: the same call goes on.
};
inline constexpr int kReplayedAtOnce = 1000;
/// The same for all that has failed of what was made in that time, the oldest first, kReplayedAtOnce at most.
[[nodiscard]] Answer<Replayed> replay_failed(store::Tx& tx, const Context& context, const Caller& caller,
                                             const WebhookEndpointId& endpoint, const store::TimeRange& made,
                                             Moment& moment);

/// The type of a test: it goes to whoever is asked for, also to an endpoint that is disabled or takes other types, is
/// tried once, and neither disables nor enables anything.
inline constexpr std::string_view kTestEvent = "webhook_endpoint.test";
[[nodiscard]] Answer<DeliveryView> send_test(store::Tx& tx, const Context& context, const Caller& caller,
                                             const WebhookEndpointId& endpoint, Moment& moment);

}  // namespace countersign::usecase
