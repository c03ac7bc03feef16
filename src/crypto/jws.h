#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "crypto/jws_key.h"

// JSON Web Signature (RFC 7515), compact form only, strict: header.payload.signature in base64url. [TOK-1]
namespace countersign::crypto {

/// Signs `payload_json` as it stands. `typ` says what it is ("receipt+jwt"), so that a token of one kind cannot pass
/// for another (RFC 8725, section 3.11).
[[nodiscard]] std::string sign_jws(const SigningKey& key, std::string_view typ, std::string_view payload_json);

enum class JwsError {
  kMalformed,   ///< not three parts of strict base64url with a JSON object in front, or above 64 KiB
  kAlgorithm,   ///< not on the list, or not the key's own
  kCritical,    ///< has `crit`: it demands something of us that we do not know
  kType,        ///< another `typ`
  kUnknownKey,  ///< no `kid`, or one that is not among the keys
  kSignature,   ///< the signature is wrong
  kPayload,     ///< rightly signed, but not JSON
};

struct JwsOptions {
  std::vector<JwsAlgorithm> algorithms;  ///< what may be in `alg`; all else is refused
  std::string typ;                       ///< what `typ` must be
};

/// The payload of a token that one of `keys` has signed. Keys come from the caller alone: `jwk`, `jku`, `x5c` and `x5u`
/// in the header mean nothing. What the payload says (for whom, until when) is check_claims()'s to judge.
[[nodiscard]] Result<json::value, JwsError> verify_jws(std::string_view text, const std::vector<PublicKey>& keys,
                                                       const JwsOptions& options);

}  // namespace countersign::crypto
