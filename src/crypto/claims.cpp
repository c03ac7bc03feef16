#include "crypto/claims.h"

namespace countersign::crypto {

namespace {

bool names_audience(const json::value& aud, std::string_view expected) {
  if (const auto* one = aud.if_string()) return *one == expected;
  const auto* list = aud.if_array();
  if (list == nullptr) return false;
  for (const json::value& entry : *list) {
    const auto* one = entry.if_string();
    if (one != nullptr && *one == expected) return true;
  }
  return false;
}

}  // namespace

Result<Done, ClaimsError> check_claims(const json::value& payload, const ClaimsExpected& expected, WallTime now) {
  const auto* claims = payload.if_object();
  if (claims == nullptr) return fail(ClaimsError::kMalformed);
  const auto expires = json_integer(*claims, "exp");
  const auto issued = json_integer(*claims, "iat");
  const auto not_before = json_integer(*claims, "nbf");
  const auto* audience = claims->if_contains("aud");
  const bool bad_not_before = claims->contains("nbf") && !not_before;
  if (!expires || !issued || bad_not_before || audience == nullptr || !json_text(*claims, "jti")) {
    return fail(ClaimsError::kMalformed);
  }
  // Integers of parsed JSON are within ±2^53, so these sums do not overflow.
  const std::int64_t seconds = to_unix_seconds(now);
  if (json_text(*claims, "iss") != expected.issuer) return fail(ClaimsError::kIssuer);
  if (!names_audience(*audience, expected.audience)) return fail(ClaimsError::kAudience);
  if (seconds >= *expires + expected.clock_skew_seconds) return fail(ClaimsError::kExpired);
  if (not_before.value_or(*issued) > seconds + expected.clock_skew_seconds) return fail(ClaimsError::kNotYetValid);
  if (*expires - *issued > expected.life_max_seconds) return fail(ClaimsError::kTooLong);
  return Done{};
}

}  // namespace countersign::crypto
