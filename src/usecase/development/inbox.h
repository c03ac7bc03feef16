#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "delivery/ports.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// The development inbox: stores outgoing messages in the database (sealed) instead of sending them, so that a restart
/// loses nothing. Never used in production.
struct InboxMessage {
  MessageId id;  ///< The inbox's own id: a message that is sent twice is listed twice.
  std::string channel;
  std::string to;
  std::string subject;
  std::string body;
  SecretString code;
  WallTime created_at;
  /// The transaction of the message. Absent for a notice, for a standalone code (which has only a verification), and
  /// once the message's row has been swept.
  std::optional<TransactionId> transaction{};
  std::optional<VerificationId> verification{};
  /// The account's name, and the service's name if the message belongs to a transaction. Empty where `transaction` is
  /// absent.
  std::vector<std::string> tags{};
  std::string status{};  ///< `queued`, `sent`, `delivered`, `failed`; empty once unknown.
};

/// Keeps the newest 500. A message with `later` is not listed before that delay has passed.
void put_into_inbox(store::Tx& tx, const Context& context, const delivery::OutgoingMessage& message, Moment& moment,
                    Duration later = {});

/// Newest first; filtered by address, if one is given.
[[nodiscard]] std::vector<InboxMessage> list_inbox(store::Tx& tx, const Context& context,
                                                   const std::optional<std::string>& to, WallTime now);

void clear_inbox(store::Tx& tx);

/// What a network may report about a message it has accepted.
enum class SimulatedReport { kDelivered, kFailed, kOptedOut };

/// Takes the same path as a provider's report. False if the message is unknown or has been reported on already.
[[nodiscard]] bool simulate_report(store::Tx& tx, const Context& context, const MessageId& inbox_id,
                                   SimulatedReport report, Moment& moment);

}  // namespace countersign::usecase
