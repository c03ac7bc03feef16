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
  static const Sql kInsert{
      "INSERT INTO payloads (account_id, transaction_id, data_key_wrapped, payload_sealed) VALUES (?1, ?2, ?3, ?4)"};
  const auto key = crypto::DataKey::make(random);
  const std::string wrapped = key.wrap(vault.sealer(), place_of(id, "data_key"), random);
  const std::string sealed = key.seal(payload, place_of(id, "payload"), random);
  tx.put(kInsert, {account, id, Blob{wrapped}, Blob{sealed}});
}

std::optional<SecretString> open_payload(Tx& tx, const Vault& vault, const AccountId& account,
                                         const TransactionId& id) {
  static const Sql kFind{
      "SELECT data_key_wrapped, payload_sealed FROM payloads WHERE account_id = ?1 AND transaction_id = ?2"};
  std::optional<SecretString> payload;
  tx.one(kFind, {account, id}, [&](const Row& row) {
    const auto key = crypto::DataKey::unwrap(vault.sealer(), row.blob(0), place_of(id, "data_key"));
    if (!key) unreadable_payload();
    auto opened = key->open(row.blob(1), place_of(id, "payload"));
    if (!opened) unreadable_payload();
    payload = *std::move(opened);
  });
  return payload;
}

void destroy_payload(Tx& tx, const AccountId& account, const TransactionId& id) {
  static const Sql kDestroy{"DELETE FROM payloads WHERE account_id = ?1 AND transaction_id = ?2"};
  tx.put(kDestroy, {account, id});
}

}  // namespace countersign::store
