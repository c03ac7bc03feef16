#include "webauthn/challenge.h"

#include "base/check.h"
#include "crypto/digest.h"

namespace countersign::webauthn {

std::string fresh_challenge(Random& random) { return random.bytes(kChallengeSize); }

std::string bound_challenge(std::string_view salt, std::string_view content_hash) {
  CS_CHECK(salt.size() == kChallengeSaltSize && content_hash.size() == kContentHashSize);
  std::string message = "Countersign WebAuthn challenge\x01";
  message.append(salt).append(content_hash);
  return crypto::sha256(message);
}

}  // namespace countersign::webauthn
