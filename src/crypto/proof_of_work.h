#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"

namespace countersign::crypto {

// Proof of work in the format of ALTCHA version 2 (npm altcha-lib 2), in its deterministic mode: whoever makes a
// challenge knows the answer, so that a check is two HMACs, and its cost is what the solver needs. Not the format of
// version 1. Thread-safe.
//
// challenge  := {"parameters": {…}, "signature": hex(HMAC-SHA-256(secret, canonical JSON of parameters))}
// parameters := algorithm "PBKDF2/SHA-256", cost (iterations), data {"for": what it is bound to, "from": when it may
//               come without a solution (seconds; absent: never)}, expiresAt (seconds),
//               keyLength 32, keyPrefix (the first half of the key), keySignature hex(HMAC-SHA-256(key secret, key)),
//               nonce and salt (16 bytes each, hex)
// key        := PBKDF2-HMAC-SHA-256(password = nonce and the counter in 4 bytes, big-endian; salt; cost), 32 bytes
// payload    := base64 of {"challenge": challenge, "solution": {"counter", "derivedKey": hex of the key, "time"}}, or
//               without the solution

struct PowSecrets {
  std::string signature;  ///< As text, as the libraries take it; not empty.
  std::string key;
};

struct PowTerms {
  std::string bound_to;  ///< What the solution is good for, and nothing else. Visible to the solver.
  WallTime expires_at;
  std::optional<WallTime> waited_at = {};  ///< Who brings it so late needs no solution: a browser without scripts.
  std::uint32_t cost = 1000;               ///< Iterations for each counter that is tried.
  std::uint32_t counter_min = 0;           ///< The solver tries from 0 on…
  std::uint32_t counter_max = 0;           ///< …to one of these.
};

/// A challenge as JSON. Derives one key.
[[nodiscard]] std::string make_pow_challenge(const PowSecrets& secrets, const PowTerms& terms, Random& random);

enum class PowFault : std::uint8_t {
  kMalformed,
  kForged,     ///< Not a challenge of ours as it was made: its difficulty, end or purpose was changed, or it never was.
  kElsewhere,  ///< Of another page.
  kExpired,
  kTooEarly,  ///< Without a solution, and not waited for.
  kWrong,     ///< Not its solution.
};
struct PowSolved {
  std::string nonce;  ///< Names the challenge, 16 bytes: whoever accepts it does so once.
  WallTime expires_at;
};
/// What a form has before it is solved: `payload` without a solution.
[[nodiscard]] std::string unsolved_pow(std::string_view challenge);
/// Whether `payload` solves a challenge that was made for `bound_to`, or was waited for. Derives no key, and nothing of
/// the payload decides how long it takes.
[[nodiscard]] Result<PowSolved, PowFault> check_pow(const PowSecrets& secrets, std::string_view payload,
                                                    std::string_view bound_to, WallTime now);

}  // namespace countersign::crypto
