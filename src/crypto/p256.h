#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"
#include "crypto/jws_key.h"

// Points of NIST P-256 and the agreement on a secret (ECDH), for messages to devices and for the keys that devices
// hold. A point is 65 bytes here: 04, x, y (SEC 1, 2.3.3, uncompressed). No other form is read.
namespace countersign::crypto {

inline constexpr std::size_t kP256PointSize = 65;
inline constexpr std::size_t kP256ScalarSize = 32;

/// Whether it is a point on the curve in that form; infinity has none. [PUSH-2]
[[nodiscard]] bool is_p256_point(std::string_view point);

/// From a SubjectPublicKeyInfo in DER, as mobile platforms and WebCrypto ("spki") give a key. nullopt for another kind
/// of key or curve, and for bytes behind it.
[[nodiscard]] std::optional<std::string> p256_point_of_spki(std::string_view der);

/// The same backwards, from a point of 65 bytes.
[[nodiscard]] std::string spki_of_p256_point(std::string_view point);

/// For ES256. nullopt where is_p256_point() is false.
[[nodiscard]] std::optional<PublicKey> es256_key_of_point(std::string_view point);
/// Empty for a key of another algorithm.
[[nodiscard]] std::string p256_point_of(const PublicKey& key);

/// A key pair for one agreement. Wiped at the end.
class AgreementKey {
 public:
  /// A fresh one: a scalar below the order by rejection (FIPS 186-5, A.2.2), and its point.
  [[nodiscard]] static AgreementKey generate(Random& random);
  /// From a scalar of 32 bytes; nullopt unless it is in [1, n). For test vectors.
  [[nodiscard]] static std::optional<AgreementKey> from_scalar(std::string_view scalar);

  [[nodiscard]] const std::string& point() const { return point_; }
  /// The x coordinate of the common point (SP 800-56A, 5.7.1.2), 32 bytes. nullopt where is_p256_point(peer) is false.
  [[nodiscard]] std::optional<SecretString> agree(std::string_view peer) const;

 private:
  AgreementKey(SecretString scalar, std::string point) : scalar_(std::move(scalar)), point_(std::move(point)) {}

  SecretString scalar_;
  std::string point_;
};

}  // namespace countersign::crypto
