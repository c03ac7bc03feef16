#include "crypto/jws_key.h"

#include <gtest/gtest.h>

#include <iostream>

#include "base/encoding.h"
#include "support/fake_time.h"
#include "support/vectors.h"
#include "unit/crypto/package_vectors.h"

namespace countersign::crypto {
namespace {

using testing::bytes_of_hex;

json::object p256_jwk(std::string_view uncompressed) {
  return {{"kty", "EC"},
          {"crv", "P-256"},
          {"x", to_base64url(uncompressed.substr(1, 32))},
          {"y", to_base64url(uncompressed.substr(33))}};
}

json::object ed25519_jwk(std::string_view key) {
  return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", to_base64url(key)}};
}

/// Runs one Wycheproof verification file; `to_jwk` makes the key of a group.
template <class ToJwk>
void run_wycheproof(const char* file, ToJwk to_jwk) {
  const auto vectors = testing::extra_vectors(file);
  if (!vectors) return;
  std::size_t ran = 0;
  for (const auto& group : vectors->at("testGroups").as_array()) {
    const auto key = PublicKey::from_jwk(to_jwk(group.at("publicKey")));
    ASSERT_TRUE(key);
    for (const auto& test : group.at("tests").as_array()) {
      EXPECT_EQ(key->verify(bytes_of_hex(test.at("msg")), bytes_of_hex(test.at("sig"))), test.at("result") == "valid")
          << file << " " << test.at("tcId") << " " << test.at("comment");
      ++ran;
    }
  }
  std::cout << file << ": " << ran << " cases\n";
}

TEST(PublicKey, WycheproofEs256) {
  run_wycheproof("wycheproof/ecdsa_secp256r1_sha256_p1363.json",
                 [](const json::value& key) { return p256_jwk(bytes_of_hex(key.at("uncompressed"))); });
}

TEST(PublicKey, WycheproofEd25519) {
  run_wycheproof("wycheproof/ed25519.json",
                 [](const json::value& key) { return ed25519_jwk(bytes_of_hex(key.at("pk"))); });
}

TEST(PublicKey, PackagedEd25519) {
  // Lines of secret ‖ public : public : message : signature ‖ message :
  std::string_view lines = {};
  const std::string file = testing::package_file("asymmetric/Ed25519/sign.input");
  lines = file;
  std::size_t ran = 0;
  while (!lines.empty() && ran < 100) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    std::vector<std::string> fields;
    for (std::string_view rest = line; rest.find(':') != std::string_view::npos;
         rest = rest.substr(rest.find(':') + 1)) {
      fields.push_back(*from_hex(rest.substr(0, rest.find(':'))));
    }
    ASSERT_EQ(fields.size(), 4U);
    const auto key = PublicKey::from_jwk(ed25519_jwk(fields[1]));
    ASSERT_TRUE(key);
    const std::string signature = fields[3].substr(0, 64);
    EXPECT_TRUE(key->verify(fields[2], signature));
    EXPECT_FALSE(key->verify(fields[2] + "x", signature));
    ++ran;
  }
}

// RFC 8037, appendix A: key, thumbprint and signature.
TEST(SigningKey, Rfc8037) {
  const std::string prefix = *from_hex("302e020100300506032b657004220420");  // RFC 8410, PKCS#8 around the seed
  const std::string der = prefix + *from_base64url("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
  const auto key =
      SigningKey::from_pkcs8_pem("-----BEGIN PRIVATE KEY-----\n" + to_base64(der) + "\n-----END PRIVATE KEY-----\n");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->algorithm(), JwsAlgorithm::kEdDsa);
  EXPECT_EQ(key->public_jwk().at("x"), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
  EXPECT_EQ(key->kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  EXPECT_EQ(to_base64url(key->sign("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc")),
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
}

class BothAlgorithms : public ::testing::TestWithParam<JwsAlgorithm> {};
INSTANTIATE_TEST_SUITE_P(SigningKey, BothAlgorithms, ::testing::Values(JwsAlgorithm::kEdDsa, JwsAlgorithm::kEs256),
                         [](const auto& tested) { return std::string(jws_name(tested.param)); });

TEST_P(BothAlgorithms, SignsWhatItsPublicHalfVerifies) {
  testing::SeededRandom random;
  const SigningKey key = SigningKey::generate(GetParam(), random);
  const auto published = PublicKey::from_jwk(key.public_jwk());
  ASSERT_TRUE(published);
  EXPECT_EQ(published->kid(), key.kid());
  for (int i = 0; i < 50; ++i) {  // r and s are short now and then; both must be padded.
    const std::string message = std::to_string(i);
    const std::string signature = key.sign(message);
    EXPECT_EQ(signature.size(), 64U);
    EXPECT_TRUE(published->verify(message, signature));
    EXPECT_FALSE(published->verify(message + ".", signature));
    EXPECT_FALSE(published->verify(message, signature.substr(0, 63)));
    EXPECT_FALSE(published->verify(message, signature + "x"));
  }
  EXPECT_FALSE(SigningKey::generate(GetParam(), random).public_key().verify("0", key.sign("0")));
  EXPECT_FALSE(key.public_jwk().contains("d"));
}

TEST_P(BothAlgorithms, SurvivesPem) {
  testing::SeededRandom random(7);
  const SigningKey key = SigningKey::generate(GetParam(), random);
  const SecretString pem = key.to_pkcs8_pem();
  EXPECT_TRUE(pem.expose().starts_with("-----BEGIN PRIVATE KEY-----"));
  const auto again = SigningKey::from_pkcs8_pem(pem.expose());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->algorithm(), GetParam());
  EXPECT_EQ(again->kid(), key.kid());
  EXPECT_TRUE(key.public_key().verify("m", again->sign("m")));
}

TEST(SigningKey, RefusesOtherPem) {
  EXPECT_EQ(SigningKey::from_pkcs8_pem("").error(), KeyError::kMalformed);
  EXPECT_EQ(SigningKey::from_pkcs8_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").error(),
            KeyError::kMalformed);
  const std::string x25519 = *from_hex("302e020100300506032b656e04220420") + std::string(32, 'k');
  EXPECT_EQ(
      SigningKey::from_pkcs8_pem("-----BEGIN PRIVATE KEY-----\n" + to_base64(x25519) + "\n-----END PRIVATE KEY-----\n")
          .error(),
      KeyError::kUnsupported);
}

std::string der_of(const SigningKey& key) {
  const SecretString pem = key.to_pkcs8_pem();
  std::string text = pem.expose().substr(pem.expose().find('\n'));
  text.erase(text.find("-----"));
  std::erase(text, '\n');
  return *from_base64(text);
}

TEST(SigningKey, RefusesHalvesThatDoNotBelongTogether) {
  testing::SeededRandom random;
  std::string der = der_of(SigningKey::generate(JwsAlgorithm::kEs256, random));
  const std::string other = der_of(SigningKey::generate(JwsAlgorithm::kEs256, random));
  der.replace(der.size() - 65, 65, other.substr(other.size() - 65));  // The public point stands last.
  EXPECT_EQ(
      SigningKey::from_pkcs8_pem("-----BEGIN PRIVATE KEY-----\n" + to_base64(der) + "\n-----END PRIVATE KEY-----\n")
          .error(),
      KeyError::kMalformed);
}

TEST(PublicKey, RefusesBadJwks) {
  const auto error = [](std::string_view text) { return PublicKey::from_jwk(parse_json(text)->as_object()).error(); };
  EXPECT_EQ(error(R"({})"), KeyError::kMalformed);
  EXPECT_EQ(error(R"({"kty":"oct","k":"AAAA"})"), KeyError::kUnsupported);
  EXPECT_EQ(error(R"({"kty":"RSA","n":"AAAA","e":"AQAB"})"), KeyError::kUnsupported);
  EXPECT_EQ(error(R"({"kty":"EC","crv":"P-384","x":"AA","y":"AA"})"), KeyError::kUnsupported);
  EXPECT_EQ(error(R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})"), KeyError::kMalformed);
  EXPECT_EQ(error(R"({"kty":"OKP","crv":"Ed25519","alg":"ES256","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"),
            KeyError::kUnsupported);
  // A point that is not on the curve, and one without its y.
  EXPECT_EQ(error(R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                  R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4"})"),
            KeyError::kMalformed);
  EXPECT_EQ(error(R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"})"),
            KeyError::kMalformed);
}

TEST(Jwks, ListsPublicHalves) {
  testing::SeededRandom random;
  const SigningKey one = SigningKey::generate(JwsAlgorithm::kEdDsa, random);
  const SigningKey two = SigningKey::generate(JwsAlgorithm::kEs256, random);
  const auto document = parse_json(jwks_json({one.public_key(), two.public_key()}));
  ASSERT_TRUE(document);
  const auto& keys = document->at("keys").as_array();
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(std::string(keys[0].at("kid").as_string()), one.kid());
  EXPECT_EQ(keys[0].at("alg"), "EdDSA");
  EXPECT_EQ(keys[1].at("use"), "sig");
  EXPECT_EQ(keys[1].as_object().size(), 7U);
}

}  // namespace
}  // namespace countersign::crypto
