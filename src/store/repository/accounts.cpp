#include "store/repository/accounts.h"

#include "base/encoding.h"

namespace countersign::store {

namespace {

// scopes := of `vouch` and `admin` those that the key has, in this order, a space between; null: none. Versions before
// the second one read `vouch admin` as none.
constexpr std::string_view kVouch = "vouch";
constexpr std::string_view kAdmin = "admin";
constexpr std::string_view kBothScopes = "vouch admin";

std::optional<std::string_view> scopes_of(const ApiKeyRow& key) {
  if (key.may_vouch && key.may_administer) return kBothScopes;
  if (key.may_administer) return kAdmin;
  return key.may_vouch ? std::optional(kVouch) : std::nullopt;
}

}  // namespace

AccountId ensure_account(Tx& tx, std::string_view name, Moment& moment) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO accounts (id, name, created_at)
      VALUES (:id, :name, :created_at)
  )sql"};
  if (const auto found = find_account(tx, name)) return *found;
  const auto id = AccountId::make(moment);
  tx.put(kInsert, {{"id", id}, {"name", name}, {"created_at", moment.now}});
  return id;
}

std::map<AccountId, std::string> account_names(Tx& tx) {
  static constexpr Sql kAllNames{R"sql(
      SELECT id, name
      FROM accounts
  )sql"};
  std::map<AccountId, std::string> names;
  tx.all(kAllNames, {},
         [&](const Row& row) { names.emplace(row.id<AccountId>(kAllNames["id"]), row.string(kAllNames["name"])); });
  return names;
}

std::optional<AccountId> find_account(Tx& tx, std::string_view name) {
  static constexpr Sql kFind{R"sql(
      SELECT id
      FROM accounts
      WHERE name = :name
  )sql"};
  std::optional<AccountId> id;
  tx.one(kFind, {name}, [&](const Row& row) { id = row.id<AccountId>(kFind["id"]); });
  return id;
}

std::optional<ServiceId> find_service(Tx& tx, const AccountId& account, std::string_view name) {
  static constexpr Sql kFind{R"sql(
      SELECT id
      FROM services
      WHERE account_id = :account_id AND name = :name
  )sql"};
  std::optional<ServiceId> found;
  tx.one(kFind, {account, name}, [&](const Row& row) { found = row.id<ServiceId>(kFind["id"]); });
  return found;
}

ServiceId ensure_service(Tx& tx, const AccountId& account, std::string_view name, Moment& moment) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO services (account_id, id, name, created_at)
      VALUES (:account_id, :id, :name, :created_at)
  )sql"};
  if (const auto found = find_service(tx, account, name)) return *found;
  const auto id = ServiceId::make(moment);
  tx.put(kInsert, {{"account_id", account}, {"id", id}, {"name", name}, {"created_at", moment.now}});
  return id;
}

void insert_api_key(Tx& tx, const ApiKeyRow& key) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO api_keys (id, account_id, secret_digest, name, created_at, expires_at, scopes)
      VALUES (:id, :account_id, :secret_digest, :name, :created_at, :expires_at, :scopes)
  )sql"};
  tx.put(kInsert, {{"id", key.id},
                   {"account_id", key.account},
                   {"secret_digest", Blob{key.secret_digest}},
                   {"name", key.name},
                   {"created_at", key.created_at},
                   {"expires_at", key.expires_at},
                   {"scopes", scopes_of(key)}});
  note_credential_change(tx);
}

std::vector<ApiKeyRow> all_api_keys(Tx& tx) {
  static constexpr Sql kAll{R"sql(
      SELECT id, account_id, secret_digest, name, created_at, expires_at, revoked_at, scopes, last_used_at
      FROM api_keys
      ORDER BY id
  )sql"};
  std::vector<ApiKeyRow> keys;
  tx.all(kAll, {}, [&](const Row& row) {
    const auto scopes = row.optional_string(kAll["scopes"]).value_or("");
    keys.push_back({.id = row.id<ApiKeyId>(kAll["id"]),
                    .account = row.id<AccountId>(kAll["account_id"]),
                    .secret_digest = row.bytes(kAll["secret_digest"]),
                    .name = row.string(kAll["name"]),
                    .created_at = row.time(kAll["created_at"]),
                    .expires_at = row.optional_time(kAll["expires_at"]),
                    .revoked_at = row.optional_time(kAll["revoked_at"]),
                    .may_vouch = scopes == kVouch || scopes == kBothScopes,
                    .may_administer = scopes == kAdmin || scopes == kBothScopes,
                    .last_used_at = row.optional_time(kAll["last_used_at"])});
  });
  return keys;
}

std::optional<AccountId> revoke_api_key(Tx& tx, const ApiKeyId& id, WallTime now) {
  static constexpr Sql kFind{R"sql(
      SELECT account_id
      FROM api_keys
      WHERE id = :id AND revoked_at IS NULL
  )sql"};
  static constexpr Sql kRevoke{R"sql(
      UPDATE api_keys
      SET revoked_at = :revoked_at
      WHERE id = :id
  )sql"};
  std::optional<AccountId> account;
  tx.one(kFind, {id}, [&](const Row& row) { account = row.id<AccountId>(kFind["account_id"]); });
  if (!account) return std::nullopt;
  tx.put(kRevoke, {now, id});
  note_credential_change(tx);
  return account;
}

