#include "store/repository/idempotency.h"

namespace countersign::store {

std::optional<IdempotentAnswer> find_answer(Tx& tx, const Vault& vault, const AccountId& account,
                                            std::string_view key_digest, WallTime not_before) {
  static constexpr Sql kFind{R"sql(
      SELECT request_digest, http_status, answer_sealed
      FROM idempotency
      WHERE account_id = :account_id AND key_digest = :key_digest AND created_at >= :not_before
  )sql"};
  std::optional<IdempotentAnswer> found;
  tx.one(kFind, {{"account_id", account}, {"key_digest", Blob{key_digest}}, {"not_before", not_before}},
         [&](const Row& row) {
           found = IdempotentAnswer{
               .request_digest = row.bytes(kFind["request_digest"]),
               .http_status = static_cast<int>(row.integer(kFind["http_status"])),
               .body = vault.open(row.blob(kFind["answer_sealed"]), "idempotency", key_digest, "answer").expose()};
         });
  return found;
}

void save_answer(Tx& tx, const Vault& vault, const AccountId& account, std::string_view key_digest,
                 const IdempotentAnswer& answer, Moment& moment) {
  // An expired answer that the sweeper has not reached yet is replaced.
  static constexpr Sql kInsert{R"sql(
      INSERT INTO idempotency (account_id, key_digest, request_digest, http_status, answer_sealed, created_at)
      VALUES (:account_id, :key_digest, :request_digest, :http_status, :answer_sealed, :created_at)
      ON CONFLICT (account_id, key_digest) DO UPDATE
      SET request_digest = :request_digest,
          http_status = :http_status,
          answer_sealed = :answer_sealed,
          created_at = :created_at
  )sql"};
  const std::string sealed = vault.seal(answer.body, "idempotency", key_digest, "answer", moment.random);
  tx.put(kInsert, {{"account_id", account},
                   {"key_digest", Blob{key_digest}},
                   {"request_digest", Blob{answer.request_digest}},
                   {"http_status", answer.http_status},
                   {"answer_sealed", Blob{sealed}},
                   {"created_at", moment.now}});
}

}  // namespace countersign::store
