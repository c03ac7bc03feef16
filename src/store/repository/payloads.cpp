#include "store/error.h"
#include "store/repository/transactions.h"

namespace countersign::store {

namespace {

crypto::Place place_of(const TransactionId& id, std::string_view column) { return {"payloads", id.bytes(), column}; }

[[noreturn]] void unreadable_payload() {
  throw StoreFailure(
      {StoreError::Code::kUnreadable, "a payload cannot be opened: its key is missing or it was changed"});
}

}  // namespace

void insert_payload(Tx& tx, const Vault& vault, const AccountId& account, const TransactionId& id,
                    std::string_view payload, Random& random) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO payloads (account_id, transaction_id, data_key_wrapped, payload_sealed)
      VALUES (:account_id, :transaction_id, :data_key_wrapped, :payload_sealed)
  )sql"};
  const auto key = crypto::DataKey::make(random);
  const std::string wrapped = key.wrap(vault.sealer(), place_of(id, "data_key"), random);
  const std::string sealed = key.seal(payload, place_of(id, "payload"), random);
  tx.put(kInsert, {{"account_id", account},
                   {"transaction_id", id},
                   {"data_key_wrapped", Blob{wrapped}},
                   {"payload_sealed", Blob{sealed}}});
}

SecretString open_payload(const Vault& vault, const TransactionId& id, const SealedPayload& payload) {
  const auto key = crypto::DataKey::unwrap(vault.sealer(), payload.data_key_wrapped, place_of(id, "data_key"));
  if (!key) unreadable_payload();
  auto opened = key->open(payload.payload_sealed, place_of(id, "payload"));
  if (!opened) unreadable_payload();
  return *std::move(opened);
}

void destroy_payload(Tx& tx, const AccountId& account, const TransactionId& id) {
  static constexpr Sql kDestroy{R"sql(
      DELETE FROM payloads
      WHERE account_id = :account_id AND transaction_id = :transaction_id
  )sql"};
  tx.put(kDestroy, {account, id});
}

}  // namespace countersign::store
