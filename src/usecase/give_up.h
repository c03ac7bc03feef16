#pragma once

#include "store/repository/transactions.h"
#include "usecase/context.h"
#include "usecase/problem.h"

namespace countersign::usecase {

// The way out of a claim that nobody will acknowledge: its claimer has lost the answer and its own name, or is gone.
// The payload is destroyed and nobody else gets it, because the claimer may have acted on it. The transaction counts as
// released, with the reason `unacknowledged`; its claimer may still acknowledge, which changes nothing.

/// By the application. kNotClaimed where there is no claim.
[[nodiscard]] Answer<Done> give_up(store::Tx& tx, const Context& context, const Caller& caller, const TransactionId& id,
                                   Moment& moment);

/// What was claimed longer ago than the operator allows (Settings::acknowledge_within), at most `limit`; answers how
/// many.
[[nodiscard]] int give_up_overdue(store::Tx& tx, const Context& context, const AccountId& account, int limit,
                                  Moment& moment);

}  // namespace countersign::usecase
