#include "webauthn/public_key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <utility>

#include "crypto/openssl.h"

namespace countersign::webauthn {

struct PublicKey::Parts {
  Parts(crypto::Pkey native, std::string ec_point, const EVP_MD* digest);

  crypto::Pkey key;
  std::string point;
  crypto::DigestCtx ready;  ///< Never used, only copied: to make one takes as long as many copies.
};

namespace {

using crypto::bytes_of;
using crypto::FreeWith;
using crypto::Pkey;
using crypto::require;
using crypto::require_object;

using Number = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;

// Labels and values of COSE_Key (RFC 9053, section 7; RFC 8230, section 4).
constexpr std::int64_t kKty = 1;
constexpr std::int64_t kAlg = 3;
constexpr std::int64_t kCrv = -1;
constexpr std::int64_t kX = -2;
constexpr std::int64_t kY = -3;
constexpr std::int64_t kN = -1;
constexpr std::int64_t kE = -2;
constexpr std::int64_t kOkp = 1;
constexpr std::int64_t kEc2 = 2;
constexpr std::int64_t kRsa = 3;

/// RSA of 8192 bits has 1045 bytes. What else stands in the map is kept with the key, and copied with each proof.
constexpr std::size_t kCoseKeyMax = 2048;

/// Exponents in use have 3 bytes; OpenSSL itself refuses longer ones than this for large keys.
constexpr std::size_t kRsaExponentMax = 8;

/// What an algorithm demands of its key.
struct Traits {
  Algorithm algorithm;
  std::int64_t kty;
  std::int64_t crv;        ///< 0 for RSA
  std::size_t coordinate;  ///< bytes of x (and y); 0 for RSA
  std::size_t signature;   ///< exact size in bytes; 0 where it depends on the key or the encoding
  int native;              ///< OpenSSL's id of the kind
  const char* group;       ///< OpenSSL's name of the curve, for EC
  const char* digest;      ///< null where the algorithm hashes by itself
};

constexpr std::array kTraits{
    Traits{Algorithm::kEs256, kEc2, 1, 32, 0, EVP_PKEY_EC, "prime256v1", "SHA256"},
    Traits{Algorithm::kEdDsa, kOkp, 6, 32, 64, EVP_PKEY_ED25519, nullptr, nullptr},
    Traits{Algorithm::kEs384, kEc2, 2, 48, 0, EVP_PKEY_EC, "secp384r1", "SHA384"},
    Traits{Algorithm::kEs512, kEc2, 3, 66, 0, EVP_PKEY_EC, "secp521r1", "SHA512"},
    Traits{Algorithm::kEd448, kOkp, 7, 57, 114, EVP_PKEY_ED448, nullptr, nullptr},
    Traits{Algorithm::kRs256, kRsa, 0, 0, 0, EVP_PKEY_RSA, nullptr, "SHA256"},
};

const Traits& traits_of(Algorithm algorithm) { return *std::ranges::find(kTraits, algorithm, &Traits::algorithm); }

/// Looked up once per process: a fetch costs more than the hash.
const EVP_MD* digest_of(Algorithm algorithm) {
  static EVP_MD* const sha384 = require_object(EVP_MD_fetch(nullptr, "SHA384", nullptr), "fetch SHA384");
  switch (algorithm) {
    case Algorithm::kEs256:
    case Algorithm::kRs256:
      return crypto::sha256_md();
    case Algorithm::kEs384:
      return sha384;
    case Algorithm::kEs512:
      return crypto::sha512_md();
    case Algorithm::kEdDsa:
    case Algorithm::kEd448:
      return nullptr;
  }
  return nullptr;
}

}  // namespace

PublicKey::Parts::Parts(Pkey native, std::string ec_point, const EVP_MD* digest)
    : key(std::move(native)), point(std::move(ec_point)), ready(require_object(EVP_MD_CTX_new(), "signature context")) {
  require(EVP_DigestVerifyInit(ready.get(), nullptr, digest, nullptr, key.get()) == 1, "verify");
}

namespace {

/// Null when OpenSSL refuses the parameters.
Pkey from_params(const char* kind, OSSL_PARAM_BLD* builder) {
  const Params params(require_object(OSSL_PARAM_BLD_to_param(builder), "parameters"));
  const crypto::PkeyCtx ctx(require_object(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr), "key context"));
  require(EVP_PKEY_fromdata_init(ctx.get()) == 1, "key context");
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata(ctx.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) crypto::clear_openssl_errors();
  return Pkey(key);
}

/// A point off the curve is refused by OpenSSL.
Pkey ec_key(const char* group, std::string_view point) {
  const ParamBuilder builder(require_object(OSSL_PARAM_BLD_new(), "parameters"));
  require(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, group, 0) == 1 &&
              OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1,
          "parameters");
  return from_params("EC", builder.get());
}

