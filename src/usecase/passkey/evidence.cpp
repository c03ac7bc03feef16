#include "usecase/passkey/evidence.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "webauthn/authenticator_data.h"
#include "webauthn/cbor.h"
#include "webauthn/public_key.h"

namespace countersign::usecase {

namespace {

using webauthn::Algorithm;

// RFC 9052 and 9053: the labels of a COSE_Key.
constexpr std::int64_t kAlg = 3;
constexpr std::int64_t kCurveOrModulus = -1;
constexpr std::int64_t kXOrExponent = -2;
constexpr std::int64_t kY = -3;

struct JoseNames {
  Algorithm algorithm;
  std::string_view kty;
  std::string_view crv;
  std::string_view alg;
};
constexpr std::array kJoseNames{
    JoseNames{Algorithm::kEs256, "EC", "P-256", "ES256"},  JoseNames{Algorithm::kEs384, "EC", "P-384", "ES384"},
    JoseNames{Algorithm::kEs512, "EC", "P-521", "ES512"},  JoseNames{Algorithm::kEdDsa, "OKP", "Ed25519", "EdDSA"},
    JoseNames{Algorithm::kEd448, "OKP", "Ed448", "EdDSA"}, JoseNames{Algorithm::kRs256, "RSA", "", "RS256"},
};

}  // namespace

json::object jwk_of(std::string_view cose_key) {
  const auto key = webauthn::parse_cbor(cose_key);
  const auto number = key ? key->integer_at(kAlg) : std::nullopt;
  const auto algorithm = number ? webauthn::algorithm_numbered(*number) : std::nullopt;
  const auto names = std::ranges::find_if(kJoseNames, [&](const JoseNames& n) { return n.algorithm == algorithm; });
  if (names == kJoseNames.end()) return {};
  json::object jwk{{"kty", names->kty}, {"alg", names->alg}};
  const auto put = [&](std::string_view name, std::int64_t label) {
    if (const auto bytes = key->bytes_at(label)) jwk[name] = to_base64url(*bytes);
  };
  if (names->kty == "RSA") {
    put("n", kCurveOrModulus);
    put("e", kXOrExponent);
    return jwk;
  }
  jwk["crv"] = names->crv;
  put("x", kXOrExponent);
  if (names->kty == "EC") put("y", kY);
  return jwk;
}

json::object evidence_of(const store::SignedProof& proof) {
  json::object out{
      {"rp_id", proof.rp_id},
      {"challenge_salt", to_base64url(proof.salt)},
      {"client_data", to_base64url(proof.client_data)},
      {"authenticator_data", to_base64url(proof.authenticator_data)},
      {"signature", to_base64url(proof.signature)},
      {"public_key", jwk_of(proof.public_key)},
  };
  if (const auto data = webauthn::parse_authenticator_data(proof.authenticator_data)) {
    out["user_present"] = data->flags.user_present;
    out["user_verified"] = data->flags.user_verified;
    out["backup_eligible"] = data->flags.backup_eligible;
    out["backed_up"] = data->flags.backed_up;
    out["sign_count"] = data->sign_count;
  }
  return out;
}

}  // namespace countersign::usecase
