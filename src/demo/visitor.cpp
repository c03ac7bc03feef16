#include "demo/visitor.h"

#include "base/encoding.h"
#include "demo/sealing.h"

namespace countersign::demo {

namespace {

constexpr std::size_t kSecretSize = 32;

}  // namespace

Visitor Visitor::make(Random& random) { return Visitor(SecretString(random.bytes(kSecretSize))); }

std::optional<Visitor> Visitor::from_cookie(std::string_view value) {
  auto bytes = from_base64url(value);
  if (!bytes || bytes->size() != kSecretSize) return std::nullopt;
  return Visitor(SecretString(*std::move(bytes)));
}

// cookie := Base64url of the secret, 32 bytes
// session := HMAC-SHA256(secret, "session"), 32 bytes
// draft key := HMAC-SHA256(secret, "draft of the account"), 32 bytes
// form token := Base64url of HMAC-SHA256(secret, "form")
std::string Visitor::cookie() const { return to_base64url(secret_.expose()); }
std::string Visitor::session() const { return hmac_sha256(secret_.expose(), "session"); }
SecretString Visitor::draft_key() const { return SecretString(hmac_sha256(secret_.expose(), "draft of the account")); }
std::string Visitor::form_token() const { return to_base64url(hmac_sha256(secret_.expose(), "form")); }

}  // namespace countersign::demo
