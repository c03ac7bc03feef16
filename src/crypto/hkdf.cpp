#include "crypto/hkdf.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>

#include "base/check.h"
#include "crypto/openssl.h"

namespace countersign::crypto {

namespace {

OSSL_PARAM octets(const char* name, std::string_view value) {
  // OpenSSL refuses a null pointer even for empty input (a default string_view has one).
  const char* const data = value.data() != nullptr ? value.data() : "";
  return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(data), value.size());
}

}  // namespace

SecretString hkdf_sha256(std::string_view key_material, std::string_view salt, std::string_view info,
                         std::size_t size) {
  constexpr std::size_t kMaxSize = std::size_t{255} * 32;  // RFC 5869, section 2.3.
  CS_CHECK(size >= 1 && size <= kMaxSize);
  static EVP_KDF* const kdf = require_object(EVP_KDF_fetch(nullptr, "HKDF", nullptr), "fetch HKDF");
  const KdfCtx ctx(require_object(EVP_KDF_CTX_new(kdf), "new HKDF context"));
  std::string digest = "SHA256";
  const std::array<OSSL_PARAM, 5> params{OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
                                         octets(OSSL_KDF_PARAM_KEY, key_material), octets(OSSL_KDF_PARAM_SALT, salt),
                                         octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  SecretString out(std::string(size, '\0'));
  require(EVP_KDF_derive(ctx.get(), bytes_of(out.expose_for_writing()), size, params.data()) == 1, "HKDF");
  return out;
}

}  // namespace countersign::crypto
