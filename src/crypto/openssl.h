#pragma once

#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

// OpenSSL helpers shared by the files of this module. Headers of other modules do not include OpenSSL.
namespace countersign::crypto {

template <auto free_function>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};

using CipherCtx = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;
using DigestCtx = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using MacCtx = std::unique_ptr<EVP_MAC_CTX, FreeWith<EVP_MAC_CTX_free>>;
using KdfCtx = std::unique_ptr<EVP_KDF_CTX, FreeWith<EVP_KDF_CTX_free>>;
using Pkey = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using PkeyCtx = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;

/// Throws std::runtime_error with OpenSSL's reason: for calls that fail only without memory or with a broken library.
[[noreturn]] void openssl_failed(const char* what);

inline void require(bool ok, const char* what) {
  if (!ok) openssl_failed(what);
}

template <class T>
T* require_object(T* object, const char* what) {
  require(object != nullptr, what);
  return object;
}

/// Clears the errors that a rejected input left in this thread's queue.
void clear_openssl_errors();

/// A unique number for keys whose prepared contexts are cached per thread. Thread-safe.
[[nodiscard]] std::uint64_t next_serial();

// Looked up once per process: a fetch costs more than the work itself. Never released.
[[nodiscard]] EVP_MD* sha1_md();
[[nodiscard]] EVP_MD* sha256_md();
[[nodiscard]] EVP_MD* sha512_md();
[[nodiscard]] EVP_MAC* hmac_mac();

inline const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

/// Appends a four-byte length and the field, so that different lists of fields never give the same bytes.
void append_field(std::string& out, std::string_view field);
void append_be32(std::string& out, std::uint32_t value);

}  // namespace countersign::crypto
