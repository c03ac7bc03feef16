#pragma once

#include <string>
#include <vector>

#include "usecase/context.h"
#include "usecase/outgoing.h"

namespace countersign::usecase {

/// Takes messages that are due: new ones of a node that died, and those to be tried again. Ones whose code is over are
/// finished as failed and not handed out.
[[nodiscard]] std::vector<QueuedMessage> lease_due_messages(store::Tx& tx, const Context& context, int limit,
                                                            Moment& moment);

struct SentMessage {
  QueuedMessage message;
  Result<delivery::Accepted, delivery::ProviderError> outcome;
};

/// Writes down what became of a message: sent, to be tried again, or failed for good, which the verification then
/// shows.
void finish_message(store::Tx& tx, const Context& context, const SentMessage& sent, Moment& moment);

/// A delivery report of a provider about a message that it accepted. False when there is no such message.
[[nodiscard]] bool report_delivery(store::Tx& tx, const Context& context, const AccountId& account, const MessageId& id,
                                   std::string_view provider_ref, store::MessageStatus status,
                                   const std::optional<delivery::ProviderError>& error, Moment& moment);

}  // namespace countersign::usecase
