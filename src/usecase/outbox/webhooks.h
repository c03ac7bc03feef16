#pragma once

#include <string>
#include <string_view>

#include "store/repository/transactions.h"
#include "store/repository/webhooks.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Enqueues webhooks about the transaction's new state for every endpoint subscribed to `type`, in the same database
/// transaction as the change: no event is lost, and none reports a change that was rolled back. [HOOK-7] `type` is
/// `transaction.verified`, `.released`, `.denied`, `.expired` or `.canceled`.
void enqueue_webhooks(store::Tx& tx, const Context& context, std::string_view type, const store::TransactionRow& row,
                      Moment& moment);

/// For an event that does not belong to a transaction.
void enqueue_webhook_body(store::Tx& tx, const AccountId& account, std::string_view type, const std::string& body,
                          Moment& moment);

struct NewWebhook {
  WebhookEndpointId endpoint;
  std::string_view type;
  std::string body;
  TransactionId transaction{};  ///< Where it is about one.
};
/// Queues one webhook, to be sent at once, whatever its endpoint has asked for.
store::DeliveryRow queue_webhook(store::Tx& tx, const AccountId& account, NewWebhook webhook, Moment& moment);

/// Whether an endpoint can subscribe to the type.
[[nodiscard]] bool is_event_type(std::string_view type);

}  // namespace countersign::usecase
