#include "support/push_browser.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>

#include "base/check.h"
#include "base/encoding.h"
#include "base/json.h"
#include "crypto/hkdf.h"
#include "crypto/jws_key.h"

namespace countersign::testing {

namespace {

constexpr std::size_t kPoint = 65;
constexpr std::size_t kTag = 16;

const unsigned char* raw(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* raw(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::shared_ptr<evp_pkey_st> imported(std::string_view point, std::string_view scalar) {
  OSSL_PARAM_BLD* const builder = OSSL_PARAM_BLD_new();
  BIGNUM* const number = scalar.empty() ? nullptr : BN_bin2bn(raw(scalar), static_cast<int>(scalar.size()), nullptr);
  OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  if (number != nullptr) OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number);
  OSSL_PARAM* const params = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX* const ctx = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(ctx);
  EVP_PKEY_fromdata(ctx, &key, number != nullptr ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params);
  EVP_PKEY_CTX_free(ctx);
  OSSL_PARAM_free(params);
  OSSL_PARAM_BLD_free(builder);
  BN_free(number);
  return {key, EVP_PKEY_free};
}

std::optional<std::string> common_secret(EVP_PKEY* own, EVP_PKEY* peer) {
  if (own == nullptr || peer == nullptr) return std::nullopt;
  EVP_PKEY_CTX* const ctx = EVP_PKEY_CTX_new(own, nullptr);
  std::string out(32, '\0');
  std::size_t size = out.size();
  const bool good = EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
                    EVP_PKEY_derive(ctx, raw(out), &size) == 1 && size == out.size();
  EVP_PKEY_CTX_free(ctx);
  return good ? std::optional(std::move(out)) : std::nullopt;
}

std::string derived(std::string_view secret, std::string_view salt, std::string_view info, std::size_t size) {
  return crypto::hkdf_sha256(secret, salt, info, size).expose();
}

std::optional<std::string> open_record(const std::string& key, const std::string& nonce, std::string_view record) {
  const std::string_view text = record.substr(0, record.size() - kTag);
  std::string tag(record.substr(text.size()));
  std::string out(text.size(), '\0');
  EVP_CIPHER_CTX* const ctx = EVP_CIPHER_CTX_new();
  int size = 0;
  const bool good = EVP_DecryptInit_ex(ctx, EVP_aes_128_gcm(), nullptr, raw(key), raw(nonce)) == 1 &&
                    EVP_DecryptUpdate(ctx, raw(out), &size, raw(text), static_cast<int>(text.size())) == 1 &&
                    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, kTag, tag.data()) == 1 &&
                    EVP_DecryptFinal_ex(ctx, raw(out) + size, &size) == 1;
  EVP_CIPHER_CTX_free(ctx);
  return good ? std::optional(std::move(out)) : std::nullopt;
}

struct Header {
  std::string_view salt;
  std::size_t record_size;
  std::string_view key_id;
  std::string_view rest;
};
std::optional<Header> header_of(std::string_view body) {
  if (body.size() < 21) return std::nullopt;
  std::size_t record_size = 0;
  for (const char c : body.substr(16, 4)) record_size = record_size << 8U | static_cast<unsigned char>(c);
  const std::size_t id = static_cast<unsigned char>(body[20]);
  if (body.size() < 21 + id || record_size < 18) return std::nullopt;
  return Header{body.substr(0, 16), record_size, body.substr(21, id), body.substr(21 + id)};
}

/// The part of `text` after `name=` up to the next comma.
std::string_view parameter(std::string_view text, std::string_view name) {
  const auto at = text.find(name);
  if (at == std::string_view::npos) return {};
  const auto value = text.substr(at + name.size());
  return value.substr(0, value.find(','));
}

}  // namespace

PushBrowser::PushBrowser() : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free), auth_(16, '\0') {
  CS_CHECK(key_ != nullptr && RAND_bytes(raw(auth_), 16) == 1);
  unsigned char* encoded = nullptr;
  const auto size = EVP_PKEY_get1_encoded_public_key(key_.get(), &encoded);
  point_.assign(reinterpret_cast<const char*>(encoded), size);
  OPENSSL_free(encoded);
}

