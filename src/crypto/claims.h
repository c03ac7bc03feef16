#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"

namespace countersign::crypto {

struct ClaimsExpected {
  std::string issuer;
  std::string audience;
  std::int64_t clock_skew_seconds = 5;
  std::int64_t life_max_seconds = 300;  ///< from `iat` to `exp` [TOK-2]
};

enum class ClaimsError {
  kMalformed,  ///< not an object, or a claim is missing or of a wrong type
  kIssuer,
  kAudience,
  kExpired,
  kNotYetValid,
  kTooLong,  ///< lives longer than allowed
};

/// Checks the claims of a token with a valid signature: `iss`, `aud` (a text or a list), `exp`, `iat`, `nbf` if
/// present, and that there is a `jti`, which the caller accepts only once. [TOK-2]
[[nodiscard]] Result<Done, ClaimsError> check_claims(const json::value& payload, const ClaimsExpected& expected,
                                                     WallTime now);

}  // namespace countersign::crypto
