#include "crypto/xaes.h"

#include <atomic>
#include <cstring>

#include "base/check.h"
#include "crypto/openssl.h"

namespace countersign::crypto {

namespace {

constexpr std::size_t kMaxSize = std::size_t{1} << 30;  // OpenSSL counts in int.
constexpr std::size_t kHalf = Xaes::kNonceSize / 2;
using Block = std::array<std::uint8_t, 16>;
using MessageKey = Secret<std::array<std::uint8_t, 32>>;

EVP_CIPHER* aes_block() {
  static EVP_CIPHER* const cipher = require_object(EVP_CIPHER_fetch(nullptr, "AES-256-ECB", nullptr), "fetch AES");
  return cipher;
}

EVP_CIPHER* aes_gcm() {
  static EVP_CIPHER* const cipher = require_object(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr), "fetch AES-GCM");
  return cipher;
}

CipherCtx new_context(const EVP_CIPHER* cipher) {
  CipherCtx ctx(require_object(EVP_CIPHER_CTX_new(), "new cipher context"));
  require(EVP_EncryptInit_ex2(ctx.get(), cipher, nullptr, nullptr, nullptr) == 1, "cipher context");
  return ctx;
}

void set_block_key(EVP_CIPHER_CTX* ctx, std::string_view key) {
  require(EVP_EncryptInit_ex2(ctx, nullptr, bytes_of(key), nullptr, nullptr) == 1 &&
              EVP_CIPHER_CTX_set_padding(ctx, 0) == 1,
          "AES key");
}

CipherCtx keyed_block_context(std::string_view key) {
  CipherCtx ctx = new_context(aes_block());
  set_block_key(ctx.get(), key);
  return ctx;
}

/// The calling thread's context with this key expanded. Direct-mapped: two keys in one slot only cost each other a key
/// expansion.
EVP_CIPHER_CTX* kept_block_context(std::uint64_t serial, std::string_view key) {
  struct Kept {
    std::uint64_t serial = 0;
    CipherCtx ctx;
  };
  thread_local std::array<Kept, 8> kept;
  Kept& slot = kept[serial % kept.size()];
  if (slot.serial != serial) {
    slot.serial = 0;
    if (!slot.ctx) slot.ctx = new_context(aes_block());
    set_block_key(slot.ctx.get(), key);
    slot.serial = serial;
  }
  return slot.ctx.get();
}

EVP_CIPHER_CTX* thread_gcm_context() {
  thread_local const CipherCtx ctx = new_context(aes_gcm());
  return ctx.get();
}

template <std::size_t size>
void encrypt_blocks(EVP_CIPHER_CTX* ctx, const std::array<std::uint8_t, size>& in,
                    std::array<std::uint8_t, size>& out) {
  int written = 0;
  require(EVP_EncryptUpdate(ctx, out.data(), &written, in.data(), static_cast<int>(in.size())) == 1 &&
              written == static_cast<int>(size),
          "AES block");
}

/// Steps 1 and 2 of the specification: encrypt zeros, double in GF(2^128).
void derive_k1(EVP_CIPHER_CTX* ctx, Block& k1) {
  Secret<Block> l;
  encrypt_blocks(ctx, Block{}, l.expose_for_writing());
  const Block& in = l.expose();
  const auto carry = static_cast<std::uint8_t>(in[0] >> 7);
  for (std::size_t i = 0; i < in.size(); ++i) {
    const int next = i + 1 < in.size() ? in[i + 1] >> 7 : 0;
    k1[i] = static_cast<std::uint8_t>(in[i] << 1 | next);
  }
  k1[15] = static_cast<std::uint8_t>(k1[15] ^ (carry * 0x87));
}

/// Steps 3 to 5: the message's own key from the first half of the nonce.
///
/// message key := AES(key, block 1 xor k1), AES(key, block 2 xor k1)
/// block n :=
///    0                 1 byte
///    n                 1 byte     1 or 2
///    'X'               1 byte
///    0                 1 byte
///    nonce, 0 to 11    12 bytes
///
/// That key and the nonce's bytes 12 to 23 are those of AES-256-GCM then.
void derive_message_key(EVP_CIPHER_CTX* ctx, const Block& k1, std::string_view nonce, MessageKey& out) {
  std::array<std::uint8_t, 32> blocks{};
  for (std::size_t counter = 1; counter <= 2; ++counter) {
    std::uint8_t* block = blocks.data() + (counter - 1) * 16;
    block[1] = static_cast<std::uint8_t>(counter);
    block[2] = 'X';
    std::memcpy(block + 4, nonce.data(), kHalf);
    for (std::size_t i = 0; i < 16; ++i) block[i] = static_cast<std::uint8_t>(block[i] ^ k1[i]);
  }
  encrypt_blocks(ctx, blocks, out.expose_for_writing());
}

void gcm_encrypt(EVP_CIPHER_CTX* ctx, const MessageKey& key, std::string_view nonce, std::string_view plain,
                 std::string_view associated, unsigned char* out) {
  int size = 0;
  int rest = 0;
  require(EVP_EncryptInit_ex2(ctx, nullptr, key.expose().data(), bytes_of(nonce), nullptr) == 1 &&
              EVP_EncryptUpdate(ctx, nullptr, &size, bytes_of(associated), static_cast<int>(associated.size())) == 1 &&
              EVP_EncryptUpdate(ctx, out, &size, bytes_of(plain), static_cast<int>(plain.size())) == 1 &&
              EVP_EncryptFinal_ex(ctx, out + size, &rest) == 1 &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, Xaes::kTagSize, out + plain.size()) == 1,
          "AES-GCM");
}

