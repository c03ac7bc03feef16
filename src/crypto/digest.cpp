#include "crypto/digest.h"

#include "crypto/openssl.h"

namespace countersign::crypto {

std::string sha256(std::string_view data) {
  thread_local const DigestCtx ctx(require_object(EVP_MD_CTX_new(), "new digest context"));
  std::string out(32, '\0');
  require(EVP_DigestInit_ex2(ctx.get(), sha256_md(), nullptr) == 1 &&
              EVP_DigestUpdate(ctx.get(), data.data(), data.size()) == 1 &&
              EVP_DigestFinal_ex(ctx.get(), bytes_of(out), nullptr) == 1,
          "SHA-256");
  return out;
}

std::string hmac_sha256(std::string_view key, std::string_view data) { return hmac(Hash::kSha256, key, data); }

// Inputs of the keyed hashes, each HMAC-SHA256 under its own subkey of the look-up key ("blind-index", "code-digest",
// "token-digest"). A field is its length, 4 bytes, big-endian, and its bytes.
//
// blind index := the first 16 bytes of HMAC over
//    purpose     field
//    value       field
// code digest := HMAC over
//    purpose     field
//    how many    4 bytes    big-endian: the fields that follow before the code
//    bound to    field, for each
//    code        field
// token digest := HMAC over
//    purpose     field
//    token       field
Digester::Digester(const Keyring& keyring)
    : index_key_(keyring.lookup_subkey("blind-index")),
      code_key_(keyring.lookup_subkey("code-digest")),
      token_key_(keyring.lookup_subkey("token-digest")) {}

std::string Digester::blind_index(std::string_view purpose, std::string_view value) const {
  std::string message;
  message.reserve(8 + purpose.size() + value.size());
  append_field(message, purpose);
  append_field(message, value);
  std::string out = index_key_.mac({message});
  // 128 bits: no collisions in practice, and rows stay short.
  out.resize(16);
  return out;
}

std::string Digester::code_digest(std::string_view purpose, std::initializer_list<std::string_view> bound_to,
                                  std::string_view code) const {
  SecretString message;
  std::string& text = message.expose_for_writing();
  text.reserve(160);
  append_field(text, purpose);
  append_be32(text, static_cast<std::uint32_t>(bound_to.size()));
  for (const std::string_view field : bound_to) append_field(text, field);
  append_field(text, code);
  return code_key_.mac({text});
}

std::string Digester::token_digest(std::string_view purpose, std::string_view token) const {
  SecretString message;
  std::string& text = message.expose_for_writing();
  text.reserve(8 + purpose.size() + token.size());
  append_field(text, purpose);
  append_field(text, token);
  return token_key_.mac({text});
}

}  // namespace countersign::crypto
