#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "delivery/ports.h"
#include "usecase/context.h"

namespace countersign::usecase {

/// The development inbox: what would have been sent, kept in the database (sealed, like everything) so that a restart
/// loses nothing. Never wired in production.
struct InboxMessage {
  MessageId id;  ///< The inbox's own: a message that is sent twice shows twice.
  std::string channel;
  std::string to;
  std::string subject;
  std::string body;
  SecretString code;
  WallTime created_at;
  /// What the message is of; nothing of a notice, and once the message's own record has been swept. A code for its own
  /// sake has a verification and no transaction that anybody could ask for.
  std::optional<TransactionId> transaction{};
  std::optional<VerificationId> verification{};
  /// The account's name, and the service's where the message is of a transaction: whose it is. Empty like those above.
  std::vector<std::string> tags{};
  std::string status{};  ///< `queued`, `sent`, `delivered`, `failed`; as long as it is known.
};

/// Keeps the newest 500. One that is to arrive `later` is not listed before then.
void put_into_inbox(store::Tx& tx, const Context& context, const delivery::OutgoingMessage& message, Moment& moment,
                    Duration later = {});

/// Newest first; only those to that address, if one is given.
[[nodiscard]] std::vector<InboxMessage> list_inbox(store::Tx& tx, const Context& context,
                                                   const std::optional<std::string>& to, WallTime now);

void clear_inbox(store::Tx& tx);

/// What a network might say of a message after it has taken it.
enum class SimulatedReport { kDelivered, kFailed, kOptedOut };

/// Goes the way of a provider's own report. False for a message that is unknown or has its report already.
[[nodiscard]] bool simulate_report(store::Tx& tx, const Context& context, const MessageId& inbox_id,
                                   SimulatedReport report, Moment& moment);

}  // namespace countersign::usecase
