#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "crypto/jws_key.h"

// Tokens that others sign (JWS, RFC 7515, compact form), with what is usual elsewhere and never used for our own:
// RS256.
namespace countersign::crypto {

enum class ForeignAlgorithm : std::uint8_t { kRs256, kEs256, kEdDsa };
/// "RS256", "ES256", "EdDSA".
[[nodiscard]] std::string_view to_text(ForeignAlgorithm algorithm);
/// nullopt for all others, `none` and `HS256` among them. [TOK-1]
[[nodiscard]] std::optional<ForeignAlgorithm> parse_foreign_algorithm(std::string_view text);

/// A key of somebody else's, for verification. Copies are cheap. Thread-safe.
class ForeignKey {
 public:
  /// From a JSON Web Key with a `kid` of 1 to 256 bytes: Ed25519, P-256, or RSA of 2048 to 8192 bits with an odd
  /// exponent from 3 to 2^32. kUnsupported: another kind of key, one for encryption, or one without a `kid`.
  [[nodiscard]] static Result<ForeignKey, KeyError> from_jwk(const json::object& jwk);

  [[nodiscard]] ForeignAlgorithm algorithm() const;
  [[nodiscard]] const std::string& kid() const { return kid_; }
  /// A malformed signature counts as wrong.
  [[nodiscard]] bool verify(std::string_view message, std::string_view signature) const;

 private:
  struct RsaKey;
  ForeignKey(std::variant<PublicKey, std::shared_ptr<const RsaKey>> key, std::string kid)
      : key_(std::move(key)), kid_(std::move(kid)) {}

  std::variant<PublicKey, std::shared_ptr<const RsaKey>> key_;
  std::string kid_;
};

/// The keys of a JSON Web Key Set (RFC 7517, section 5): those that can verify here, the first of each `kid`; others in
/// it are passed over. nullopt unless it is such a set, of at most kForeignKeysMax entries.
inline constexpr std::size_t kForeignKeysMax = 64;
[[nodiscard]] std::optional<std::vector<ForeignKey>> read_key_set(std::string_view json);

enum class ForeignTokenError : std::uint8_t {
  kMalformed,   ///< Not three parts of strict base64url with a JSON object first and second, or above 64 KiB.
  kAlgorithm,   ///< Not on the list, or not the key's own.
  kCritical,    ///< Has `crit`: it requires an extension that is not supported.
  kType,        ///< Another `typ`.
  kUnknownKey,  ///< No `kid`, or one that is not among the keys.
  kSignature,
};

struct ForeignTokenTerms {
  std::vector<ForeignAlgorithm> algorithms;  ///< Allowed values of `alg`.
  std::string_view typ;                      ///< Required, with or without `application/` before it, in any case.
};

/// The `kid` that a token names, without any check of it: to know whether its key has to be fetched. Empty: none.
[[nodiscard]] std::string kid_of(std::string_view token);

/// The payload of a token signed by one of `keys`. Keys in the header are ignored. Who issued it, for whom and when is
/// for the caller to judge.
[[nodiscard]] Result<json::object, ForeignTokenError> verify_foreign_token(std::string_view token,
                                                                           const std::vector<ForeignKey>& keys,
                                                                           const ForeignTokenTerms& terms);

}  // namespace countersign::crypto