bool gcm_decrypt(EVP_CIPHER_CTX* ctx, const MessageKey& key, std::string_view nonce, std::string_view sealed,
                 std::string_view associated, unsigned char* out) {
  const std::string_view text = sealed.substr(0, sealed.size() - Xaes::kTagSize);
  std::array<unsigned char, Xaes::kTagSize> tag{};
  std::memcpy(tag.data(), sealed.data() + text.size(), tag.size());
  int size = 0;
  int rest = 0;
  require(EVP_DecryptInit_ex2(ctx, nullptr, key.expose().data(), bytes_of(nonce), nullptr) == 1 &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, Xaes::kTagSize, tag.data()) == 1 &&
              EVP_DecryptUpdate(ctx, nullptr, &size, bytes_of(associated), static_cast<int>(associated.size())) == 1 &&
              EVP_DecryptUpdate(ctx, out, &size, bytes_of(text), static_cast<int>(text.size())) == 1,
          "AES-GCM");
  return EVP_DecryptFinal_ex(ctx, out + size, &rest) == 1;
}

/// The two contexts for one call: the thread's, or new ones that OpenSSL wipes on release.
class Contexts {
 public:
  Contexts(Xaes::Keep keep, std::uint64_t serial, std::string_view key) {
    if (keep == Xaes::Keep::kPerThread) {
      block_ = kept_block_context(serial, key);
      gcm_ = thread_gcm_context();
    } else {
      own_block_ = keyed_block_context(key);
      own_gcm_ = new_context(aes_gcm());
      block_ = own_block_.get();
      gcm_ = own_gcm_.get();
    }
  }
  [[nodiscard]] EVP_CIPHER_CTX* block() const { return block_; }
  [[nodiscard]] EVP_CIPHER_CTX* gcm() const { return gcm_; }

 private:
  EVP_CIPHER_CTX* block_;
  EVP_CIPHER_CTX* gcm_;
  CipherCtx own_block_;
  CipherCtx own_gcm_;
};

}  // namespace

Xaes::Xaes(SecretString key, Keep keep) : key_(std::move(key)), keep_(keep), serial_(next_serial()) {
  CS_CHECK(key_.expose().size() == kKeySize);
  derive_k1(keyed_block_context(key_.expose()).get(), k1_.expose_for_writing());
}

void Xaes::seal(std::string_view nonce, std::string_view plain, std::string_view associated, std::string& out) const {
  CS_CHECK(nonce.size() == kNonceSize && plain.size() < kMaxSize && associated.size() < kMaxSize);
  const Contexts contexts(keep_, serial_, key_.expose());
  MessageKey message_key;
  derive_message_key(contexts.block(), k1_.expose(), nonce, message_key);
  const std::size_t start = out.size();
  out.resize(start + plain.size() + kTagSize);
  gcm_encrypt(contexts.gcm(), message_key, nonce.substr(kHalf), plain, associated, bytes_of(out) + start);
}

std::optional<SecretString> Xaes::open(std::string_view nonce, std::string_view sealed,
                                       std::string_view associated) const {
  CS_CHECK(nonce.size() == kNonceSize && associated.size() < kMaxSize);
  if (sealed.size() < kTagSize || sealed.size() >= kMaxSize) return std::nullopt;
  const Contexts contexts(keep_, serial_, key_.expose());
  MessageKey message_key;
  derive_message_key(contexts.block(), k1_.expose(), nonce, message_key);
  SecretString plain(std::string(sealed.size() - kTagSize, '\0'));
  if (!gcm_decrypt(contexts.gcm(), message_key, nonce.substr(kHalf), sealed, associated,
                   bytes_of(plain.expose_for_writing()))) {
    clear_openssl_errors();
    return std::nullopt;
  }
  return plain;
}

}  // namespace countersign::crypto
