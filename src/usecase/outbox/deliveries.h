#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "store/repository/webhooks.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

// Lists and resends the webhooks of one of an application's endpoints. kNotFound if the account has no such endpoint;
// kEndpointDisabled if asked to send to a disabled endpoint.

/// One delivery with its attempts, for the delivery log.
struct DeliveryView {
  store::DeliveryRow row;
  std::vector<store::DeliveryAttemptRow> attempts;
};
struct DeliveryList {
  std::vector<DeliveryView> views;
  std::optional<DeliveryId> next;  ///< Cursor of the next page; a short page may still have one.
};
/// `pending`, `delivered` or `failed`.
[[nodiscard]] std::optional<store::DeliveryStatus> parse_delivery_status(std::string_view word);
[[nodiscard]] Answer<DeliveryList> list_deliveries(store::Tx& tx, const Caller& caller,
                                                   const WebhookEndpointId& endpoint,
                                                   const store::DeliveryFilter& filter);

/// Sends it again now, with the same id. A finished delivery starts its retry schedule from the beginning.
[[nodiscard]] Answer<DeliveryView> retry_delivery(const Work& work, const WebhookEndpointId& endpoint,
                                                  const DeliveryId& id);

struct Replayed {
  std::int64_t queued = 0;
  bool more = false;  ///< There may be more: repeat the same call to go on.
};
inline constexpr int kReplayedAtOnce = 1000;
/// Retries all failed deliveries made in that time, oldest first, at most kReplayedAtOnce.
[[nodiscard]] Answer<Replayed> replay_failed(const Work& work, const WebhookEndpointId& endpoint,
                                             const store::TimeRange& made);

/// Event type of a test webhook. It is sent to the given endpoint even if that is disabled or subscribes to other
/// types. It is tried once, and neither disables nor enables the endpoint.
inline constexpr std::string_view kTestEvent = "webhook_endpoint.test";
[[nodiscard]] Answer<DeliveryView> send_test(const Work& work, const WebhookEndpointId& endpoint);

}  // namespace countersign::usecase
