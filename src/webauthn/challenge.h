#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/random.h"

namespace countersign::webauthn {

// A challenge that is bound to what was shown and held, so that the signature of the authenticator covers it:
//
// challenge := SHA-256 of
//    label     30 bytes    "Countersign WebAuthn challenge", ASCII
//    version    1 byte     01
//    salt      32 bytes    fresh random bytes, one ceremony, one use
//    content   32 bytes    the SHA-256 over what was shown and held
//
// All parts have a fixed length, so there is one way to divide the 95 bytes. A receipt that names `salt` and `content`
// lets a third party recompute the challenge, find it as base64url in the client data, and check the credential's
// signature over that: proof that this authenticator answered for this content. The salt keeps the challenge
// unforeseeable as long as it is not published, and different for two ceremonies about the same content. [WA-R1]

inline constexpr std::size_t kChallengeSize = 32;
inline constexpr std::size_t kChallengeSaltSize = 32;
inline constexpr std::size_t kContentHashSize = 32;

/// 32 fresh bytes: the salt above, or the whole challenge of a ceremony that is about nothing else (a registration).
[[nodiscard]] std::string fresh_challenge(Random& random);

/// `salt` and `content_hash` have 32 bytes; anything else is a bug, and aborts.
[[nodiscard]] std::string bound_challenge(std::string_view salt, std::string_view content_hash);

}  // namespace countersign::webauthn
