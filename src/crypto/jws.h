#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "crypto/jws_key.h"

// JSON Web Signature (RFC 7515), compact form only, strict: header.payload.signature in base64url. [TOK-1]
namespace countersign::crypto {

/// Signs `payload_json` unchanged. `typ` names the kind of token ("receipt+jwt"), so that one kind cannot pass for
/// another (RFC 8725, section 3.11).
[[nodiscard]] std::string sign_jws(const SigningKey& key, std::string_view typ, std::string_view payload_json);

enum class JwsError {
  kMalformed,   ///< not three parts of strict base64url with a JSON object first, or above 64 KiB
  kAlgorithm,   ///< not on the list, or not the key's own
  kCritical,    ///< has `crit`: it requires an extension that is not supported
  kType,        ///< another `typ`
  kUnknownKey,  ///< no `kid`, or one that is not among the keys
  kSignature,   ///< the signature is wrong
  kPayload,     ///< valid signature, but not JSON
};

struct JwsOptions {
  std::vector<JwsAlgorithm> algorithms;  ///< allowed values of `alg`
  std::string typ;                       ///< required value of `typ`
};

/// The payload of a token signed by one of `keys`. Only the caller supplies keys: `jwk`, `jku`, `x5c` and `x5u` in the
/// header are ignored. check_claims() judges the payload (audience, expiry).
[[nodiscard]] Result<json::value, JwsError> verify_jws(std::string_view text, const std::vector<PublicKey>& keys,
                                                       const JwsOptions& options);

}  // namespace countersign::crypto
