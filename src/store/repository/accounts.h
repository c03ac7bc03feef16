#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/secret.h"
#include "store/repository/vault.h"
#include "store/tx.h"

namespace countersign::store {

struct AccountRow {
  AccountId id;
  std::string name;
};

struct ServiceRow {
  AccountId account;
  ServiceId id;
  std::string name;
};

struct ApiKeyRow {
  ApiKeyId id;
  AccountId account;
  std::string secret_digest;
  std::string name;
  WallTime created_at;
  std::optional<WallTime> expires_at;
  std::optional<WallTime> revoked_at;
  bool may_vouch = false;                ///< The scope `vouch`. [STD-5]
  bool may_administer = false;           ///< The scope `admin`: changes what holds for the whole account.
  std::optional<WallTime> last_used_at;  ///< May be up to an hour before the last use.
};

/// The account or service with that name, created if missing. Names come from the configuration.
[[nodiscard]] AccountId ensure_account(Tx& tx, std::string_view name, Moment& moment);
[[nodiscard]] ServiceId ensure_service(Tx& tx, const AccountId& account, std::string_view name, Moment& moment);

[[nodiscard]] std::optional<AccountId> find_account(Tx& tx, std::string_view name);
[[nodiscard]] std::optional<ServiceId> find_service(Tx& tx, const AccountId& account, std::string_view name);
[[nodiscard]] std::map<AccountId, std::string> account_names(Tx& tx);

void insert_api_key(Tx& tx, const ApiKeyRow& key);
[[nodiscard]] std::vector<ApiKeyRow> all_api_keys(Tx& tx);
/// The key's account; nullopt if there is no such key, or it was revoked before.
[[nodiscard]] std::optional<AccountId> revoke_api_key(Tx& tx, const ApiKeyId& id, WallTime now);

/// Records the time of use; earlier times change nothing.
void note_use(Tx& tx, const ApiKeyId& id, WallTime used_at);

/// Grows with every change of API keys and auth tokens in this database, on any node. A program from before this number
/// does not increment it.
[[nodiscard]] std::int64_t credential_version(Tx& tx);
/// Called by every function here that changes credentials.
void note_credential_change(Tx& tx);

/// The auth token of an account: it authenticates clients of the Verify-compatible API and signs its webhooks, so it is
/// sealed, not stored as a digest. Created if missing; a non-empty `wanted` replaces it.
[[nodiscard]] SecretString ensure_auth_token(Tx& tx, const Vault& vault, const AccountId& account,
                                             const SecretString& wanted, Moment& moment);
[[nodiscard]] std::optional<SecretString> find_auth_token(Tx& tx, const Vault& vault, const AccountId& account);

/// The check values that detect a start with a wrong key: key name → value. [CRY-2]
[[nodiscard]] std::optional<std::string> find_key_check(Tx& tx, std::string_view key_name);
void insert_key_check(Tx& tx, std::string_view key_name, std::string_view check_value);
void remove_key_check(Tx& tx, std::string_view key_name);
/// The ids of all sealing keys that have a check value under `seal ID`.
[[nodiscard]] std::vector<std::uint32_t> checked_seal_keys(Tx& tx);
/// The key under which everything was last sealed again; 0: never.
[[nodiscard]] std::uint32_t sealed_anew_under(Tx& tx);
void save_sealed_anew(Tx& tx, std::uint32_t key);

}  // namespace countersign::store
