#include "webauthn/challenge.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/encoding.h"

namespace countersign::webauthn {
namespace {

// printf 'Countersign WebAuthn challenge\001' with 32 bytes 00 and 32 bytes ff appended, through sha256sum.
TEST(BoundChallenge, IsWhatTheHeaderSays) {
  EXPECT_EQ(to_hex(bound_challenge(std::string(32, '\0'), std::string(32, '\xff'))),
            "9653fec958157af71b1c9a022510c19b25f8fc4b49765bae98d67533b3bc785c");
}

RC_GTEST_PROP(BoundChallenge, DiffersForAnotherSaltOrContent, ()) {
  const auto fixed = [] { return *rc::gen::container<std::string>(32, rc::gen::arbitrary<char>()); };
  const std::string salt = fixed();
  const std::string content = fixed();
  const std::string challenge = bound_challenge(salt, content);
  RC_ASSERT(challenge.size() == kChallengeSize);
  std::string other = *rc::gen::element(salt, content);
  const bool is_salt = other == salt;
  other[*rc::gen::inRange<std::size_t>(0, 32)] ^= static_cast<char>(1 << *rc::gen::inRange(0, 7));
  RC_ASSERT((is_salt ? bound_challenge(other, content) : bound_challenge(salt, other)) != challenge);
}

}  // namespace
}  // namespace countersign::webauthn
