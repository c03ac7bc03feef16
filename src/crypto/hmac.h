#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace countersign::crypto {

/// SHA-1 is only for HOTP, TOTP and Twilio's request signature. [CRY-3]
enum class Hash { kSha1, kSha256, kSha512 };

/// HMAC with a key that changes between calls. Thread-safe. The thread's context keeps the state of the last key until
/// its next use. The keyring, which opens those keys, is in the same memory, so wiping the context would cost a key
/// schedule and protect nothing.
[[nodiscard]] std::string hmac(Hash hash, std::string_view key, std::string_view data);

/// HMAC-SHA256 under a long-lived key: each thread keeps the key schedule. Copies share the key. Thread-safe.
class HmacKey {
 public:
  explicit HmacKey(SecretString key);

  /// The MAC of the concatenated parts. 32 bytes.
  [[nodiscard]] std::string mac(std::initializer_list<std::string_view> parts) const;

 private:
  SecretString key_;
  std::uint64_t serial_;  ///< Unique in the process; finds the key's context in each thread.
};

/// Several messages under one short-lived key (the steps of a TOTP check), with one key schedule. Implements RFC 2104
/// on the hash, because OpenSSL's HMAC object takes 1.5 times as long for short messages. Uses contexts of the calling
/// thread: at most one series per thread and hash exists at a time, and it stays on its thread.
class HmacSeries {
 public:
  static constexpr std::size_t kMacMax = 64;

  HmacSeries(Hash hash, std::string_view key);

  /// Writes the MAC of `message` to `out`, which holds at least kMacMax bytes; returns its length.
  std::size_t next(std::string_view message, unsigned char* out);

 private:
  struct Contexts;
  static Contexts& contexts(Hash hash);

  Contexts& contexts_;
};

}  // namespace countersign::crypto
