#pragma once

#include <string>
#include <vector>

#include "usecase/context.h"
#include "usecase/outgoing.h"

namespace countersign::usecase {

/// Takes messages that are due: those to be tried again, those that were given back, and those of a node that died.
/// Ones whose code is not worth sending any more are finished as failed and not handed out; ones that cannot be read
/// are set aside.
[[nodiscard]] store::Leased<QueuedMessage> lease_due_messages(store::Tx& tx, const Context& context, int limit,
                                                              Moment& moment);

/// What was taken on and will not be handed over by this node: it is due at once, for any.
void give_back(store::Tx& tx, const Context& context, const QueuedMessage& message, Moment& moment);

/// Ends a message that was not sent while its code was good.
void expire_message(store::Tx& tx, const Context& context, const QueuedMessage& message, Moment& moment);

struct SentMessage {
  QueuedMessage message;
  Result<delivery::Accepted, delivery::ProviderError> outcome;
};

/// For the metrics: a provider has taken it over.
void count_accepted(const Context& context, const QueuedMessage& message, WallTime now);

/// Writes down what became of a message: sent, to be tried again, or failed for good, which the verification then
/// shows.
void finish_message(store::Tx& tx, const Context& context, const SentMessage& sent, Moment& moment);

/// A delivery report of a provider about a message that it accepted. False when there is no such message.
[[nodiscard]] bool report_delivery(store::Tx& tx, const Context& context, const AccountId& account, const MessageId& id,
                                   std::string_view provider_ref, store::MessageStatus status,
                                   const std::optional<delivery::ProviderError>& error, Moment& moment);

}  // namespace countersign::usecase
