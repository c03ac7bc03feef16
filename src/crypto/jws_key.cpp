#include "crypto/jws_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <array>

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/digest.h"
#include "crypto/openssl.h"

namespace countersign::crypto {

struct NativeKey {
  Pkey pkey;
};

namespace {

constexpr std::size_t kCoordinate = 32;
constexpr std::size_t kSignature = 64;

using Bignum = std::unique_ptr<BIGNUM, FreeWith<BN_clear_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using Group = std::unique_ptr<EC_GROUP, FreeWith<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, FreeWith<EC_POINT_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;
using Pkcs8 = std::unique_ptr<PKCS8_PRIV_KEY_INFO, FreeWith<PKCS8_PRIV_KEY_INFO_free>>;

std::shared_ptr<const NativeKey> shared(Pkey pkey) { return std::make_shared<const NativeKey>(std::move(pkey)); }

Bignum to_number(std::string_view bytes) {
  return Bignum(require_object(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr), "number"));
}

std::string to_coordinate(const BIGNUM* number) {
  std::string out(kCoordinate, '\0');
  require(BN_bn2binpad(number, bytes_of(out), static_cast<int>(out.size())) == static_cast<int>(out.size()),
          "coordinate");
  return out;
}

/// Null when the point is not on the curve. `secret` is null for a public key.
Pkey p256_key(std::string_view point, const BIGNUM* secret) {
  const ParamBuilder builder(require_object(OSSL_PARAM_BLD_new(), "parameters"));
  require(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
              OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1,
          "parameters");
  if (secret != nullptr) {
    require(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret) == 1, "parameters");
  }
  const Params params(require_object(OSSL_PARAM_BLD_to_param(builder.get()), "parameters"));
  const PkeyCtx ctx(require_object(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr), "EC context"));
  require(EVP_PKEY_fromdata_init(ctx.get()) == 1, "EC context");
  EVP_PKEY* pkey = nullptr;
  const int selection = secret != nullptr ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
  if (EVP_PKEY_fromdata(ctx.get(), &pkey, selection, params.get()) != 1) clear_openssl_errors();
  return Pkey(pkey);
}

/// Draws a scalar below the group's order by rejection (FIPS 186-5, A.2.2) and computes its point.
Pkey generate_p256(Random& random) {
  const Group group(require_object(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1), "P-256"));
  Bignum scalar;
  do {
    scalar = to_number(SecretString(random.bytes(kCoordinate)).expose());
  } while (BN_is_zero(scalar.get()) || BN_cmp(scalar.get(), EC_GROUP_get0_order(group.get())) >= 0);
  BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
  const Point point(require_object(EC_POINT_new(group.get()), "point"));
  require(EC_POINT_mul(group.get(), point.get(), scalar.get(), nullptr, nullptr, nullptr) == 1, "point");
  std::string encoded(1 + 2 * kCoordinate, '\0');
  require(EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, bytes_of(encoded), encoded.size(),
                             nullptr) == encoded.size(),
          "point");
  return Pkey(require_object(p256_key(encoded, scalar.get()).release(), "P-256 key"));
}

Pkey generate_ed25519(Random& random) {
  const SecretString seed(random.bytes(kCoordinate));
  return Pkey(require_object(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(seed.expose()), kCoordinate), "Ed25519 key"));
}

std::optional<JwsAlgorithm> algorithm_of(EVP_PKEY* pkey) {
  if (EVP_PKEY_get_base_id(pkey) == EVP_PKEY_ED25519) return JwsAlgorithm::kEdDsa;
  std::array<char, 32> curve{};
  if (EVP_PKEY_get_base_id(pkey) == EVP_PKEY_EC &&
      EVP_PKEY_get_group_name(pkey, curve.data(), curve.size(), nullptr) == 1 &&
      std::string_view(curve.data()) == "prime256v1") {
    return JwsAlgorithm::kEs256;
  }
  return std::nullopt;
}

/// A PKCS#8 file contains the public point beside the secret; both must match.
bool is_sound(EVP_PKEY* pkey, JwsAlgorithm algorithm) {
  if (algorithm == JwsAlgorithm::kEdDsa) return true;  // Its public half is always computed.
  const PkeyCtx ctx(require_object(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr), "key check"));
  return EVP_PKEY_check(ctx.get()) == 1;
}

std::string ec_coordinate(EVP_PKEY* pkey, const char* name) {
  BIGNUM* number = nullptr;
  require(EVP_PKEY_get_bn_param(pkey, name, &number) == 1, "EC coordinate");
  return to_coordinate(Bignum(number).get());
}

