#include "crypto/hmac.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <array>
#include <atomic>
#include <cstring>

#include "base/check.h"
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

/// The calling thread's context for short-lived keys.
EVP_MAC_CTX* scratch_context(Hash hash) {
  thread_local std::array<MacCtx, 3> contexts;
  static constexpr std::array<const char*, 3> kNames{"SHA1", "SHA256", "SHA512"};
  const auto index = static_cast<std::size_t>(hash);
  MacCtx& ctx = contexts[index];
  if (!ctx) ctx = new_context(kNames[index]);
  return ctx.get();
}

void set_key(EVP_MAC_CTX* ctx, std::string_view key) {
  // A null key would mean "the same key as before".
  static constexpr unsigned char kEmpty = 0;
  require(EVP_MAC_init(ctx, key.empty() ? &kEmpty : bytes_of(key), key.size(), nullptr) == 1, "HMAC key");
}

void restart(EVP_MAC_CTX* ctx) { require(EVP_MAC_init(ctx, nullptr, 0, nullptr) == 1, "HMAC restart"); }

void update(EVP_MAC_CTX* ctx, std::string_view data) {
  require(EVP_MAC_update(ctx, bytes_of(data), data.size()) == 1, "HMAC update");
}

std::size_t finish(EVP_MAC_CTX* ctx, unsigned char* out) {
  std::size_t size = 0;
  require(EVP_MAC_final(ctx, out, &size, HmacSeries::kMacMax) == 1, "HMAC final");
  return size;
}

/// Contexts of long-lived keys by serial number. Direct-mapped: two keys in one slot only cost each other a key
/// schedule.
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

void start(EVP_MD_CTX* ctx, EVP_MD* md) { require(EVP_DigestInit_ex2(ctx, md, nullptr) == 1, "hash start"); }

/// Adds the last data and finishes. Returns the length.
std::size_t digest(EVP_MD_CTX* ctx, std::string_view data, unsigned char* out) {
  unsigned int size = 0;
  require(EVP_DigestUpdate(ctx, data.data(), data.size()) == 1 && EVP_DigestFinal_ex(ctx, out, &size) == 1, "hash");
  return size;
}

}  // namespace

std::string hmac(Hash hash, std::string_view key, std::string_view data) {
  EVP_MAC_CTX* const ctx = scratch_context(hash);
  set_key(ctx, key);
  update(ctx, data);
  std::array<unsigned char, HmacSeries::kMacMax> out{};
  return {reinterpret_cast<const char*>(out.data()), finish(ctx, out.data())};
}

HmacKey::HmacKey(SecretString key) : key_(std::move(key)), serial_(next_serial()) {}

std::string HmacKey::mac(std::initializer_list<std::string_view> parts) const {
  EVP_MAC_CTX* const ctx = kept_context(serial_, key_.expose());
  for (const std::string_view part : parts) update(ctx, part);
  std::array<unsigned char, HmacSeries::kMacMax> out{};
  return {reinterpret_cast<const char*>(out.data()), finish(ctx, out.data())};
}

/// `inner` and `outer` have absorbed the padded key; each message starts from a copy.
struct HmacSeries::Contexts {
  explicit Contexts(EVP_MD* hash) : md(hash) {}

  EVP_MD* md;
  DigestCtx inner{require_object(EVP_MD_CTX_new(), "new digest context")};
  DigestCtx outer{require_object(EVP_MD_CTX_new(), "new digest context")};
  DigestCtx work{require_object(EVP_MD_CTX_new(), "new digest context")};
};

HmacSeries::Contexts& HmacSeries::contexts(Hash hash) {
  switch (hash) {
    case Hash::kSha1: {
      thread_local Contexts sha1(sha1_md());
      return sha1;
    }
    case Hash::kSha256: {
      thread_local Contexts sha256(sha256_md());
      return sha256;
    }
    case Hash::kSha512: {
      thread_local Contexts sha512(sha512_md());
      return sha512;
    }
  }
  CS_CHECK(false);
}

HmacSeries::HmacSeries(Hash hash, std::string_view key) : contexts_(contexts(hash)) {
  const std::size_t block = hash == Hash::kSha512 ? 128 : 64;
  std::array<unsigned char, kMacMax> hashed;
  if (key.size() > block) {
    start(contexts_.work.get(), contexts_.md);
    key = {reinterpret_cast<const char*>(hashed.data()), digest(contexts_.work.get(), key, hashed.data())};
  }
  std::array<char, 128> padded;
  const auto take_in = [&](EVP_MD_CTX* ctx, char pad) {
    std::memset(padded.data(), pad, block);
    for (std::size_t i = 0; i < key.size(); ++i) padded[i] = static_cast<char>(padded[i] ^ key[i]);
    start(ctx, contexts_.md);
    require(EVP_DigestUpdate(ctx, padded.data(), block) == 1, "HMAC key");
  };
  take_in(contexts_.inner.get(), 0x36);
  take_in(contexts_.outer.get(), 0x5C);
  wipe(padded.data(), block);
}

std::size_t HmacSeries::next(std::string_view message, unsigned char* out) {
  EVP_MD_CTX* const work = contexts_.work.get();
  require(EVP_MD_CTX_copy_ex(work, contexts_.inner.get()) == 1, "HMAC restart");
  const std::size_t size = digest(work, message, out);
  require(EVP_MD_CTX_copy_ex(work, contexts_.outer.get()) == 1, "HMAC restart");
  return digest(work, {reinterpret_cast<const char*>(out), size}, out);
}

}  // namespace countersign::crypto
