#include "store/upkeep/sealed_columns.h"

#include <span>

namespace countersign::store {

namespace {

/// One column and its statements. A value is found by its account and by one more column, which in all tables but
/// `resources`, where there are few rows, is the rest of the primary key.
struct SealedColumn {
  std::string_view name;
  std::string_view table;   ///< Of its place, which is not always the table that it stands in.
  std::string_view column;  ///< Likewise.
  Sql count;
  Sql any;
  Sql page;
  Sql seal;
};

// Bytes 2 to 5 of a sealed value are the id of its key (crypto/sealing.h).
#define CS_SEALED_COLUMN(TABLE, ACCOUNT, ID, PLACE_ROW, COLUMN, PLACE_TABLE, PLACE_COLUMN)                \
  {TABLE "." COLUMN,                                                                                      \
   PLACE_TABLE,                                                                                           \
   PLACE_COLUMN,                                                                                          \
   Sql("SELECT substr(" COLUMN ", 2, 4) AS key_id, count(*) FROM " TABLE " WHERE " COLUMN                 \
       " IS NOT NULL GROUP BY 1 ORDER BY 1"),                                                             \
   Sql("SELECT 1 FROM " TABLE " WHERE " COLUMN " IS NOT NULL AND substr(" COLUMN ", 2, 4) = ?1 LIMIT 1"), \
   Sql("SELECT " ACCOUNT ", " ID ", " PLACE_ROW ", " COLUMN " FROM " TABLE " WHERE (" ACCOUNT ", " ID     \
       ") > (?1, ?2) ORDER BY " ACCOUNT ", " ID " LIMIT ?3"),                                             \
   Sql("UPDATE " TABLE " SET " COLUMN " = ?4 WHERE " ACCOUNT " = ?1 AND " ID " = ?2 AND " COLUMN " = ?3")}

// As repository/resources.cpp makes it.
#define CS_RESOURCE_PLACE "CAST(CAST(kind AS {{blob}}) || parent_id || id AS {{blob}})"

std::span<const SealedColumn> all_sealed() {
  static const SealedColumn kColumns[] = {
      CS_SEALED_COLUMN("subjects", "account_id", "id", "id", "identity_sealed", "subjects", "identity"),
      CS_SEALED_COLUMN("addresses", "account_id", "id", "id", "address_sealed", "addresses", "address"),
      CS_SEALED_COLUMN("contacts", "account_id", "id", "address_id", "address_sealed", "addresses", "address"),
      CS_SEALED_COLUMN("factors", "account_id", "id", "id", "name_sealed", "factors", "name"),
      CS_SEALED_COLUMN("factors", "account_id", "id", "id", "secret_sealed", "factors", "secret"),
      CS_SEALED_COLUMN("transactions", "account_id", "id", "id", "display_sealed", "transactions", "display"),
      CS_SEALED_COLUMN("transactions", "account_id", "id", "id", "metadata_sealed", "transactions", "metadata"),
      CS_SEALED_COLUMN("transactions", "account_id", "id", "id", "return_url_sealed", "transactions", "return_url"),
      CS_SEALED_COLUMN("payloads", "account_id", "transaction_id", "transaction_id", "data_key_wrapped", "payloads",
                       "data_key"),
      CS_SEALED_COLUMN("messages", "account_id", "id", "id", "content_sealed", "messages", "content"),
      CS_SEALED_COLUMN("notices", "account_id", "id", "id", "content_sealed", "messages", "content"),
      CS_SEALED_COLUMN("test_messages", "account_id", "id", "id", "content_sealed", "messages", "content"),
      CS_SEALED_COLUMN("inbox_messages", "id", "id", "id", "content_sealed", "messages", "content"),
      CS_SEALED_COLUMN("webhook_endpoints", "account_id", "id", "id", "url_sealed", "webhook_endpoints", "url"),
      CS_SEALED_COLUMN("webhook_endpoints", "account_id", "id", "id", "secret_sealed", "webhook_endpoints", "secret"),
      CS_SEALED_COLUMN("webhook_endpoints", "account_id", "id", "id", "previous_secret_sealed", "webhook_endpoints",
                       "previous_secret"),
      CS_SEALED_COLUMN("auth_tokens", "account_id", "account_id", "account_id", "token_sealed", "auth_tokens", "token"),
      CS_SEALED_COLUMN("resources", "account_id", CS_RESOURCE_PLACE, CS_RESOURCE_PLACE, "content_sealed", "resources",
                       "content"),
      CS_SEALED_COLUMN("idempotency", "account_id", "key_digest", "key_digest", "answer_sealed", "idempotency",
                       "answer"),
  };
  return kColumns;
}

std::uint32_t key_id_in(std::string_view four_bytes) {
  std::uint32_t id = 0;
  for (const char byte : four_bytes) id = id << 8 | static_cast<unsigned char>(byte);
  return id;
}

std::string key_id_bytes(std::uint32_t id) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(id >> shift & 0xFFU));
  return out;
}

}  // namespace

std::vector<SealedCount> count_sealed(Tx& tx) {
  std::vector<SealedCount> counts;
  for (const auto& column : all_sealed()) {
    tx.all(column.count, {},
           [&](const Row& row) { counts.push_back({column.name, key_id_in(row.blob(0)), row.integer(1)}); });
  }
  return counts;
}

bool is_sealed_under(Tx& tx, std::uint32_t key) {
  const std::string id = key_id_bytes(key);
  for (const auto& column : all_sealed()) {
    if (tx.one(column.any, {Blob{id}}, [](const Row&) {})) return true;
  }
  return false;
}

std::vector<std::string_view> sealed_columns() {
  std::vector<std::string_view> names;
  for (const auto& column : all_sealed()) names.push_back(column.name);
  return names;
}

bool next_sealed(Tx& tx, std::uint32_t current, int limit, SealedCursor& cursor, std::vector<SealedValue>& out) {
  out.clear();
  if (cursor.column >= all_sealed().size()) return false;
  const SealedCursor from = cursor;  // The statement borrows it while its rows move the cursor.
  int seen = 0;
  tx.all(all_sealed()[from.column].page, {Blob{from.account}, Blob{from.id}, limit}, [&](const Row& row) {
    ++seen;
    cursor.account = row.bytes(0);
    cursor.id = row.bytes(1);
    if (row.is_null(3)) return;
    const auto key = crypto::key_id_of(row.blob(3));
    if (key && *key != current) out.push_back({from.column, cursor.account, cursor.id, row.bytes(2), row.bytes(3)});
  });
  if (seen < limit) cursor = {cursor.column + 1, {}, {}};
  return true;
}

std::int64_t seal_anew(Tx& tx, const Vault& vault, const std::vector<SealedValue>& values, Random& random) {
  std::int64_t done = 0;
  for (const auto& value : values) {
    const auto& column = all_sealed()[value.column];
    const auto plain = vault.sealer().open(value.sealed, {column.table, value.place, column.column});
    if (!plain) continue;  // Nobody could read it before, either; whoever needs it says so.
    const std::string sealed = vault.seal(plain->expose(), column.table, value.place, column.column, random);
    tx.put(column.seal, {Blob{value.account}, Blob{value.id}, Blob{value.sealed}, Blob{sealed}});
    ++done;
  }
  return done;
}

}  // namespace countersign::store
