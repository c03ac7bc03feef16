#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace countersign::crypto {

/// SHA-1 is here for HOTP, TOTP and Twilio's request signature alone. [CRY-3]
enum class Hash { kSha1, kSha256, kSha512 };

/// HMAC with a key that changes from call to call. Thread-safe.
/// The thread's context keeps the state of the last key until its next use; what opens those keys (the keyring) is
/// in the same memory, so wiping it in between would cost a key schedule and protect nothing.
[[nodiscard]] std::string hmac(Hash hash, std::string_view key, std::string_view data);

/// HMAC-SHA256 under one key that is used again and again: each thread keeps the key schedule.
/// Copies share the key. Thread-safe.
class HmacKey {
 public:
  explicit HmacKey(SecretString key);

  /// Over the parts one after the other, with nothing between them. 32 bytes.
  [[nodiscard]] std::string mac(std::initializer_list<std::string_view> parts) const;

 private:
  SecretString key_;
  std::uint64_t serial_;  ///< Never used twice in a process; finds the key's context in each thread.
};

/// Messages under one key that is used only this once (the steps of a TOTP check): one key schedule for all of them.
/// Composed here from the hash (RFC 2104), because OpenSSL's HMAC object takes half as long again for short messages.
/// Borrows contexts of the calling thread: at most one series lives at a time per thread and hash, and it stays there.
class HmacSeries {
 public:
  static constexpr std::size_t kMacMax = 64;

  HmacSeries(Hash hash, std::string_view key);

  /// Writes the MAC of `message` to `out`, which has room for kMacMax bytes; returns its length.
  std::size_t next(std::string_view message, unsigned char* out);

 private:
  struct Contexts;
  static Contexts& contexts(Hash hash);

  Contexts& contexts_;
};

}  // namespace countersign::crypto
