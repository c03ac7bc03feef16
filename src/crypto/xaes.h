#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace countersign::crypto {

/// XAES-256-GCM as C2SP specifies it (c2sp.org/XAES-256-GCM): a 192-bit nonce, whose first half derives a fresh
/// AES-256-GCM key for the message. Random nonces are safe for 2^80 messages under one key; plain AES-GCM's 96 bits
/// allow about 2^32. [CRY-1] Thread-safe.
class Xaes {
 public:
  static constexpr std::size_t kKeySize = 32;
  static constexpr std::size_t kNonceSize = 24;
  static constexpr std::size_t kTagSize = 16;

  /// Where the expanded key is cached between calls: in each thread, for a key that lives as long as the process, or
  /// nowhere, for one that must be gone when its object is.
  enum class Keep { kPerThread, kNowhere };

  /// `key` is 32 bytes.
  Xaes(SecretString key, Keep keep);

  /// Appends ciphertext and tag to `out`. `nonce` is 24 bytes and never reused with this key; it may be in `out` only
  /// if the whole size is already reserved. `plain` is below 1 GiB.
  void seal(std::string_view nonce, std::string_view plain, std::string_view associated, std::string& out) const;

  /// nullopt when anything was changed: key, nonce, associated data, ciphertext or tag.
  [[nodiscard]] std::optional<SecretString> open(std::string_view nonce, std::string_view sealed,
                                                 std::string_view associated) const;

  [[nodiscard]] const SecretString& key() const { return key_; }

 private:
  SecretString key_;
  Keep keep_;
  Secret<std::array<std::uint8_t, 16>> k1_;  ///< CMAC's first subkey (NIST SP 800-38B), the same for every message
  std::uint64_t serial_ = 0;                 ///< Unique in the process; finds the key's context in each thread.
};

}  // namespace countersign::crypto
