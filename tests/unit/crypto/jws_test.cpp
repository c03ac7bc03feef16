#include "crypto/jws.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/encoding.h"
#include "crypto/claims.h"
#include "crypto/digest.h"
#include "support/fake_time.h"
#include "support/vectors.h"

namespace countersign::crypto {
namespace {

using std::chrono::seconds;

using testing::text_of;

std::vector<JwsAlgorithm> both() { return {JwsAlgorithm::kEdDsa, JwsAlgorithm::kEs256}; }

/// The signature alone, for the RFCs' examples: they have neither `kid` nor `typ`, which verify_jws insists on.
bool signature_holds(const PublicKey& key, std::string_view token) {
  const std::size_t dot = token.rfind('.');
  const auto signature = from_base64url(token.substr(dot + 1));
  return signature && key.verify(token.substr(0, dot), *signature);
}

TEST(Jws, Vectors) {
  const json::value vectors = testing::own_vectors("jws.json");
  for (const auto& test : vectors.at("cases").as_array()) {
    const std::string name = text_of(test.at("name"));
    const std::string token = text_of(test.at("token"));
    const bool good = test.at("expect") == "ok";
    const auto key = PublicKey::from_jwk(test.at("key").as_object());
    if (name == "rfc7515-a1") {  // HS256: not among our algorithms at all.
      EXPECT_EQ(key.error(), KeyError::kUnsupported);
      continue;
    }
    ASSERT_TRUE(key) << name;
    const auto* check = test.as_object().if_contains("check");
    if (check == nullptr) {
      EXPECT_EQ(signature_holds(*key, token), good) << name;
      EXPECT_FALSE(verify_jws(token, {*key}, {both(), "JWT"})) << name;
      continue;
    }
    const ClaimsExpected expected{text_of(check->at("iss")), text_of(check->at("aud")),
                                  check->at("clock_skew_seconds").to_number<std::int64_t>()};
    const WallTime now(seconds(check->at("now").to_number<std::int64_t>()));
    const auto payload = verify_jws(token, {*key}, {both(), text_of(check->at("typ"))});
    EXPECT_EQ(payload && check_claims(*payload, expected, now), good) << name;
    if (name == "claims-alg-confusion") {
      EXPECT_EQ(payload.error(), JwsError::kAlgorithm);
    } else if (name == "claims-expired") {
      EXPECT_EQ(check_claims(*payload, expected, now).error(), ClaimsError::kExpired);
    } else if (name == "claims-aud") {
      EXPECT_EQ(check_claims(*payload, expected, now).error(), ClaimsError::kAudience);
    }
  }
}

class JwsTest : public ::testing::Test {
 protected:
  testing::SeededRandom random_;
  SigningKey key_ = SigningKey::generate(JwsAlgorithm::kEdDsa, random_);
  SigningKey other_ = SigningKey::generate(JwsAlgorithm::kEs256, random_);
  std::vector<PublicKey> keys_{key_.public_key(), other_.public_key()};
  JwsOptions options_{both(), "receipt+jwt"};

  [[nodiscard]] std::string signed_with_header(std::string_view header, std::string_view payload = "{}") const {
    const std::string text = to_base64url(header) + "." + to_base64url(payload);
    return text + "." + to_base64url(key_.sign(text));
  }
  [[nodiscard]] std::string header(std::string_view more) const {
    return R"({"alg":"EdDSA","typ":"receipt+jwt","kid":")" + key_.kid() + "\"" + std::string(more) + "}";
  }
  [[nodiscard]] JwsError error_of(std::string_view token) const { return verify_jws(token, keys_, options_).error(); }
};

TEST_F(JwsTest, RoundTripsWithEitherKey) {
  for (const SigningKey* key : {&key_, &other_}) {
    const std::string token = sign_jws(*key, "receipt+jwt", R"({"jti":"1","n":2})");
    const auto payload = verify_jws(token, keys_, options_);
    ASSERT_TRUE(payload);
    EXPECT_EQ(canonical_json(*payload), R"({"jti":"1","n":2})");
  }
  EXPECT_TRUE(verify_jws(signed_with_header(header("")), keys_, options_));
}

TEST_F(JwsTest, RefusesByReason) {
  EXPECT_EQ(error_of(signed_with_header(header(R"(,"crit":["exp"],"exp":1)"))), JwsError::kCritical);
  EXPECT_EQ(error_of(signed_with_header(header(R"(,"crit":[])"))), JwsError::kCritical);
  EXPECT_EQ(error_of(sign_jws(key_, "other+jwt", "{}")), JwsError::kType);
  EXPECT_EQ(error_of(signed_with_header(R"({"alg":"EdDSA","typ":"receipt+jwt"})")), JwsError::kUnknownKey);
  EXPECT_EQ(error_of(signed_with_header(R"({"alg":"EdDSA","typ":"receipt+jwt","kid":"x"})")), JwsError::kUnknownKey);
  EXPECT_EQ(error_of(signed_with_header(R"({"alg":"none","typ":"receipt+jwt"})")), JwsError::kAlgorithm);
  EXPECT_EQ(error_of(signed_with_header(R"({"alg":"eddsa","typ":"receipt+jwt"})")), JwsError::kAlgorithm);
  EXPECT_EQ(error_of(signed_with_header(R"({"typ":"receipt+jwt"})")), JwsError::kAlgorithm);
  EXPECT_EQ(error_of(signed_with_header(R"({"alg":"ES256","typ":"receipt+jwt","kid":")" + key_.kid() + "\"}")),
            JwsError::kAlgorithm);
  EXPECT_EQ(error_of(signed_with_header(header(R"(,"alg":"EdDSA")"))), JwsError::kMalformed);
  EXPECT_EQ(error_of(signed_with_header("[]")), JwsError::kMalformed);
  EXPECT_EQ(error_of(signed_with_header(header(""), "not json")), JwsError::kPayload);

