#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "crypto/hmac.h"
#include "crypto/keyring.h"

namespace countersign::crypto {

/// 32 bytes. Thread-safe.
[[nodiscard]] std::string sha256(std::string_view data);

/// 32 bytes, for a key that changes between calls. Thread-safe.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view data);

/// Keyed hashes that the database stores instead of plain values, under subkeys of the keyring's look-up key: without
/// that key a dump cannot be searched for numbers or codes. Every field is prefixed with its length, so no bytes can
/// move from one field to the next. Compare with equal_constant_time. Thread-safe.
class Digester {
 public:
  explicit Digester(const Keyring& keyring);

  /// A 16-byte index that finds equal values without revealing them. `purpose` ("phone", "email", "identity") separates
  /// equal texts of different kinds; `value` is already normalised. To separate tenants, the caller includes the
  /// account's id in the value.
  [[nodiscard]] std::string blind_index(std::string_view purpose, std::string_view value) const;

  /// The stored digest of a code: 32 bytes, bound to everything in `bound_to` (tenant, verification, recipient,
  /// channel), in that order. [OTP-4, OTP-5]
  [[nodiscard]] std::string code_digest(std::string_view purpose, std::initializer_list<std::string_view> bound_to,
                                        std::string_view code) const;

  /// The stored digest of a random token or API key: 32 bytes. Also its look-up key. [CRY-4, WEB-1]
  [[nodiscard]] std::string token_digest(std::string_view purpose, std::string_view token) const;

 private:
  HmacKey index_key_;
  HmacKey code_key_;
  HmacKey token_key_;
};

}  // namespace countersign::crypto