Number to_number(std::string_view bytes) {
  return Number(require_object(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr), "number"));
}

Pkey rsa_key(const BIGNUM* modulus, const BIGNUM* exponent) {
  const ParamBuilder builder(require_object(OSSL_PARAM_BLD_new(), "parameters"));
  require(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
              OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent) == 1,
          "parameters");
  return from_params("RSA", builder.get());
}

/// 04, x, y. Empty unless both coordinates have their full length; a compressed y is a boolean, so no bytes.
std::string read_point(const CborItem& key, const Traits& traits) {
  const auto x = key.bytes_at(kX);
  const auto y = key.bytes_at(kY);
  if (!x || !y || x->size() != traits.coordinate || y->size() != traits.coordinate) return {};
  std::string point = "\x04";
  point.append(*x).append(*y);
  return point;
}

Result<Pkey, Refusal> read_rsa(const CborItem& key) {
  const auto n = key.bytes_at(kN);
  const auto e = key.bytes_at(kE);
  // RFC 8230, section 4: no leading zeros.
  if (!n || !e || n->empty() || e->empty() || n->front() == 0 || e->front() == 0) return fail(Refusal::kKeyMalformed);
  if (n->size() > kRsaBitsMax / 8 || e->size() > kRsaExponentMax) return fail(Refusal::kKeyMalformed);
  const Number modulus = to_number(*n);
  const Number exponent = to_number(*e);
  if (BN_is_odd(modulus.get()) == 0) return fail(Refusal::kKeyMalformed);
  if (BN_num_bits(modulus.get()) < kRsaBitsMin) return fail(Refusal::kKeyTooWeak);
  if (BN_is_odd(exponent.get()) == 0 || BN_is_one(exponent.get()) == 1) return fail(Refusal::kKeyTooWeak);
  Pkey out = rsa_key(modulus.get(), exponent.get());
  if (!out) return fail(Refusal::kKeyMalformed);
  return out;
}

Pkey read_okp(const CborItem& key, const Traits& traits) {
  const auto x = key.bytes_at(kX);
  if (!x || x->size() != traits.coordinate) return {};
  Pkey out(EVP_PKEY_new_raw_public_key(traits.native, nullptr, bytes_of(*x), x->size()));
  if (!out) crypto::clear_openssl_errors();
  return out;
}

bool is_on_group(EVP_PKEY* key, std::string_view group) {
  std::array<char, 32> name{};
  return EVP_PKEY_get_group_name(key, name.data(), name.size(), nullptr) == 1 && std::string_view(name.data()) == group;
}

/// 04, x, y of an EC key, whatever form it was read in.
std::string point_of(EVP_PKEY* key, std::size_t coordinate) {
  std::string point = "\x04";
  for (const char* name : {OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y}) {
    BIGNUM* number = nullptr;
    require(EVP_PKEY_get_bn_param(key, name, &number) == 1, "EC coordinate");
    const Number owner(number);
    std::string bytes(coordinate, '\0');
    const int size = static_cast<int>(coordinate);
    require(BN_bn2binpad(number, bytes_of(bytes), size) == size, "EC coordinate");
    point += bytes;
  }
  return point;
}

}  // namespace

