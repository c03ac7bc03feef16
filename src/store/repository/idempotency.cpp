#include "store/repository/idempotency.h"

namespace countersign::store {

std::optional<IdempotentAnswer> find_answer(Tx& tx, const Vault& vault, const AccountId& account,
                                            std::string_view key_digest, WallTime not_before) {
  static const Sql kFind{
      "SELECT request_digest, http_status, answer_sealed FROM idempotency"
      " WHERE account_id = ?1 AND key_digest = ?2 AND created_at >= ?3"};
  std::optional<IdempotentAnswer> found;
  tx.one(kFind, {account, Blob{key_digest}, not_before}, [&](const Row& row) {
    found = IdempotentAnswer{row.bytes(0), static_cast<int>(row.integer(1)),
                             vault.open(row.blob(2), "idempotency", key_digest, "answer").expose()};
  });
  return found;
}

void save_answer(Tx& tx, const Vault& vault, const AccountId& account, std::string_view key_digest,
                 const IdempotentAnswer& answer, Moment& moment) {
  // An expired answer that the sweeper has not reached yet is replaced.
  static const Sql kInsert{
      "INSERT INTO idempotency (account_id, key_digest, request_digest, http_status, answer_sealed, created_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (account_id, key_digest) DO UPDATE"
      " SET request_digest = ?3, http_status = ?4, answer_sealed = ?5, created_at = ?6"};
  const std::string sealed = vault.seal(answer.body, "idempotency", key_digest, "answer", moment.random);
  tx.put(kInsert,
         {account, Blob{key_digest}, Blob{answer.request_digest}, answer.http_status, Blob{sealed}, moment.now});
}

}  // namespace countersign::store
