#include "crypto/web_push.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/hkdf.h"
#include "crypto/openssl.h"

namespace countersign::crypto {

namespace {

constexpr std::size_t kKeySize = 16;
constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;
constexpr std::uint32_t kRecordSize = kPushBodyMax;
constexpr char kLastRecord = '\x02';

constexpr std::string_view kKeyInfo("Content-Encoding: aes128gcm\0", 28);
constexpr std::string_view kNonceInfo("Content-Encoding: nonce\0", 24);
constexpr std::string_view kPushInfo("WebPush: info\0", 14);

EVP_CIPHER_CTX* thread_aes128gcm() {
  static EVP_CIPHER* const cipher = require_object(EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr), "fetch AES-GCM");
  thread_local const CipherCtx ctx = [] {
    CipherCtx made(require_object(EVP_CIPHER_CTX_new(), "new cipher context"));
    require(EVP_EncryptInit_ex2(made.get(), cipher, nullptr, nullptr, nullptr) == 1, "cipher context");
    return made;
  }();
  return ctx.get();
}

/// Encrypts `size` bytes from `at` in place, and appends the tag.
void encrypt_record(std::string& body, std::size_t at, std::string_view key, std::string_view nonce) {
  EVP_CIPHER_CTX* const ctx = thread_aes128gcm();
  const std::size_t size = body.size() - at;
  body.resize(body.size() + kTagSize);
  unsigned char* const record = bytes_of(body) + at;
  int written = 0;
  int rest = 0;
  require(EVP_EncryptInit_ex2(ctx, nullptr, bytes_of(key), bytes_of(nonce), nullptr) == 1 &&
              EVP_EncryptUpdate(ctx, record, &written, record, static_cast<int>(size)) == 1 &&
              EVP_EncryptFinal_ex(ctx, record + written, &rest) == 1 &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, kTagSize, record + size) == 1,
          "AES-GCM");
}

}  // namespace

// body :=
//    salt           16 bytes
//    record size     4 bytes    big-endian
//    id length       1 byte
//    key id                     RFC 8291: the sender's point, 65 bytes
//    record                     AES-128-GCM over: text, 02, zeros
std::string encode_aes128gcm(std::string_view key_material, std::string_view salt, std::string_view key_id,
                             std::string_view text, std::size_t padded_to) {
  CS_CHECK(salt.size() == kPushSaltSize && key_id.size() <= UINT8_MAX);
  const std::size_t padded = std::max(text.size(), padded_to);
  CS_CHECK(padded + 1 + kTagSize <= kRecordSize);
  const SecretString key = hkdf_sha256(key_material, salt, kKeyInfo, kKeySize);
  const SecretString nonce = hkdf_sha256(key_material, salt, kNonceInfo, kNonceSize);

  std::string body;
  body.reserve(salt.size() + 5 + key_id.size() + padded + 1 + kTagSize);
  body.append(salt);
  append_be32(body, kRecordSize);
  body.push_back(static_cast<char>(key_id.size()));
  body.append(key_id);
  const std::size_t record = body.size();
  body.append(text);
  body.push_back(kLastRecord);
  body.append(padded - text.size(), '\0');
  encrypt_record(body, record, key.expose(), nonce.expose());
  return body;
}

std::optional<PushRecipient> PushRecipient::read(std::string_view p256dh, std::string_view auth) {
  const auto point = from_base64url(p256dh);
  const auto secret = from_base64url(auth);
  return point && secret ? from_bytes(*point, *secret) : std::nullopt;
}

std::optional<PushRecipient> PushRecipient::from_bytes(std::string_view point, std::string_view auth) {
  if (auth.size() != kPushAuthSize || !is_p256_point(point)) return std::nullopt;
  return PushRecipient(std::string(point), SecretString(std::string(auth)));
}

std::string encrypt_push(const PushRecipient& to, std::string_view text, std::size_t padded_to, const AgreementKey& own,
                         std::string_view salt) {
  CS_CHECK(std::max(text.size(), padded_to) <= kPushTextMax);
  const auto common = own.agree(to.point());
  CS_CHECK(common.has_value());  // The recipient's point was read.
  std::string info(kPushInfo);
  info.append(to.point()).append(own.point());
  const SecretString key_material = hkdf_sha256(common->expose(), to.auth().expose(), info, 32);
  return encode_aes128gcm(key_material.expose(), salt, own.point(), text, padded_to);
}

std::string encrypt_push(const PushRecipient& to, std::string_view text, std::size_t padded_to, Random& random) {
  const AgreementKey own = AgreementKey::generate(random);
  return encrypt_push(to, text, padded_to, own, random.bytes(kPushSaltSize));
}

}  // namespace countersign::crypto
