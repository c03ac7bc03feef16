#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "crypto/hmac.h"
#include "crypto/keyring.h"

namespace countersign::crypto {

/// 32 bytes. Thread-safe.
[[nodiscard]] std::string sha256(std::string_view data);

/// 32 bytes, for a key that changes from call to call. Thread-safe.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view data);

/// The keyed hashes that the database holds in place of what must not be readable in it, all under subkeys of the
/// keyring's look-up key: without that key a dump lets nobody try out numbers or codes. Every field goes in with its
/// length, so nothing can be shifted from one field to the next. Compare with equal_constant_time. Thread-safe.
class Digester {
 public:
  explicit Digester(const Keyring& keyring);

  /// Finds equal values without showing them: 16 bytes. `purpose` ("phone", "email", "identity") keeps equal texts of
  /// different kinds apart; `value` is in its one normal form already. Whoever needs tenants kept apart puts the
  /// account's id into the value.
  [[nodiscard]] std::string blind_index(std::string_view purpose, std::string_view value) const;

  /// What is stored of a code: 32 bytes, good only together with everything in `bound_to` (tenant, verification,
  /// recipient, channel), in that order. [OTP-4, OTP-5]
  [[nodiscard]] std::string code_digest(std::string_view purpose, std::initializer_list<std::string_view> bound_to,
                                        std::string_view code) const;

  /// What is stored of a random token or API key: 32 bytes. Also the key by which it is looked up. [CRY-4, WEB-1]
  [[nodiscard]] std::string token_digest(std::string_view purpose, std::string_view token) const;

 private:
  HmacKey index_key_;
  HmacKey code_key_;
  HmacKey token_key_;
};

}  // namespace countersign::crypto
