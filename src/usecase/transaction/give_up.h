#pragma once

#include "store/repository/transactions.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

// Ends a claim that nobody will acknowledge: its claimer has lost the answer and its own name, or is gone. The payload
// is destroyed and given to nobody else, because the claimer may have acted on it. The transaction counts as released,
// with the reason `unacknowledged`; the claimer may still acknowledge, which changes nothing.

/// By the application. kNotClaimed if there is no claim.
[[nodiscard]] Answer<Done> give_up(const Work& work, const TransactionId& id);

/// Gives up at most `limit` claims older than the operator allows (Settings::acknowledge_within); returns how many.
[[nodiscard]] int give_up_overdue(store::Tx& tx, const Context& context, const AccountId& account, int limit,
                                  Moment& moment);

}  // namespace countersign::usecase
