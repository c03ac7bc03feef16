#include "store/repository/accounts.h"

#include "base/encoding.h"

namespace countersign::store {

namespace {

constexpr std::string_view kVouch = "vouch";  // The only scope there is.

}  // namespace

AccountId ensure_account(Tx& tx, std::string_view name, Moment& moment) {
  static const Sql kInsert{"INSERT INTO accounts (id, name, created_at) VALUES (?1, ?2, ?3)"};
  if (const auto found = find_account(tx, name)) return *found;
  const auto id = AccountId::make(moment);
  tx.put(kInsert, {id, name, moment.now});
  return id;
}

std::map<AccountId, std::string> account_names(Tx& tx) {
  static const Sql kAllNames{"SELECT id, name FROM accounts"};
  std::map<AccountId, std::string> names;
  tx.all(kAllNames, {}, [&](const Row& row) { names.emplace(row.id<AccountId>(0), row.string(1)); });
  return names;
}

std::optional<AccountId> find_account(Tx& tx, std::string_view name) {
  static const Sql kFind{"SELECT id FROM accounts WHERE name = ?1"};
  std::optional<AccountId> id;
  tx.one(kFind, {name}, [&](const Row& row) { id = row.id<AccountId>(0); });
  return id;
}

std::optional<ServiceId> find_service(Tx& tx, const AccountId& account, std::string_view name) {
  static const Sql kFind{"SELECT id FROM services WHERE account_id = ?1 AND name = ?2"};
  std::optional<ServiceId> found;
  tx.one(kFind, {account, name}, [&](const Row& row) { found = row.id<ServiceId>(0); });
  return found;
}

ServiceId ensure_service(Tx& tx, const AccountId& account, std::string_view name, Moment& moment) {
  static const Sql kInsert{"INSERT INTO services (account_id, id, name, created_at) VALUES (?1, ?2, ?3, ?4)"};
  if (const auto found = find_service(tx, account, name)) return *found;
  const auto id = ServiceId::make(moment);
  tx.put(kInsert, {account, id, name, moment.now});
  return id;
}

void insert_api_key(Tx& tx, const ApiKeyRow& key) {
  static const Sql kInsert{
      "INSERT INTO api_keys (id, account_id, secret_digest, name, created_at, expires_at, scopes)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"};
  tx.put(kInsert, {key.id, key.account, Blob{key.secret_digest}, key.name, key.created_at, key.expires_at,
                   key.may_vouch ? std::optional(kVouch) : std::nullopt});
  note_credential_change(tx);
}

std::vector<ApiKeyRow> all_api_keys(Tx& tx) {
  static const Sql kAll{
      "SELECT id, account_id, secret_digest, name, created_at, expires_at, revoked_at, scopes, "
      "last_used_at FROM api_keys ORDER BY id"};
  std::vector<ApiKeyRow> keys;
  tx.all(kAll, {}, [&](const Row& row) {
    keys.push_back({row.id<ApiKeyId>(0), row.id<AccountId>(1), row.bytes(2), row.string(3), row.time(4),
                    row.optional_time(5), row.optional_time(6), !row.is_null(7) && row.text(7) == kVouch,
                    row.optional_time(8)});
  });
  return keys;
}

std::optional<AccountId> revoke_api_key(Tx& tx, const ApiKeyId& id, WallTime now) {
  static const Sql kFind{"SELECT account_id FROM api_keys WHERE id = ?1 AND revoked_at IS NULL"};
  static const Sql kRevoke{"UPDATE api_keys SET revoked_at = ?2 WHERE id = ?1"};
  std::optional<AccountId> account;
  tx.one(kFind, {id}, [&](const Row& row) { account = row.id<AccountId>(0); });
  if (!account) return std::nullopt;
  tx.put(kRevoke, {id, now});
  note_credential_change(tx);
  return account;
}

void note_use(Tx& tx, const ApiKeyId& id, WallTime used_at) {
  static const Sql kNote{
      "UPDATE api_keys SET last_used_at = ?2 WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at < ?2)"};
  tx.put(kNote, {id, used_at});
}

std::int64_t credential_version(Tx& tx) {
  static const Sql kFind{"SELECT version FROM credential_changes WHERE id = 1"};
  std::int64_t version = 0;
  tx.one(kFind, {}, [&](const Row& row) { version = row.integer(0); });
  return version;
}

void note_credential_change(Tx& tx) {
  static const Sql kNote{
      "INSERT INTO credential_changes (id, version) VALUES (1, 1)"
      " ON CONFLICT (id) DO UPDATE SET version = credential_changes.version + 1"};
  tx.put(kNote, {});
}

std::optional<SecretString> find_auth_token(Tx& tx, const Vault& vault, const AccountId& account) {
  static const Sql kFind{"SELECT token_sealed FROM auth_tokens WHERE account_id = ?1"};
  std::optional<SecretString> token;
  tx.one(kFind, {account},
         [&](const Row& row) { token = vault.open(row.blob(0), "auth_tokens", account.bytes(), "token"); });
  return token;
}

SecretString ensure_auth_token(Tx& tx, const Vault& vault, const AccountId& account, const SecretString& wanted,
                               Moment& moment) {
  static const Sql kPut{
      "INSERT INTO auth_tokens (account_id, token_sealed, created_at) VALUES (?1, ?2, ?3)"
      " ON CONFLICT (account_id) DO UPDATE SET token_sealed = excluded.token_sealed, created_at = excluded.created_at"};
  auto known = find_auth_token(tx, vault, account);
  if (known && (wanted.expose().empty() || wanted.expose() == known->expose())) return *std::move(known);
  // 32 hex digits, as clients expect an auth token to look.
  SecretString token = wanted.expose().empty() ? SecretString(to_hex(moment.random.bytes(16))) : wanted;
  const std::string sealed = vault.seal(token.expose(), "auth_tokens", account.bytes(), "token", moment.random);
  tx.put(kPut, {account, Blob{sealed}, moment.now});
  note_credential_change(tx);
  return token;
}

std::optional<std::string> find_key_check(Tx& tx, std::string_view key_name) {
  static const Sql kFind{"SELECT check_value FROM key_checks WHERE key_name = ?1"};
  std::optional<std::string> value;
  tx.one(kFind, {key_name}, [&](const Row& row) { value = row.string(0); });
  return value;
}

void insert_key_check(Tx& tx, std::string_view key_name, std::string_view check_value) {
  static const Sql kInsert{"INSERT INTO key_checks (key_name, check_value) VALUES (?1, ?2)"};
  tx.put(kInsert, {key_name, check_value});
}

void remove_key_check(Tx& tx, std::string_view key_name) {
  static const Sql kRemove{"DELETE FROM key_checks WHERE key_name = ?1"};
  tx.put(kRemove, {key_name});
}

std::vector<std::uint32_t> checked_seal_keys(Tx& tx) {
  static const Sql kFind{"SELECT key_name FROM key_checks WHERE key_name LIKE 'seal %' ORDER BY key_name"};
  std::vector<std::uint32_t> ids;
  tx.all(kFind, {}, [&](const Row& row) {
    ids.push_back(static_cast<std::uint32_t>(std::stoul(row.string(0).substr(sizeof "seal"))));
  });
  return ids;
}

std::uint32_t sealed_anew_under(Tx& tx) {
  const auto value = find_key_check(tx, "sealed anew");
  return value ? static_cast<std::uint32_t>(std::stoul(*value)) : 0;
}

void save_sealed_anew(Tx& tx, std::uint32_t key) {
  static const Sql kSave{
      "INSERT INTO key_checks (key_name, check_value) VALUES ('sealed anew', ?1)"
      " ON CONFLICT (key_name) DO UPDATE SET check_value = ?1"};
  tx.put(kSave, {std::to_string(key)});
}

}  // namespace countersign::store
