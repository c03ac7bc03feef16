#pragma once

#include "domain/standing/history.h"
#include "store/repository/subjects.h"
#include "store/repository/transactions.h"
#include "usecase/check.h"

namespace countersign::usecase {

/// Adds the proof to the transaction and, where that meets its policy, turns it verified, writes the events and queues
/// the webhooks. The one way to the state `verified`. kSourceDoesNotCount, and nothing is proved, by a source that does
/// not count for this transaction. [STD-1] Loads the subject's history, unless the caller has it.
[[nodiscard]] Answer<Approved> prove(store::Tx& tx, const Context& context, const Caller& caller,
                                     store::TransactionRow row, domain::Proof proof, Moment& moment,
                                     std::optional<domain::standing::History> history = {});

/// A right code through a contact: remembers that it was proved, and proves. Its failures were forgotten where it was
/// judged.
[[nodiscard]] Answer<Approved> prove_contact(store::Tx& tx, const Context& context, const Caller& caller,
                                             store::TransactionRow row, store::ContactRow contact, Moment& moment);

}  // namespace countersign::usecase
