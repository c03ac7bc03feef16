#pragma once

#include "store/repository/transactions.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

struct Ended {
  domain::TransactionStatus status;
};

/// The common part of every end: destroys the payload, closes open verifications, at their provider too (after the
/// commit: usecase/outbox/work_upstream_ends.h), writes audit events and enqueues webhooks. `row` has the final status.
Ended close_transaction(const Work& work, store::TransactionRow& row);

/// Marks the transaction as expired. False, and nothing changed, if it has not lapsed.
bool expire(const Work& work, store::TransactionRow row);

/// By the application: no proof can be added any more, and the payload is destroyed. Refused after a claim.
[[nodiscard]] Answer<Ended> cancel(const Work& work, const TransactionId& id);

/// For a code of the Verify API.
[[nodiscard]] Answer<Ended> cancel_code(const Work& work, const TransactionId& id);

/// By the person: "it wasn't me". Final [TXN-12], and objects to sources added since the hold [STD-11].
[[nodiscard]] Answer<Ended> deny(const Work& work, const TransactionId& id);

/// Marks at most `limit` lapsed transactions as expired and returns how many. Reads do not depend on it: status_at
/// computes the status. Skips `aside`; a row that cannot be read fails the unit with the row's name
/// (store/set_aside.h).
[[nodiscard]] int expire_lapsed(store::Tx& tx, const Context& context, int limit, Moment& moment,
                                const store::SetAsideKeys& aside = {});

}  // namespace countersign::usecase
