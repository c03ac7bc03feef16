#include "crypto/hub_signature.h"

#include <gtest/gtest.h>

namespace countersign::crypto {
namespace {

TEST(HubSignature, KnownAnswer) {
  // Of Node's crypto and of Meta's documentation: HMAC-SHA256 with the key `secret`.
  constexpr std::string_view kOfTest = "sha256=0329a06b62cd16b33eb6792be8c60b158d89a2ee3a876fce9a881ebb488c0914";
  EXPECT_EQ(hub_signature("secret", "test"), kOfTest);
  EXPECT_TRUE(hub_signature_valid("secret", "test", kOfTest));
}

TEST(HubSignature, AnythingElseIsRefused) {
  const std::string right = hub_signature("secret", R"({"a":"\u0040"})");
  EXPECT_TRUE(hub_signature_valid("secret", R"({"a":"\u0040"})", right));
  EXPECT_FALSE(hub_signature_valid("secret", R"({"a":"@"})", right));  // The same JSON in other bytes.
  EXPECT_FALSE(hub_signature_valid("Secret", R"({"a":"\u0040"})", right));
  EXPECT_FALSE(hub_signature_valid("secret", R"({"a":"\u0040"})", right.substr(7)));
  EXPECT_FALSE(hub_signature_valid("secret", "", ""));
  EXPECT_FALSE(hub_signature_valid("secret", "", "sha256="));
}

}  // namespace
}  // namespace countersign::crypto
