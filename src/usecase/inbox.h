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
  std::string channel;
  std::string to;
  std::string subject;
  std::string body;
  SecretString code;
  WallTime created_at;
};

/// Keeps the newest 500.
void put_into_inbox(store::Tx& tx, const Context& context, const delivery::OutgoingMessage& message, Moment& moment);

/// Newest first; only those to that address, if one is given.
[[nodiscard]] std::vector<InboxMessage> list_inbox(store::Tx& tx, const Context& context,
                                                   const std::optional<std::string>& to);

}  // namespace countersign::usecase
