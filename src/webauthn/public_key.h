#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "webauthn/cbor.h"
#include "webauthn/refusal.h"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY.

namespace countersign::webauthn {

/// Signature algorithms of credentials and attestations, by their numbers at IANA (COSE Algorithms). None of them uses
/// SHA-1. [WA-R16]
enum class Algorithm : std::int32_t {
  kEs256 = -7,   ///< ECDSA on P-256 with SHA-256
  kEdDsa = -8,   ///< Ed25519
  kEs384 = -35,  ///< ECDSA on P-384 with SHA-384
  kEs512 = -36,  ///< ECDSA on P-521 with SHA-512
  kEd448 = -53,
  kRs256 = -257,  ///< RSASSA-PKCS1-v1_5 with SHA-256
};

/// nullopt for every other number.
[[nodiscard]] std::optional<Algorithm> algorithm_numbered(std::int64_t number);
[[nodiscard]] inline std::int64_t number_of(Algorithm algorithm) { return static_cast<std::int64_t>(algorithm); }

/// RSA keys below this are refused. *(choice: as NIST SP 800-131A)*
inline constexpr int kRsaBitsMin = 2048;
/// And above this, since the work of one check grows with the size.
inline constexpr int kRsaBitsMax = 8192;

/// A public key together with the one algorithm it is for, ready to verify. Parsing costs nearly as much as verifying
/// with P-256, so callers keep the object; copies share the key and are cheap. Immutable, thread-safe.
class PublicKey {
 public:
  /// From a COSE_Key (RFC 9052, section 7; WebAuthn L3, 5.8.5): exactly one CBOR map. Refuses a kty, crv or alg that
  /// do not belong together, coordinates of another length, compressed points, points off the curve, weak RSA keys.
  /// Other labels than those of the key's kind are ignored, within 2048 bytes in all. Errors: kKeyMalformed,
  /// kKeyTooWeak, kAlgorithmNotAllowed (a number that is not in Algorithm). [WA-R16]
  [[nodiscard]] static Result<PublicKey, Refusal> from_cose(std::string_view cose_key);

  /// The key of a certificate, for the algorithm that a statement names. nullopt if the algorithm is not for keys of
  /// this kind and curve. Takes a reference of its own to `key`.
  [[nodiscard]] static std::optional<PublicKey> from_native(Algorithm algorithm, evp_pkey_st* key);

  [[nodiscard]] Algorithm algorithm() const { return algorithm_; }

  /// Whether `signature` over the concatenation of `parts` is from this key. ECDSA signatures are strict DER, RSA ones
  /// exactly as long as the modulus, Ed25519 ones 64 bytes and Ed448 ones 114; any other form counts as wrong. [WA-A9]
  [[nodiscard]] bool verify(std::initializer_list<std::string_view> parts, std::string_view signature) const;

  /// Whether both are the same key, whatever the algorithms.
  [[nodiscard]] bool is_same_key(const PublicKey& other) const;

  /// 04, x, y for a key on a NIST curve; empty for others.
  [[nodiscard]] const std::string& point() const;

  /// For readers of this module that compare parts; as long as this object.
  [[nodiscard]] evp_pkey_st* native() const;

 private:
  struct Parts;
  PublicKey(Algorithm algorithm, std::shared_ptr<const Parts> parts)
      : algorithm_(algorithm), parts_(std::move(parts)) {}

  Algorithm algorithm_;
  std::shared_ptr<const Parts> parts_;
};

}  // namespace countersign::webauthn