std::optional<Algorithm> algorithm_numbered(std::int64_t number) {
  for (const Traits& traits : kTraits) {
    if (number_of(traits.algorithm) == number) return traits.algorithm;
  }
  return std::nullopt;
}

Result<PublicKey, Refusal> PublicKey::from_cose(std::string_view cose_key) {
  if (cose_key.size() > kCoseKeyMax) return fail(Refusal::kKeyMalformed);
  const auto key = parse_cbor(cose_key);
  if (!key || !key->is_map()) return fail(Refusal::kKeyMalformed);
  const auto alg = key->integer_at(kAlg);
  if (!alg) return fail(Refusal::kKeyMalformed);
  const auto algorithm = algorithm_numbered(*alg);
  if (!algorithm) return fail(Refusal::kAlgorithmNotAllowed);

  const Traits& traits = traits_of(*algorithm);
  if (key->integer_at(kKty) != traits.kty) return fail(Refusal::kKeyMalformed);
  if (traits.kty == kRsa) {
    auto native = read_rsa(*key);
    if (!native) return fail(native.error());
    return PublicKey(*algorithm,
                     std::make_shared<const Parts>(std::move(*native), std::string(), digest_of(*algorithm)));
  }

  if (key->integer_at(kCrv) != traits.crv) return fail(Refusal::kKeyMalformed);
  const std::string point = traits.kty == kEc2 ? read_point(*key, traits) : std::string();
  if (traits.kty == kEc2 && point.empty()) return fail(Refusal::kKeyMalformed);
  Pkey native = traits.kty == kEc2 ? ec_key(traits.group, point) : read_okp(*key, traits);
  if (!native) return fail(Refusal::kKeyMalformed);
  return PublicKey(*algorithm, std::make_shared<const Parts>(std::move(native), point, digest_of(*algorithm)));
}

std::optional<PublicKey> PublicKey::from_native(Algorithm algorithm, evp_pkey_st* key) {
  const Traits& traits = traits_of(algorithm);
  if (EVP_PKEY_get_base_id(key) != traits.native) return std::nullopt;
  if (traits.group != nullptr && !is_on_group(key, traits.group)) return std::nullopt;
  if (traits.kty == kRsa && (EVP_PKEY_get_bits(key) < kRsaBitsMin || EVP_PKEY_get_bits(key) > kRsaBitsMax)) {
    return std::nullopt;
  }
  require(EVP_PKEY_up_ref(key) == 1, "key reference");
  Pkey own(key);
  std::string point = traits.kty == kEc2 ? point_of(key, traits.coordinate) : std::string();
  return PublicKey(algorithm, std::make_shared<const Parts>(std::move(own), std::move(point), digest_of(algorithm)));
}

const std::string& PublicKey::point() const { return parts_->point; }

evp_pkey_st* PublicKey::native() const { return parts_->key.get(); }

bool PublicKey::verify(std::initializer_list<std::string_view> parts, std::string_view signature) const {
  const Traits& traits = traits_of(algorithm_);
  if (traits.signature != 0 && signature.size() != traits.signature) return false;
  if (traits.kty == kRsa && signature.size() != static_cast<std::size_t>(EVP_PKEY_get_size(native()))) return false;
  // In one piece: EdDSA reads its message twice.
  std::string message;
  for (const std::string_view part : parts) message.append(part);
  const crypto::DigestCtx ctx(require_object(EVP_MD_CTX_new(), "signature context"));
  require(EVP_MD_CTX_copy_ex(ctx.get(), parts_->ready.get()) == 1, "verify");
  const bool good =
      EVP_DigestVerify(ctx.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
  if (!good) crypto::clear_openssl_errors();
  return good;
}

bool PublicKey::is_same_key(const PublicKey& other) const {
  const bool same = EVP_PKEY_eq(native(), other.native()) == 1;
  if (!same) crypto::clear_openssl_errors();
  return same;
}

}  // namespace countersign::webauthn