/// Only the members that RFC 7638 hashes.
json::object required_members(JwsAlgorithm algorithm, EVP_PKEY* pkey) {
  if (algorithm == JwsAlgorithm::kEs256) {
    return {{"crv", "P-256"},
            {"kty", "EC"},
            {"x", to_base64url(ec_coordinate(pkey, OSSL_PKEY_PARAM_EC_PUB_X))},
            {"y", to_base64url(ec_coordinate(pkey, OSSL_PKEY_PARAM_EC_PUB_Y))}};
  }
  std::string x(kCoordinate, '\0');
  std::size_t size = x.size();
  require(EVP_PKEY_get_raw_public_key(pkey, bytes_of(x), &size) == 1, "Ed25519 public key");
  return {{"crv", "Ed25519"}, {"kty", "OKP"}, {"x", to_base64url(x)}};
}

/// DER of r and s for OpenSSL; empty unless there are 64 bytes. OpenSSL itself rejects r and s outside [1, n).
std::string es256_to_der(std::string_view signature) {
  if (signature.size() != kSignature) return {};
  const EcdsaSignature pair(require_object(ECDSA_SIG_new(), "signature"));
  Bignum r = to_number(signature.substr(0, kCoordinate));
  Bignum s = to_number(signature.substr(kCoordinate));
  require(ECDSA_SIG_set0(pair.get(), r.release(), s.release()) == 1, "signature");
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  require(size > 0, "signature");
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

std::string es256_from_der(std::string_view der) {
  const unsigned char* at = bytes_of(der);
  const EcdsaSignature pair(
      require_object(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), "own signature"));
  return to_coordinate(ECDSA_SIG_get0_r(pair.get())) + to_coordinate(ECDSA_SIG_get0_s(pair.get()));
}

EVP_MD* digest_for(JwsAlgorithm algorithm) {
  return algorithm == JwsAlgorithm::kEs256 ? sha256_md() : nullptr;  // Ed25519 hashes by itself.
}

DigestCtx new_digest_context() { return DigestCtx(require_object(EVP_MD_CTX_new(), "signature context")); }

/// A coordinate as in RFC 7518, section 6.2.1.2: all 32 bytes, leading zeros included.
std::optional<std::string> coordinate_member(const json::object& jwk, std::string_view name) {
  const auto text = json_text(jwk, name);
  if (!text) return std::nullopt;
  auto bytes = from_base64url(*text);
  return bytes && bytes->size() == kCoordinate ? bytes : std::nullopt;
}

}  // namespace

std::string_view jws_name(JwsAlgorithm algorithm) { return algorithm == JwsAlgorithm::kEdDsa ? "EdDSA" : "ES256"; }

PublicKey::PublicKey(JwsAlgorithm algorithm, std::shared_ptr<const NativeKey> key)
    : algorithm_(algorithm),
      key_(std::move(key)),
      kid_(to_base64url(sha256(canonical_json(required_members(algorithm_, key_->pkey.get()))))) {}

Result<PublicKey, KeyError> PublicKey::from_jwk(const json::object& jwk) {
  const auto kty = json_text(jwk, "kty");
  const auto crv = json_text(jwk, "crv");
  if (!kty) return fail(KeyError::kMalformed);
  const bool ec = kty == "EC" && crv == "P-256";
  if (!ec && !(kty == "OKP" && crv == "Ed25519")) return fail(KeyError::kUnsupported);

  const JwsAlgorithm algorithm = ec ? JwsAlgorithm::kEs256 : JwsAlgorithm::kEdDsa;
  if (jwk.contains("alg") && json_text(jwk, "alg") != jws_name(algorithm)) return fail(KeyError::kUnsupported);
  if (jwk.contains("use") && json_text(jwk, "use") != "sig") return fail(KeyError::kUnsupported);

  const auto x = coordinate_member(jwk, "x");
  const auto y = ec ? coordinate_member(jwk, "y") : x;
  if (!x || !y) return fail(KeyError::kMalformed);
  Pkey pkey = ec ? p256_key("\x04" + *x + *y, nullptr)
                 : Pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(*x), x->size()));
  if (!pkey) {
    clear_openssl_errors();
    return fail(KeyError::kMalformed);
  }
  PublicKey key(algorithm, shared(std::move(pkey)));
  if (const auto kid = json_text(jwk, "kid")) key.kid_ = *kid;
  return key;
}

