#include "usecase/push/evidence.h"

#include "base/encoding.h"

namespace countersign::usecase {

namespace {

constexpr std::size_t kCoordinate = 32;

/// RFC 7518 section 6.2.1.
json::object jwk_of_point(std::string_view point) {
  return {{"kty", "EC"},
          {"crv", "P-256"},
          {"alg", "ES256"},
          {"x", to_base64url(point.substr(1, kCoordinate))},
          {"y", to_base64url(point.substr(1 + kCoordinate))}};
}

}  // namespace

json::object evidence_of(const store::DeviceProof& proof) {
  json::object out{{"form", proof.salt.empty() ? "mobile_sdk" : "web_push"},
                   {"signed", proof.text},
                   {"signature", to_base64url(proof.signature)},
                   {"public_key", jwk_of_point(proof.public_key)}};
  if (!proof.salt.empty()) out["challenge_salt"] = to_base64url(proof.salt);
  return out;
}

}  // namespace countersign::usecase
