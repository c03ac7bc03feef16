#include "crypto/openssl.h"

#include <openssl/err.h>

#include <array>
#include <atomic>
#include <stdexcept>

#include "base/check.h"

namespace countersign::crypto {

void openssl_failed(const char* what) {
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  ERR_clear_error();
  throw std::runtime_error(std::string("openssl: ") + what + ": " + reason.data());
}

void clear_openssl_errors() { ERR_clear_error(); }

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

EVP_MD* sha1_md() {
  static EVP_MD* const md = require_object(EVP_MD_fetch(nullptr, "SHA1", nullptr), "fetch SHA1");
  return md;
}

EVP_MD* sha256_md() {
  static EVP_MD* const md = require_object(EVP_MD_fetch(nullptr, "SHA256", nullptr), "fetch SHA256");
  return md;
}

EVP_MD* sha512_md() {
  static EVP_MD* const md = require_object(EVP_MD_fetch(nullptr, "SHA512", nullptr), "fetch SHA512");
  return md;
}

EVP_MAC* hmac_mac() {
  static EVP_MAC* const mac = require_object(EVP_MAC_fetch(nullptr, "HMAC", nullptr), "fetch HMAC");
  return mac;
}

void append_be32(std::string& out, std::uint32_t value) {
  const std::array bytes{static_cast<char>(value >> 24), static_cast<char>(value >> 16 & 0xFF),
                         static_cast<char>(value >> 8 & 0xFF), static_cast<char>(value & 0xFF)};
  out.append(bytes.data(), bytes.size());
}

// field :=
//    length    4 bytes    big-endian
//    bytes
void append_field(std::string& out, std::string_view field) {
  CS_CHECK(field.size() <= UINT32_MAX);
  append_be32(out, static_cast<std::uint32_t>(field.size()));
  out.append(field);
}

}  // namespace countersign::crypto