  const std::string token = sign_jws(key_, "receipt+jwt", "{}");
  EXPECT_EQ(verify_jws(token, {other_.public_key()}, options_).error(), JwsError::kUnknownKey);
  EXPECT_EQ(verify_jws(token, keys_, {{JwsAlgorithm::kEs256}, "receipt+jwt"}).error(), JwsError::kAlgorithm);
  EXPECT_EQ(verify_jws(token, keys_, {{}, "receipt+jwt"}).error(), JwsError::kAlgorithm);
  for (const std::string& bad : {std::string(), std::string("."), std::string(".."), token + ".", token + "=",
                                 token + "\n", " " + token, std::string(70'000, 'A')}) {
    EXPECT_EQ(error_of(bad), JwsError::kMalformed) << bad.substr(0, 20);
  }
}

// Whoever can name a key in the header cannot make it count.
TEST_F(JwsTest, KeysInTheHeaderMeanNothing) {
  const SigningKey attacker = SigningKey::generate(JwsAlgorithm::kEdDsa, random_);
  const std::string head = to_base64url(header(R"(,"jwk":)" + canonical_json(attacker.public_jwk())));
  const std::string text = head + "." + to_base64url("{}");
  EXPECT_EQ(error_of(text + "." + to_base64url(attacker.sign(text))), JwsError::kSignature);
}

TEST_F(JwsTest, EveryCharacterIsProtected) {
  const std::string token = sign_jws(key_, "receipt+jwt", R"({"amount":"12.00"})");
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(verify_jws(changed, keys_, options_)) << i;
  }
}

RC_GTEST_FIXTURE_PROP(JwsTest, SurvivesAnything, (const std::string& text)) {
  RC_ASSERT(!verify_jws(text, keys_, options_).has_value());
  RC_ASSERT(!verify_jws(signed_with_header(text, text), keys_, options_).has_value());
}

TEST(Claims, EachIsJudged) {
  const ClaimsExpected expected{"https://issuer.example", "app"};
  const WallTime now(seconds(1000));
  const auto error = [&](std::string_view text) { return check_claims(*parse_json(text), expected, now).error(); };
  const auto good = [&](std::string_view text) { return check_claims(*parse_json(text), expected, now).has_value(); };
  EXPECT_TRUE(good(R"({"iss":"https://issuer.example","aud":["x","app"],"iat":990,"exp":1200,"jti":"1"})"));
  EXPECT_TRUE(good(R"({"iss":"https://issuer.example","aud":"app","iat":990,"exp":996,"jti":"1"})"));
  EXPECT_EQ(error(R"({"iss":"https://issuer.example","aud":"app","iat":990,"exp":995,"jti":"1"})"),
            ClaimsError::kExpired);
  EXPECT_EQ(error(R"({"iss":"https://issuer.example","aud":"app","iat":1006,"exp":1200,"jti":"1"})"),
            ClaimsError::kNotYetValid);
  EXPECT_EQ(error(R"({"iss":"https://issuer.example","aud":"app","iat":990,"nbf":1006,"exp":1200,"jti":"1"})"),
            ClaimsError::kNotYetValid);
  EXPECT_EQ(error(R"({"iss":"https://issuer.example","aud":"app","iat":990,"exp":1291,"jti":"1"})"),
            ClaimsError::kTooLong);
  EXPECT_EQ(error(R"({"iss":"https://issuer.example","aud":["x"],"iat":990,"exp":1200,"jti":"1"})"),
            ClaimsError::kAudience);
  EXPECT_EQ(error(R"({"iss":"https://other.example","aud":"app","iat":990,"exp":1200,"jti":"1"})"),
            ClaimsError::kIssuer);
  EXPECT_EQ(error(R"({"iss":"https://issuer.example","aud":"app","iat":990,"exp":1200})"), ClaimsError::kMalformed);
  EXPECT_EQ(error(R"({"iss":"https://issuer.example","aud":"app","iat":990,"exp":"1200","jti":"1"})"),
            ClaimsError::kMalformed);
  EXPECT_EQ(error(R"([])"), ClaimsError::kMalformed);
}

}  // namespace
}  // namespace countersign::crypto
