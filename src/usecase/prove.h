#pragma once

#include "store/repository/subjects.h"
#include "store/repository/transactions.h"
#include "usecase/check.h"

namespace countersign::usecase {

/// Adds the proof to the transaction and, where that meets its policy, turns it verified, writes the events and queues
/// the webhooks. The one way to the state `verified`.
[[nodiscard]] Answer<Approved> prove(store::Tx& tx, const Context& context, const Caller& caller,
                                     store::TransactionRow row, const domain::Proof& proof, Moment& moment);

/// A right code through a contact: remembers that it was proved, and proves. Its failures were forgotten where it was
/// judged.
[[nodiscard]] Answer<Approved> prove_contact(store::Tx& tx, const Context& context, const Caller& caller,
                                             store::TransactionRow row, store::ContactRow contact, Moment& moment);

}  // namespace countersign::usecase
