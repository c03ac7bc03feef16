#include "crypto/p256.h"

#include <openssl/ec.h>
#include <openssl/x509.h>

#include <array>

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/openssl.h"

namespace countersign::crypto {

namespace {

using ScalarNumber = std::unique_ptr<BIGNUM, FreeWith<BN_clear_free>>;
using CurvePoint = std::unique_ptr<EC_POINT, FreeWith<EC_POINT_clear_free>>;
using NumberCtx = std::unique_ptr<BN_CTX, FreeWith<BN_CTX_free>>;

constexpr std::size_t kDerMax = 256;  ///< A SubjectPublicKeyInfo of P-256 with a named curve has 91 bytes.

/// Never released. The group's own multiplication is what EVP calls too; here a message spends nothing on making and
/// importing keys of EVP, which take as long as the multiplications.
const EC_GROUP* p256() {
  static const EC_GROUP* const group = require_object(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1), "P-256");
  return group;
}

BN_CTX* thread_numbers() {
  thread_local const NumberCtx ctx(require_object(BN_CTX_secure_new(), "number context"));
  return ctx.get();
}

CurvePoint new_point() { return CurvePoint(require_object(EC_POINT_new(p256()), "point")); }

ScalarNumber scalar_of(std::string_view bytes) {
  ScalarNumber out(
      require_object(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr), "private scalar"));
  BN_set_flags(out.get(), BN_FLG_CONSTTIME);
  return out;
}

bool is_scalar(const BIGNUM* number) {
  return BN_is_zero(number) == 0 && BN_cmp(number, EC_GROUP_get0_order(p256())) < 0;
}

std::string encode_point(const EC_POINT* point) {
  std::string out(kP256PointSize, '\0');
  require(EC_POINT_point2oct(p256(), point, POINT_CONVERSION_UNCOMPRESSED, bytes_of(out), out.size(),
                             thread_numbers()) == out.size(),
          "point");
  return out;
}

/// Null unless it is on the curve: OpenSSL compares the equation for this form.
CurvePoint decode_point(std::string_view bytes) {
  if (bytes.size() != kP256PointSize || bytes.front() != '\x04') return nullptr;
  CurvePoint point = new_point();
  if (EC_POINT_oct2point(p256(), point.get(), bytes_of(bytes), bytes.size(), thread_numbers()) != 1) {
    clear_openssl_errors();
    return nullptr;
  }
  return point;
}

std::string public_of(const BIGNUM* scalar) {
  const CurvePoint point = new_point();
  require(EC_POINT_mul(p256(), point.get(), scalar, nullptr, nullptr, thread_numbers()) == 1, "public point");
  return encode_point(point.get());
}

}  // namespace

bool is_p256_point(std::string_view point) { return decode_point(point) != nullptr; }

std::optional<std::string> p256_point_of_spki(std::string_view der) {
  if (der.empty() || der.size() > kDerMax) return std::nullopt;
  const unsigned char* at = bytes_of(der);
  const Pkey key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (!key || at != bytes_of(der) + der.size() || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC) {
    clear_openssl_errors();
    return std::nullopt;
  }
  std::array<char, 32> curve{};
  if (EVP_PKEY_get_group_name(key.get(), curve.data(), curve.size(), nullptr) != 1 ||
      std::string_view(curve.data()) != "prime256v1") {
    clear_openssl_errors();
    return std::nullopt;
  }
  unsigned char* encoded = nullptr;
  const std::size_t size = EVP_PKEY_get1_encoded_public_key(key.get(), &encoded);
  std::string point(reinterpret_cast<const char*>(encoded), size);
  OPENSSL_free(encoded);
  return is_p256_point(point) ? std::optional(std::move(point)) : std::nullopt;
}

std::string spki_of_p256_point(std::string_view point) {
  // RFC 5480, with an uncompressed point: all but the point is fixed.
  constexpr std::string_view kPrefix(
      "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00", 26);
  return std::string(kPrefix).append(point);
}

std::optional<PublicKey> es256_key_of_point(std::string_view point) {
  if (!is_p256_point(point)) return std::nullopt;
  auto key = PublicKey::from_jwk({{"kty", "EC"},
                                  {"crv", "P-256"},
                                  {"x", to_base64url(point.substr(1, kP256ScalarSize))},
                                  {"y", to_base64url(point.substr(1 + kP256ScalarSize))}});
  return key ? std::optional(*std::move(key)) : std::nullopt;
}

std::string p256_point_of(const PublicKey& key) {
  if (key.algorithm() != JwsAlgorithm::kEs256) return {};
  const auto jwk = key.jwk();
  std::string point = "\x04";
  for (const char* name : {"x", "y"}) {
    const auto coordinate = from_base64url(json_text(jwk, name).value_or(""));
    CS_CHECK(coordinate && coordinate->size() == kP256ScalarSize);
    point += *coordinate;
  }
  return point;
}

AgreementKey AgreementKey::generate(Random& random) {
  while (true) {
    SecretString bytes(random.bytes(kP256ScalarSize));
    const ScalarNumber scalar = scalar_of(bytes.expose());
    if (is_scalar(scalar.get())) return {std::move(bytes), public_of(scalar.get())};
  }
}

std::optional<AgreementKey> AgreementKey::from_scalar(std::string_view scalar) {
  if (scalar.size() != kP256ScalarSize) return std::nullopt;
  const ScalarNumber number = scalar_of(scalar);
  if (!is_scalar(number.get())) return std::nullopt;
  return AgreementKey(SecretString(std::string(scalar)), public_of(number.get()));
}

std::optional<SecretString> AgreementKey::agree(std::string_view peer) const {
  const CurvePoint theirs = decode_point(peer);
  if (!theirs) return std::nullopt;
  const ScalarNumber scalar = scalar_of(scalar_.expose());
  const CurvePoint common = new_point();
  // Not infinity: the order is a prime, and the scalar is below it.
  require(EC_POINT_mul(p256(), common.get(), nullptr, theirs.get(), scalar.get(), thread_numbers()) == 1, "ECDH");
  SecretString encoded(encode_point(common.get()));
  return SecretString(encoded.expose().substr(1, kP256ScalarSize));
}

}  // namespace countersign::crypto
