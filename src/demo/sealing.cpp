#include "demo/sealing.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>
#include <stdexcept>

#include "base/check.h"

namespace countersign::demo {

namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kNonceSize = 12;
constexpr int kTagSize = 16;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

void require(int answer) {
  if (answer != 1) throw std::runtime_error("OpenSSL failed");
}

}  // namespace

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::string mac(32, '\0');
  unsigned size = 0;
  const auto* done =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(), bytes_of(mac), &size);
  require(done != nullptr ? 1 : 0);
  return mac;
}

// sealed :=
//    nonce         12 bytes   random
//    ciphertext               as long as the content
//    tag           16 bytes
// AES-256-GCM under a key of 32 bytes; associated data := the bytes of the place
std::string seal(std::string_view key, std::string_view plain, std::string_view place, Random& random) {
  CS_CHECK(key.size() == kKeySize);
  std::string sealed = random.bytes(kNonceSize);
  sealed.resize(kNonceSize + plain.size() + kTagSize);
  auto* const body = bytes_of(sealed) + kNonceSize;
  const Context context(EVP_CIPHER_CTX_new());
  int size = 0;
  require(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key), bytes_of(sealed)));
  require(EVP_EncryptUpdate(context.get(), nullptr, &size, bytes_of(place), static_cast<int>(place.size())));
  require(EVP_EncryptUpdate(context.get(), body, &size, bytes_of(plain), static_cast<int>(plain.size())));
  require(EVP_EncryptFinal_ex(context.get(), body + plain.size(), &size));
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, body + plain.size()));
  return sealed;
}

std::optional<SecretString> unseal(std::string_view key, std::string_view sealed, std::string_view place) {
  CS_CHECK(key.size() == kKeySize);
  if (sealed.size() < kNonceSize + kTagSize) return std::nullopt;
  const auto body = sealed.substr(kNonceSize, sealed.size() - kNonceSize - kTagSize);
  std::string tag(sealed.substr(sealed.size() - kTagSize));
  SecretString plain(std::string(body.size(), '\0'));
  const Context context(EVP_CIPHER_CTX_new());
  int size = 0;
  require(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key), bytes_of(sealed)));
  require(EVP_DecryptUpdate(context.get(), nullptr, &size, bytes_of(place), static_cast<int>(place.size())));
  require(EVP_DecryptUpdate(context.get(), bytes_of(plain.expose_for_writing()), &size, bytes_of(body),
                            static_cast<int>(body.size())));
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data()));
  if (EVP_DecryptFinal_ex(context.get(), bytes_of(tag), &size) != 1) return std::nullopt;
  return plain;
}

}  // namespace countersign::demo