void note_use(Tx& tx, const ApiKeyId& id, WallTime used_at) {
  static constexpr Sql kNote{R"sql(
      UPDATE api_keys
      SET last_used_at = :last_used_at
      WHERE id = :id AND (last_used_at IS NULL OR last_used_at < :last_used_at)
  )sql"};
  tx.put(kNote, {used_at, id});
}

std::int64_t credential_version(Tx& tx) {
  static constexpr Sql kFind{R"sql(
      SELECT version
      FROM credential_changes
      WHERE id = 1
  )sql"};
  std::int64_t version = 0;
  tx.one(kFind, {}, [&](const Row& row) { version = row.integer(kFind["version"]); });
  return version;
}

void note_credential_change(Tx& tx) {
  static constexpr Sql kNote{R"sql(
      INSERT INTO credential_changes (id, version)
      VALUES (1, 1)
      ON CONFLICT (id) DO UPDATE
      SET version = credential_changes.version + 1
  )sql"};
  tx.put(kNote, {});
}

std::optional<SecretString> find_auth_token(Tx& tx, const Vault& vault, const AccountId& account) {
  static constexpr Sql kFind{R"sql(
      SELECT token_sealed
      FROM auth_tokens
      WHERE account_id = :account_id
  )sql"};
  std::optional<SecretString> token;
  tx.one(kFind, {account}, [&](const Row& row) {
    token = vault.open(row.blob(kFind["token_sealed"]), "auth_tokens", account.bytes(), "token");
  });
  return token;
}

SecretString ensure_auth_token(Tx& tx, const Vault& vault, const AccountId& account, const SecretString& wanted,
                               Moment& moment) {
  static constexpr Sql kPut{R"sql(
      INSERT INTO auth_tokens (account_id, token_sealed, created_at)
      VALUES (:account_id, :token_sealed, :created_at)
      ON CONFLICT (account_id) DO UPDATE
      SET token_sealed = excluded.token_sealed, created_at = excluded.created_at
  )sql"};
  auto known = find_auth_token(tx, vault, account);
  if (known && (wanted.expose().empty() || wanted.expose() == known->expose())) return *std::move(known);
  // 32 hex digits, as clients expect an auth token to look.
  SecretString token = wanted.expose().empty() ? SecretString(to_hex(moment.random.bytes(16))) : wanted;
  const std::string sealed = vault.seal(token.expose(), "auth_tokens", account.bytes(), "token", moment.random);
  tx.put(kPut, {{"account_id", account}, {"token_sealed", Blob{sealed}}, {"created_at", moment.now}});
  note_credential_change(tx);
  return token;
}

std::optional<std::string> find_key_check(Tx& tx, std::string_view key_name) {
  static constexpr Sql kFind{R"sql(
      SELECT check_value
      FROM key_checks
      WHERE key_name = :key_name
  )sql"};
  std::optional<std::string> value;
  tx.one(kFind, {key_name}, [&](const Row& row) { value = row.string(kFind["check_value"]); });
  return value;
}

void insert_key_check(Tx& tx, std::string_view key_name, std::string_view check_value) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO key_checks (key_name, check_value)
      VALUES (:key_name, :check_value)
  )sql"};
  tx.put(kInsert, {key_name, check_value});
}

void remove_key_check(Tx& tx, std::string_view key_name) {
  static constexpr Sql kRemove{R"sql(
      DELETE FROM key_checks
      WHERE key_name = :key_name
  )sql"};
  tx.put(kRemove, {key_name});
}

std::vector<std::uint32_t> checked_seal_keys(Tx& tx) {
  static constexpr Sql kFind{R"sql(
      SELECT key_name
      FROM key_checks
      WHERE key_name LIKE 'seal %'
      ORDER BY key_name
  )sql"};
  std::vector<std::uint32_t> ids;
  tx.all(kFind, {}, [&](const Row& row) {
    ids.push_back(static_cast<std::uint32_t>(std::stoul(row.string(kFind["key_name"]).substr(sizeof "seal"))));
  });
  return ids;
}

std::uint32_t sealed_anew_under(Tx& tx) {
  const auto value = find_key_check(tx, "sealed anew");
  return value ? static_cast<std::uint32_t>(std::stoul(*value)) : 0;
}

void save_sealed_anew(Tx& tx, std::uint32_t key) {
  static constexpr Sql kSave{R"sql(
      INSERT INTO key_checks (key_name, check_value)
      VALUES ('sealed anew', :check_value)
      ON CONFLICT (key_name) DO UPDATE
      SET check_value = :check_value
  )sql"};
  tx.put(kSave, {std::to_string(key)});
}

}  // namespace countersign::store
