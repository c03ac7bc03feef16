#include "crypto/signing_keys.h"

#include <gtest/gtest.h>

#include "crypto/jws.h"
#include "support/fake_time.h"

namespace countersign::crypto {
namespace {

const JwsOptions kReceipts{{JwsAlgorithm::kEdDsa, JwsAlgorithm::kEs256}, "receipt"};

std::vector<std::string> published_kids(const SigningKeys& keys) {
  std::vector<std::string> kids;
  const auto document = parse_json(keys.jwks());
  for (const auto& key : document->at("keys").as_array()) kids.emplace_back(key.at("kid").as_string());
  return kids;
}

TEST(SigningKeys, ArePublishedBeforeTheySignAndAfter) {
  testing::SeededRandom random;
  const auto first = SigningKey::generate(JwsAlgorithm::kEdDsa, random);
  const auto second = SigningKey::generate(JwsAlgorithm::kEs256, random);
  SigningKeys keys({first, {}, {}});
  const std::string old = sign_jws(keys.current(), "receipt", "{}");
  EXPECT_EQ(published_kids(keys), std::vector{first.kid()});

  keys.replace({first, second, {}});
  EXPECT_EQ(keys.current().kid(), first.kid());
  EXPECT_EQ(published_kids(keys), (std::vector{first.kid(), second.kid()}));

  // Of the first one only what a verifier needs is left.
  keys.replace({second, {}, *public_keys_from_pem(first.public_key().to_pem())});
  EXPECT_EQ(keys.current().kid(), second.kid());
  EXPECT_EQ(published_kids(keys), (std::vector{second.kid(), first.kid()}));
  const std::string young = sign_jws(keys.current(), "receipt", "{}");
  for (const auto& receipt : {old, young}) EXPECT_TRUE(verify_jws(receipt, keys.all().published(), kReceipts));
}

TEST(PublicKeys, AreReadFromPemInARow) {
  testing::SeededRandom random;
  const auto ed25519 = SigningKey::generate(JwsAlgorithm::kEdDsa, random);
  const auto p256 = SigningKey::generate(JwsAlgorithm::kEs256, random);
  const auto keys = public_keys_from_pem("\n" + ed25519.public_key().to_pem() + "\n" + p256.public_key().to_pem());
  ASSERT_TRUE(keys);
  ASSERT_EQ(keys->size(), 2U);
  EXPECT_EQ((*keys)[0].jwk(), ed25519.public_jwk());
  EXPECT_EQ((*keys)[1].jwk(), p256.public_jwk());
  EXPECT_TRUE(public_keys_from_pem("")->empty());
}

TEST(PublicKeys, AreNothingElse) {
  testing::SeededRandom random;
  const auto key = SigningKey::generate(JwsAlgorithm::kEdDsa, random);
  const std::string good = key.public_key().to_pem();
  const std::string secret(key.to_pkcs8_pem().expose());
  for (const auto& text : {secret, good + secret, std::string("a key"), good.substr(0, good.size() - 30)}) {
    EXPECT_EQ(public_keys_from_pem(text).error(), KeyError::kMalformed) << text.substr(0, 30);
  }
}

}  // namespace
}  // namespace countersign::crypto
