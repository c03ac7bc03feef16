#pragma once

#include <optional>

#include "base/result.h"
#include "base/secret.h"
#include "store/repository/vault.h"
#include "store/tx.h"

namespace countersign::usecase::verify_api {

/// The credentials of an account's clients of the Verify-compatible API. During a rotation there are two valid tokens;
/// webhooks are signed with the primary one.
struct AuthTokenPair {
  SecretString primary;
  std::optional<SecretString> secondary;
};

/// Nothing if the account has none yet (store::ensure_auth_token makes it).
[[nodiscard]] std::optional<AuthTokenPair> find_auth_tokens(store::Tx& tx, const store::Vault& vault,
                                                            const AccountId& account);
/// Makes a secondary token beside the primary one, or returns the existing one.
[[nodiscard]] SecretString make_secondary_token(store::Tx& tx, const store::Vault& vault, const AccountId& account,
                                                Moment& moment);
/// Makes the secondary token the primary one and revokes the old one. False if there is no secondary.
[[nodiscard]] bool promote_secondary_token(store::Tx& tx, const store::Vault& vault, const AccountId& account,
                                           Moment& moment);
/// Revokes the secondary token. False if there is none.
[[nodiscard]] bool remove_secondary_token(store::Tx& tx, const store::Vault& vault, const AccountId& account);

/// A password that gives access only to test services. Derived from the primary token by a one-way function, so it
/// changes with it.
[[nodiscard]] SecretString test_token(const SecretString& primary);

}  // namespace countersign::usecase::verify_api
