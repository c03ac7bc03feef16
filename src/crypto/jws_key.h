#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace countersign::crypto {

/// Algorithms for receipts and tokens. No others are accepted. [TOK-1]
enum class JwsAlgorithm {
  kEdDsa,  ///< Ed25519 (RFC 8037)
  kEs256,  ///< ECDSA on P-256 with SHA-256, signature r and s of 32 bytes each (RFC 7518, section 3.4)
};

/// "EdDSA", "ES256".
[[nodiscard]] std::string_view jws_name(JwsAlgorithm algorithm);

enum class KeyError {
  kMalformed,    ///< not a key, or one whose parts do not match
  kUnsupported,  ///< another kind of key or curve
};

struct NativeKey;  ///< OpenSSL's form of a key; immutable, shared between copies

/// A key for verification. Copies are cheap. Thread-safe.
class PublicKey {
 public:
  /// From a JSON Web Key (RFC 7517). Uses the key's own `kid` if present, else the thumbprint.
  [[nodiscard]] static Result<PublicKey, KeyError> from_jwk(const json::object& jwk);

  [[nodiscard]] JwsAlgorithm algorithm() const { return algorithm_; }
  [[nodiscard]] const std::string& kid() const { return kid_; }
  /// Only the required members and `alg`, `use`, `kid`.
  [[nodiscard]] json::object jwk() const;
  /// "BEGIN PUBLIC KEY" (SubjectPublicKeyInfo).
  [[nodiscard]] std::string to_pem() const;

  /// Whether `signature` (64 bytes) over `message` is from this key. A malformed signature counts as wrong.
  [[nodiscard]] bool verify(std::string_view message, std::string_view signature) const;

 private:
  friend class SigningKey;
  friend Result<std::vector<PublicKey>, KeyError> public_keys_from_pem(std::string_view pem);
  PublicKey(JwsAlgorithm algorithm, std::shared_ptr<const NativeKey> key);

  JwsAlgorithm algorithm_;
  std::shared_ptr<const NativeKey> key_;
  std::string kid_;
};

/// A private key for signing. Copies share it. Thread-safe.
class SigningKey {
 public:
  [[nodiscard]] static SigningKey generate(JwsAlgorithm algorithm, Random& random);
  /// Unencrypted PKCS#8 ("BEGIN PRIVATE KEY"), Ed25519 or P-256.
  [[nodiscard]] static Result<SigningKey, KeyError> from_pkcs8_pem(std::string_view pem);
  [[nodiscard]] SecretString to_pkcs8_pem() const;

  [[nodiscard]] JwsAlgorithm algorithm() const { return public_.algorithm(); }
  /// The key's RFC 7638 thumbprint.
  [[nodiscard]] const std::string& kid() const { return public_.kid(); }
  [[nodiscard]] const PublicKey& public_key() const { return public_; }
  [[nodiscard]] json::object public_jwk() const { return public_.jwk(); }

  /// 64 bytes, in JWS form.
  [[nodiscard]] std::string sign(std::string_view message) const;

 private:
  SigningKey(JwsAlgorithm algorithm, std::shared_ptr<const NativeKey> key) : public_(algorithm, std::move(key)) {}

  PublicKey public_;
};

/// Concatenated public keys in PEM ("BEGIN PUBLIC KEY"); none for an empty text. Anything else in it, also a private
/// key, is kMalformed.
[[nodiscard]] Result<std::vector<PublicKey>, KeyError> public_keys_from_pem(std::string_view pem);

/// The document at /.well-known/jwks.json.
[[nodiscard]] std::string jwks_json(const std::vector<PublicKey>& keys);

}  // namespace countersign::crypto
