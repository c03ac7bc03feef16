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
  std::optional<WallTime> last_used_at;  ///< May be an hour older than the last use.
};

/// The account or service of that name, made if there is none. Names come from the configuration.
[[nodiscard]] AccountId ensure_account(Tx& tx, std::string_view name, Moment& moment);
[[nodiscard]] ServiceId ensure_service(Tx& tx, const AccountId& account, std::string_view name, Moment& moment);

[[nodiscard]] std::optional<AccountId> find_account(Tx& tx, std::string_view name);
[[nodiscard]] std::optional<ServiceId> find_service(Tx& tx, const AccountId& account, std::string_view name);
[[nodiscard]] std::map<AccountId, std::string> account_names(Tx& tx);

void insert_api_key(Tx& tx, const ApiKeyRow& key);
[[nodiscard]] std::vector<ApiKeyRow> all_api_keys(Tx& tx);
/// Whose key it was; nothing when there is no such key, or it was revoked before.
[[nodiscard]] std::optional<AccountId> revoke_api_key(Tx& tx, const ApiKeyId& id, WallTime now);

/// Writes down that the key was used then; an older time than what is known changes nothing.
void note_use(Tx& tx, const ApiKeyId& id, WallTime used_at);

/// Grows with every change of API keys and auth tokens in this database, whichever node makes it. A program from before
/// this number changes them without it.
[[nodiscard]] std::int64_t credential_version(Tx& tx);
/// For whoever changes them: every function here that does calls it.
void note_credential_change(Tx& tx);

/// The auth token of an account: what clients of the Verify-compatible API authenticate with, and what its webhooks are
/// signed with, so it is kept sealed and not as a digest. Made when there is none; `wanted` replaces it if not empty.
[[nodiscard]] SecretString ensure_auth_token(Tx& tx, const Vault& vault, const AccountId& account,
                                             const SecretString& wanted, Moment& moment);
[[nodiscard]] std::optional<SecretString> find_auth_token(Tx& tx, const Vault& vault, const AccountId& account);

/// The check values by which a start with a wrong key is noticed: key name → value. [CRY-2]
[[nodiscard]] std::optional<std::string> find_key_check(Tx& tx, std::string_view key_name);
void insert_key_check(Tx& tx, std::string_view key_name, std::string_view check_value);
void remove_key_check(Tx& tx, std::string_view key_name);
/// The ids of all sealing keys that have a check value under `seal ID`.
[[nodiscard]] std::vector<std::uint32_t> checked_seal_keys(Tx& tx);
/// Under which key everything was sealed anew last; 0: never.
[[nodiscard]] std::uint32_t sealed_anew_under(Tx& tx);
void save_sealed_anew(Tx& tx, std::uint32_t key);

}  // namespace countersign::store
