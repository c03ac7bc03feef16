#include "crypto/hmac.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <array>
#include <atomic>

#include "crypto/openssl.h"

namespace countersign::crypto {

namespace {

MacCtx new_context(const char* digest) {
  MacCtx ctx(require_object(EVP_MAC_CTX_new(hmac_mac()), "new HMAC context"));
  std::array<OSSL_PARAM, 2> params{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(digest), 0),
      OSSL_PARAM_construct_end()};
  require(EVP_MAC_CTX_set_params(ctx.get(), params.data()) == 1, "set HMAC digest");
  return ctx;
}

/// The calling thread's context for keys that come and go.
EVP_MAC_CTX* scratch_context(Hash hash) {
  thread_local std::array<MacCtx, 3> contexts;
  static constexpr std::array<const char*, 3> kNames{"SHA1", "SHA256", "SHA512"};
  const auto index = static_cast<std::size_t>(hash);
  MacCtx& ctx = contexts[index];
  if (!ctx) ctx = new_context(kNames[index]);
  return ctx.get();
}

void set_key(EVP_MAC_CTX* ctx, std::string_view key) {
  // A null key would mean "the same as before".
  static constexpr unsigned char kEmpty = 0;
  require(EVP_MAC_init(ctx, key.empty() ? &kEmpty : bytes_of(key), key.size(), nullptr) == 1, "HMAC key");
}

void restart(EVP_MAC_CTX* ctx) { require(EVP_MAC_init(ctx, nullptr, 0, nullptr) == 1, "HMAC restart"); }

void update(EVP_MAC_CTX* ctx, std::string_view data) {
  require(EVP_MAC_update(ctx, bytes_of(data), data.size()) == 1, "HMAC update");
}

std::size_t finish(EVP_MAC_CTX* ctx, unsigned char* out) {
  std::size_t size = 0;
  require(EVP_MAC_final(ctx, out, &size, HmacSeries::kMaxSize) == 1, "HMAC final");
  return size;
}

/// Contexts of long-lived keys, found by the key's serial number. Direct-mapped: two keys on one place only cost
/// each other a key schedule.
struct KeptContext {
  std::uint64_t serial = 0;
  MacCtx ctx;
};

EVP_MAC_CTX* kept_context(std::uint64_t serial, std::string_view key) {
  thread_local std::array<KeptContext, 16> kept;
  KeptContext& slot = kept[serial % kept.size()];
  if (slot.serial == serial) {
    restart(slot.ctx.get());
  } else {
    if (!slot.ctx) slot.ctx = new_context("SHA256");
    slot.serial = 0;
    set_key(slot.ctx.get(), key);
    slot.serial = serial;
  }
  return slot.ctx.get();
}

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

std::string hmac(Hash hash, std::string_view key, std::string_view data) {
  EVP_MAC_CTX* const ctx = scratch_context(hash);
  set_key(ctx, key);
  update(ctx, data);
  std::array<unsigned char, HmacSeries::kMaxSize> out{};
  return {reinterpret_cast<const char*>(out.data()), finish(ctx, out.data())};
}

HmacKey::HmacKey(SecretString key) : key_(std::move(key)), serial_(next_serial()) {}

std::string HmacKey::mac(std::initializer_list<std::string_view> parts) const {
  EVP_MAC_CTX* const ctx = kept_context(serial_, key_.expose());
  for (const std::string_view part : parts) update(ctx, part);
  std::array<unsigned char, HmacSeries::kMaxSize> out{};
  return {reinterpret_cast<const char*>(out.data()), finish(ctx, out.data())};
}

HmacSeries::HmacSeries(Hash hash, std::string_view key) : context_(scratch_context(hash)) {
  set_key(static_cast<EVP_MAC_CTX*>(context_), key);
}

std::size_t HmacSeries::next(std::string_view message, unsigned char* out) {
  auto* const ctx = static_cast<EVP_MAC_CTX*>(context_);
  if (!first_) restart(ctx);
  first_ = false;
  update(ctx, message);
  return finish(ctx, out);
}

}  // namespace countersign::crypto
