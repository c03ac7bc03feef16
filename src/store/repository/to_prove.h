#pragma once

#include <memory>
#include <vector>

#include "store/repository/contacts.h"
#include "store/repository/transactions.h"
#include "store/tx.h"

namespace countersign::store {

/// What a start or a check reads, with one statement. Null: there is no such transaction.
struct ToProve {
  TransactionRow row;                ///< With `history_content`, if any.
  std::vector<ContactRow> contacts;  ///< Its subject's, as from contacts_of().
};
[[nodiscard]] std::unique_ptr<ToProve> find_transaction_to_prove(Tx& tx, const AccountId& account,
                                                                 const TransactionId& id);
/// The same, and each contact with `address_sends`.
[[nodiscard]] std::unique_ptr<ToProve> find_transaction_to_send(Tx& tx, const AccountId& account,
                                                                const TransactionId& id);

}  // namespace countersign::store