json::object PublicKey::jwk() const {
  json::object out = required_members(algorithm_, key_->pkey.get());
  out["alg"] = jws_name(algorithm_);
  out["use"] = "sig";
  out["kid"] = kid_;
  return out;
}

std::string PublicKey::to_pem() const {
  const Bio bio(require_object(BIO_new(BIO_s_mem()), "PEM"));
  require(PEM_write_bio_PUBKEY(bio.get(), key_->pkey.get()) == 1, "PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  require(size > 0, "PEM");
  return {data, static_cast<std::size_t>(size)};
}

Result<std::vector<PublicKey>, KeyError> public_keys_from_pem(std::string_view pem) {
  std::vector<PublicKey> keys;
  const Bio bio(require_object(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), "PEM"));
  while (true) {
    Pkey pkey(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
    if (!pkey) break;
    const auto algorithm = algorithm_of(pkey.get());
    if (!algorithm) return fail(KeyError::kUnsupported);
    keys.push_back(PublicKey(*algorithm, shared(std::move(pkey))));
  }
  clear_openssl_errors();
  // OpenSSL skips what is not a public key.
  std::size_t begun = 0;
  for (auto at = pem.find("-----BEGIN"); at != std::string_view::npos; at = pem.find("-----BEGIN", at + 1)) ++begun;
  const bool blank = pem.find_first_not_of(" \t\r\n") == std::string_view::npos;
  if (begun != keys.size() || (begun == 0 && !blank)) return fail(KeyError::kMalformed);
  return keys;
}

bool PublicKey::verify(std::string_view message, std::string_view signature) const {
  if (signature.size() != kSignature) return false;
  const std::string form = algorithm_ == JwsAlgorithm::kEs256 ? es256_to_der(signature) : std::string(signature);
  const DigestCtx ctx = new_digest_context();
  require(EVP_DigestVerifyInit(ctx.get(), nullptr, digest_for(algorithm_), nullptr, key_->pkey.get()) == 1, "verify");
  const bool good = EVP_DigestVerify(ctx.get(), bytes_of(form), form.size(), bytes_of(message), message.size()) == 1;
  if (!good) clear_openssl_errors();
  return good;
}

SigningKey SigningKey::generate(JwsAlgorithm algorithm, Random& random) {
  return {algorithm, shared(algorithm == JwsAlgorithm::kEs256 ? generate_p256(random) : generate_ed25519(random))};
}

Result<SigningKey, KeyError> SigningKey::from_pkcs8_pem(std::string_view pem) {
  const Bio bio(require_object(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), "PEM"));
  const Pkcs8 info(PEM_read_bio_PKCS8_PRIV_KEY_INFO(bio.get(), nullptr, nullptr, nullptr));
  Pkey pkey(info ? EVP_PKCS82PKEY(info.get()) : nullptr);
  if (!pkey) {
    clear_openssl_errors();
    return fail(KeyError::kMalformed);
  }
  const auto algorithm = algorithm_of(pkey.get());
  if (!algorithm) return fail(KeyError::kUnsupported);
  if (!is_sound(pkey.get(), *algorithm)) {
    clear_openssl_errors();
    return fail(KeyError::kMalformed);
  }
  return SigningKey(*algorithm, shared(std::move(pkey)));
}

SecretString SigningKey::to_pkcs8_pem() const {
  const Bio bio(require_object(BIO_new(BIO_s_secmem()), "PEM"));
  require(
      PEM_write_bio_PKCS8PrivateKey(bio.get(), public_.key_->pkey.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
      "PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  require(size > 0, "PEM");
  return SecretString(std::string(data, static_cast<std::size_t>(size)));
}

std::string SigningKey::sign(std::string_view message) const {
  const DigestCtx ctx = new_digest_context();
  EVP_PKEY* const pkey = public_.key_->pkey.get();
  require(EVP_DigestSignInit(ctx.get(), nullptr, digest_for(algorithm()), nullptr, pkey) == 1, "sign");
  std::string out(80, '\0');  // DER of two 32-byte numbers has at most 72 bytes.
  std::size_t size = out.size();
  require(EVP_DigestSign(ctx.get(), bytes_of(out), &size, bytes_of(message), message.size()) == 1, "sign");
  out.resize(size);
  return algorithm() == JwsAlgorithm::kEs256 ? es256_from_der(out) : out;
}

std::string jwks_json(const std::vector<PublicKey>& keys) {
  json::array list;
  for (const PublicKey& key : keys) list.push_back(key.jwk());
  return canonical_json(json::object{{"keys", std::move(list)}});
}

}  // namespace countersign::crypto
