#include "store/repository/to_prove.h"

#include "store/repository/contact_columns.h"
#include "store/repository/transaction_columns.h"

namespace countersign::store {

namespace {

constexpr int kHistoryAt = kTransaction.count();
constexpr int kContactAt = kHistoryAt + 1;
constexpr int kSendsAt = kContactAt + kContact.count() + kLineGuards.count();

/// A row for each contact, and at least one. The transaction is in each, and decoded once.
constexpr Token kJoined{"joined", R"sql(
      FROM transactions t
      LEFT JOIN standings h
        ON h.account_id = t.account_id AND h.subject_id = t.subject_id AND h.service_id = t.service_id
      LEFT JOIN contacts c {{index(}}contacts_by_subject{{)}}
        ON c.account_id = t.account_id AND c.subject_id = t.subject_id
      {{guards_of_contact}}
)sql"};

std::unique_ptr<ToProve> find(Tx& tx, const Sql& sql, const AccountId& account, const TransactionId& id,
                              bool with_sends) {
  std::unique_ptr<ToProve> found;
  tx.all(sql, {account, id}, [&](const Row& row) {
    if (!found) {
      found = std::make_unique<ToProve>(ToProve{read_transaction(row), {}});
      found->row.history_content = row.optional_string(kHistoryAt);
    }
    if (row.is_null(kContactAt + kContact["id"])) return;
    auto& contact = found->contacts.emplace_back(read_contact(row, kContactAt));
    if (with_sends && !row.is_null(kSendsAt)) contact.address_sends = {row.time(kSendsAt), row.integer(kSendsAt + 1)};
  });
  if (found) put_all_in_order(found->contacts);
  return found;
}

}  // namespace

std::unique_ptr<ToProve> find_transaction_to_prove(Tx& tx, const AccountId& account, const TransactionId& id) {
  static constexpr Sql kFind{{kTransaction, kContact.as("contact"), kLineGuards.as("guards"), kJoined, kContactGuards},
                             R"sql(
      SELECT {{columns}}, h.content, {{contact}}, {{guards}}
      {{joined}}
      WHERE t.account_id = :account_id AND t.id = :id
  )sql"};
  return find(tx, kFind, account, id, false);
}

std::unique_ptr<ToProve> find_transaction_to_send(Tx& tx, const AccountId& account, const TransactionId& id) {
  static constexpr Sql kFind{{kTransaction, kContact.as("contact"), kLineGuards.as("guards"), kJoined, kContactGuards},
                             R"sql(
      SELECT {{columns}}, h.content, {{contact}}, {{guards}}, a.sends_start, a.sends_count
      {{joined}}
      WHERE t.account_id = :account_id AND t.id = :id
  )sql"};
  return find(tx, kFind, account, id, true);
}

}  // namespace countersign::store
