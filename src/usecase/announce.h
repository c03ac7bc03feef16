#pragma once

#include <string_view>

#include "store/repository/transactions.h"
#include "usecase/context.h"

namespace countersign::usecase {

/// Queues a webhook about the transaction's new state for every endpoint that wants it, in the database transaction
/// that made it so: no event is lost, and none tells of a change that was rolled back. [HOOK-7] `type` is
/// `transaction.verified`, `.released`, `.denied`, `.expired` or `.canceled`.
void announce(store::Tx& tx, const Context& context, std::string_view type, const store::TransactionRow& row,
              Moment& moment);

/// The same for an event that is of no transaction.
void announce_body(store::Tx& tx, const AccountId& account, std::string_view type, const std::string& body,
                   Moment& moment);

/// The types that an endpoint can ask for.
[[nodiscard]] bool is_event_type(std::string_view type);

}  // namespace countersign::usecase
