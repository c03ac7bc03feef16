#pragma once

#include <span>
#include <string>
#include <vector>

#include "store/repository/transactions.h"
#include "usecase/queued_message.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Whether a code of that verification would still be accepted, as far as that can be told without it.
[[nodiscard]] bool is_waited_for(store::Tx& tx, const store::TransactionRow& held, const VerificationId& verification,
                                 WallTime now);

/// Leases messages that are due: retries, messages given back, and messages of a node that died. Those whose code has
/// too little time left, or is not waited for any more, and those whose further try no budget has room for, are
/// finished as failed and not returned; those that cannot be read are set aside. Where spending is stopped, they stay.
[[nodiscard]] store::Leased<QueuedMessage> lease_due_messages(store::Tx& tx, const Context& context, int limit,
                                                              Moment& moment);

/// Releases the lease on a message that this node will not send: it is due at once, for any node.
void give_back(store::Tx& tx, const Context& context, const QueuedMessage& message, Moment& moment);

/// False: the application has taken away the contact of the line by which the message would go.
[[nodiscard]] bool may_use_channel(store::Tx& tx, const QueuedMessage& message);
/// The verification follows its newest message to another channel of the line: what it proves, and what is shown of it,
/// is by that one. Its code and its end stay as they are. Of a line whose channel the application chose, only the
/// provider follows.
void follow_channel(store::Tx& tx, const Context& context, const QueuedMessage& message, Moment& moment);

/// Gives a message that this node has leased to the channel and provider that it names now, its verification with it,
/// and counts what that costs. False: do not send it, it has ended (also where no budget has room for it) or another
/// node has it.
[[nodiscard]] bool move(store::Tx& tx, const Context& context, const QueuedMessage& message, Moment& moment);

/// Ends a message that was not sent while its code was valid.
void expire_message(store::Tx& tx, const Context& context, const QueuedMessage& message, Moment& moment);

struct SentMessage {
  QueuedMessage message;
  Result<delivery::Accepted, delivery::ProviderError> outcome;
};

/// For the metrics: a provider accepted the message.
void count_accepted(const Context& context, const QueuedMessage& message, WallTime now);

/// Writes the result of each: sent, to be retried, or failed for good. The verification then shows it. Many that were
/// sent are written by one statement. [ADR 34]
void finish_messages(store::Tx& tx, const Context& context, std::span<const SentMessage> sent, Moment& moment);

/// What a provider says became of a message that it has. Its origin is believed already.
struct MessageReport {
  AccountId account;
  MessageId message;
  std::string provider_ref;     ///< The provider's own name of it; empty if the report has none.
  domain::Delivery said;        ///< The stage, and why it failed.
  std::string provider_code{};  ///< The provider's own code of a failure, such as "30005"; empty if it gave none.
  /// The provider itself said it, with its secret or its signature: somebody may be opted out by it. Otherwise whoever
  /// knows the address of a report could.
  bool sure = false;
};
/// Writes what is reported, in whatever order and however often reports come (domain/delivery.h). The first failure is
/// shown at the verification and has an audit event; a message that arrives after all is no longer shown as failed.
/// Every report is counted. nullopt if there is no such message, or the provider has it under another name.
std::optional<domain::ReportEffect> report_delivery(store::Tx& tx, const Context& context, const MessageReport& report,
                                                    Moment& moment);

}  // namespace countersign::usecase