PushBrowser::PushBrowser(std::string_view scalar, std::string_view point, std::string_view auth)
    : key_(imported(point, scalar)), point_(point), auth_(auth) {}

std::string PushBrowser::p256dh_text() const { return to_base64url(point_); }
std::string PushBrowser::auth_text() const { return to_base64url(auth_); }

std::optional<std::string> PushBrowser::read(std::string_view body) const {
  const auto header = header_of(body);
  if (!header || header->key_id.size() != kPoint) return std::nullopt;
  const auto secret = common_secret(key_.get(), imported(header->key_id, {}).get());
  if (!secret) return std::nullopt;
  std::string info("WebPush: info\0", 14);
  info.append(point_).append(header->key_id);
  return decode_aes128gcm(derived(*secret, auth_, info, 32), body);
}

std::optional<std::string> decode_aes128gcm(std::string_view key_material, std::string_view body) {
  const auto header = header_of(body);
  if (!header) return std::nullopt;
  const auto key = derived(key_material, header->salt, std::string_view("Content-Encoding: aes128gcm\0", 28), 16);
  const auto base = derived(key_material, header->salt, std::string_view("Content-Encoding: nonce\0", 24), 12);
  std::string out;
  std::string_view rest = header->rest;
  for (unsigned sequence = 0; !rest.empty(); ++sequence) {
    const auto record = rest.substr(0, header->record_size);
    rest.remove_prefix(record.size());
    if (record.size() <= kTag) return std::nullopt;
    std::string nonce = base;
    nonce[11] = static_cast<char>(nonce[11] ^ static_cast<char>(sequence));  // Vectors have few records.
    const auto plain = open_record(key, nonce, record);
    if (!plain) return std::nullopt;
    const auto end = plain->find_last_not_of('\0');
    if (end == std::string::npos || (*plain)[end] != (rest.empty() ? '\x02' : '\x01')) return std::nullopt;
    out += plain->substr(0, end);
  }
  return out;
}

std::string why_not_vapid(std::string_view authorization, std::string_view endpoint, WallTime now,
                          std::string_view expected_point) {
  if (!authorization.starts_with("vapid ")) return "scheme";
  const auto token = parameter(authorization, "t=");
  const auto point = from_base64url(parameter(authorization, "k="));
  if (!point || point->size() != kPoint || (!expected_point.empty() && *point != expected_point)) return "key";
  const auto key = crypto::PublicKey::from_jwk({{"kty", "EC"},
                                                {"crv", "P-256"},
                                                {"x", to_base64url(point->substr(1, 32))},
                                                {"y", to_base64url(point->substr(33))}});
  const auto dot = token.rfind('.');
  const auto first = token.find('.');
  if (!key || dot == std::string_view::npos || first == dot) return "token";
  const auto header = parse_json(from_base64url(token.substr(0, first)).value_or(""));
  const auto claims = parse_json(from_base64url(token.substr(first + 1, dot - first - 1)).value_or(""));
  const auto signature = from_base64url(token.substr(dot + 1));
  if (!header || !header->is_object() || !claims || !claims->is_object() || !signature) return "token";
  if (json_text(header->as_object(), "alg") != "ES256") return "algorithm";
  if (!key->verify(token.substr(0, dot), *signature)) return "signature";
  const auto origin = endpoint.substr(0, endpoint.find('/', std::string_view("https://").size()));
  if (json_text(claims->as_object(), "aud") != origin) return "audience";
  const auto* exp = claims->as_object().if_contains("exp");
  if (exp == nullptr || !exp->is_int64()) return "expiry";
  const WallTime until(std::chrono::seconds(exp->as_int64()));
  if (until <= now || until > now + std::chrono::hours(24)) return "expiry";
  const auto subject = json_text(claims->as_object(), "sub").value_or("");
  if (!subject.starts_with("mailto:") && !subject.starts_with("https://")) return "subject";
  return {};
}

}  // namespace countersign::testing
