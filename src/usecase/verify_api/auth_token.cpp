#include "usecase/verify_api/auth_token.h"

#include "base/encoding.h"
#include "crypto/digest.h"
#include "store/repository/accounts.h"
#include "store/repository/resources.h"

namespace countersign::usecase::verify_api {

namespace {

constexpr std::string_view kTokenKind = "secondary_auth_token";
constexpr std::string_view kName = "secondary";

std::optional<store::Resource> secondary_of(store::Tx& tx, const store::Vault& vault, const AccountId& account) {
  return store::find_named(tx, vault, account, kTokenKind, Id{}, kName);
}

SecretString token_in(const store::Resource& resource) {
  return SecretString(std::string(json_text(resource.content, "token").value_or("")));
}

}  // namespace

std::optional<AuthTokenPair> find_auth_tokens(store::Tx& tx, const store::Vault& vault, const AccountId& account) {
  auto primary = store::find_auth_token(tx, vault, account);
  if (!primary) return std::nullopt;
  AuthTokenPair pair{*std::move(primary), std::nullopt};
  if (const auto second = secondary_of(tx, vault, account)) pair.secondary = token_in(*second);
  return pair;
}

SecretString make_secondary_token(store::Tx& tx, const store::Vault& vault, const AccountId& account, Moment& moment) {
  if (const auto known = secondary_of(tx, vault, account)) return token_in(*known);
  SecretString token(to_hex(moment.random.bytes(16)));
  const store::Resource resource{account,          kTokenKind,         Id{},
                                 Id::make(moment), std::string(kName), {{"token", token.expose()}},
                                 moment.now,       moment.now,         std::nullopt};
  CS_CHECK(store::insert_resource(tx, vault, resource, moment.random));
  store::note_credential_change(tx);
  return token;
}

bool promote_secondary_token(store::Tx& tx, const store::Vault& vault, const AccountId& account, Moment& moment) {
  const auto second = secondary_of(tx, vault, account);
  if (!second) return false;
  static_cast<void>(store::ensure_auth_token(tx, vault, account, token_in(*second), moment));
  store::note_credential_change(tx);
  return store::delete_resource(tx, account, kTokenKind, Id{}, second->id);
}

bool remove_secondary_token(store::Tx& tx, const store::Vault& vault, const AccountId& account) {
  const auto second = secondary_of(tx, vault, account);
  if (!second) return false;
  store::note_credential_change(tx);
  return store::delete_resource(tx, account, kTokenKind, Id{}, second->id);
}

SecretString test_token(const SecretString& primary) {
  return SecretString(to_hex(crypto::hmac_sha256(primary.expose(), "countersign test token 1").substr(0, 16)));
}

}  // namespace countersign::usecase::verify_api
