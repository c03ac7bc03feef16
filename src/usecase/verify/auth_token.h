#pragma once

#include <optional>

#include "base/result.h"
#include "base/secret.h"
#include "store/repository/vault.h"
#include "store/tx.h"

namespace countersign::usecase::verify {

/// What an account's clients of the Verify-compatible API sign in with. While a token is being replaced there are two,
/// and both are good; webhooks are signed with the primary one.
struct AuthTokenPair {
  SecretString primary;
  std::optional<SecretString> secondary;
};

/// Nothing where the account has none yet (store::ensure_auth_token makes it).
[[nodiscard]] std::optional<AuthTokenPair> find_auth_tokens(store::Tx& tx, const store::Vault& vault,
                                                            const AccountId& account);
/// A secondary token beside the primary one; the one that there is already, if there is one.
[[nodiscard]] SecretString make_secondary_token(store::Tx& tx, const store::Vault& vault, const AccountId& account,
                                                Moment& moment);
/// The secondary token becomes the primary one, and the old one is void. False where there is no secondary.
[[nodiscard]] bool promote_secondary_token(store::Tx& tx, const store::Vault& vault, const AccountId& account,
                                           Moment& moment);
/// The secondary token is void. False where there is none.
[[nodiscard]] bool remove_secondary_token(store::Tx& tx, const store::Vault& vault, const AccountId& account);

/// With this instead of the auth token only test services are seen. It follows from the primary token, so it changes
/// with it, and nothing leads back.
[[nodiscard]] SecretString test_token(const SecretString& primary);

}  // namespace countersign::usecase::verify
