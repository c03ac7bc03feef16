#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"
#include "crypto/p256.h"

// Message Encryption for Web Push (RFC 8291) in the aes128gcm coding (RFC 8188), pure. [PUSH-1, PUSH-2]
namespace countersign::crypto {

inline constexpr std::size_t kPushAuthSize = 16;
inline constexpr std::size_t kPushSaltSize = 16;
/// A push service must take 4096 bytes (RFC 8030, 7.2), of which header, delimiter and tag need 103 (RFC 8291, 4).
inline constexpr std::size_t kPushBodyMax = 4096;
inline constexpr std::size_t kPushTextMax = 3993;

/// To whom messages are encrypted: the two keys of a browser's PushSubscription. An object that exists is valid.
class PushRecipient {
 public:
  /// `keys.p256dh` and `keys.auth` of PushSubscription.toJSON(): base64url without padding, and nothing else. nullopt
  /// unless the first is a point of P-256 and the second 16 bytes. [PUSH-2]
  [[nodiscard]] static std::optional<PushRecipient> read(std::string_view p256dh, std::string_view auth);
  /// The same from bytes.
  [[nodiscard]] static std::optional<PushRecipient> from_bytes(std::string_view point, std::string_view auth);

  [[nodiscard]] const std::string& point() const { return point_; }
  [[nodiscard]] const SecretString& auth() const { return auth_; }

 private:
  PushRecipient(std::string point, SecretString auth) : point_(std::move(point)), auth_(std::move(auth)) {}

  std::string point_;
  SecretString auth_;
};

/// The body of one message: one record, with a key pair and a salt of its own. The text is padded with zeros to
/// `padded_to` bytes, so that its length says nothing; a longer one is not padded. More than kPushTextMax bytes, padded
/// or not, are a bug of the caller.
[[nodiscard]] std::string encrypt_push(const PushRecipient& to, std::string_view text, std::size_t padded_to,
                                       Random& random);
/// The same with a given key pair and salt of 16 bytes, for test vectors.
[[nodiscard]] std::string encrypt_push(const PushRecipient& to, std::string_view text, std::size_t padded_to,
                                       const AgreementKey& own, std::string_view salt);

/// RFC 8188 with one record: `key_material` is the secret, `key_id` names it (up to 255 bytes) in the header.
[[nodiscard]] std::string encode_aes128gcm(std::string_view key_material, std::string_view salt,
                                           std::string_view key_id, std::string_view text, std::size_t padded_to);

}  // namespace countersign::crypto
