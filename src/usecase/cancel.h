#pragma once

#include "store/repository/transactions.h"
#include "usecase/context.h"
#include "usecase/problem.h"

namespace countersign::usecase {

struct Ended {
  domain::TransactionStatus status;
};

/// What every end has in common: the payload goes, open verifications close, at their provider too (after the commit:
/// usecase/work_upstream_ends.h), the trail and the webhooks say so. `row` has its last status.
Ended close_transaction(store::Tx& tx, const Context& context, const Caller& caller, const store::TransactionRow& row,
                        Moment& moment);

/// By the application: nothing more can be proved, and the payload is destroyed. Not once somebody has claimed it.
[[nodiscard]] Answer<Ended> cancel(store::Tx& tx, const Context& context, const Caller& caller, const TransactionId& id,
                                   Moment& moment);

/// The same of a code of the Verify API.
[[nodiscard]] Answer<Ended> cancel_code(store::Tx& tx, const Context& context, const Caller& caller,
                                        const TransactionId& id, Moment& moment);

/// By the person: "it wasn't me". Final [TXN-12], and an objection to what was added since it was held [STD-11].
[[nodiscard]] Answer<Ended> deny(store::Tx& tx, const Context& context, const Caller& caller, const TransactionId& id,
                                 Moment& moment);

/// Writes down that these have lapsed, at most `limit`; answers how many. Reading never waits for this: status_at
/// knows. Passes over `aside`; what cannot be read fails the unit by the row's name (store/set_aside.h).
[[nodiscard]] int expire_lapsed(store::Tx& tx, const Context& context, int limit, Moment& moment,
                                const store::SetAsideKeys& aside = {});

}  // namespace countersign::usecase
