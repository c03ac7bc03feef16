#include "crypto/foreign_token.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/jws.h"
#include "support/fake_time.h"
#include "support/vectors.h"

namespace countersign::crypto {
namespace {

constexpr std::string_view kSetType = "secevent+jwt";

struct ForeignTokens : ::testing::Test {
  ForeignKey key_for(const SigningKey& key) {
    auto jwk = key.public_jwk();
    return *ForeignKey::from_jwk(jwk);
  }
  std::string signed_with(const SigningKey& key, std::string_view header, std::string_view payload) {
    const std::string text = to_base64url(header) + '.' + to_base64url(payload);
    return text + '.' + to_base64url(key.sign(text));
  }

  countersign::testing::SeededRandom random;
  SigningKey ours = SigningKey::generate(JwsAlgorithm::kEs256, random);
  SigningKey others = SigningKey::generate(JwsAlgorithm::kEs256, random);
  std::vector<ForeignKey> keys{key_for(ours)};
  ForeignTokenTerms terms{{ForeignAlgorithm::kRs256, ForeignAlgorithm::kEs256}, kSetType};
};

/// RFC 7515, appendix A.2: RS256 with a key of 2048 bits.
json::object rfc7515_a2_key() {
  return {{"kty", "RSA"},
          {"kid", "a2"},
          {"n",
           "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-"
           "SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-"
           "KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-"
           "DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
          {"e", "AQAB"}};
}
constexpr std::string_view kA2Signed =
    "eyJhbGciOiJSUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
constexpr std::string_view kA2Signature =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1"
    "dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzD"
    "wusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77"
    "Rw";

TEST_F(ForeignTokens, TheRsaSignatureOfTheStandardHolds) {
  const auto key = ForeignKey::from_jwk(rfc7515_a2_key());
  ASSERT_TRUE(key);
  EXPECT_EQ(key->algorithm(), ForeignAlgorithm::kRs256);
  const auto signature = *from_base64url(kA2Signature);
  EXPECT_TRUE(key->verify(kA2Signed, signature));
  EXPECT_FALSE(key->verify(std::string(kA2Signed) + "x", signature));
  EXPECT_FALSE(key->verify(kA2Signed, signature.substr(1)));
  EXPECT_FALSE(key->verify(kA2Signed, std::string(1, '\0') + signature));
  EXPECT_FALSE(key->verify(kA2Signed, std::string(signature.size(), '\xFF')));
  EXPECT_FALSE(key->verify(kA2Signed, std::string(signature.size(), '\0')));
}

TEST_F(ForeignTokens, WeakAndMalformedKeysAreNone) {
  const auto text = [](const std::string& of) { return json::value(std::string_view(of)); };
  const auto error = [](const char* name, json::value value) {
    auto jwk = rfc7515_a2_key();
    jwk[name] = std::move(value);
    const auto key = ForeignKey::from_jwk(jwk);
    return key ? std::nullopt : std::optional(key.error());
  };
  EXPECT_EQ(error("kid", "a2"), std::nullopt);
  EXPECT_EQ(error("kid", ""), KeyError::kUnsupported);
  EXPECT_EQ(error("kid", 17), KeyError::kUnsupported);
  EXPECT_EQ(error("kid", text(std::string(257, 'k'))), KeyError::kUnsupported);
  EXPECT_EQ(error("alg", "RS512"), KeyError::kUnsupported);
  EXPECT_EQ(error("alg", "PS256"), KeyError::kUnsupported);
  EXPECT_EQ(error("use", "enc"), KeyError::kUnsupported);
  EXPECT_EQ(error("kty", "oct"), KeyError::kUnsupported);
  EXPECT_EQ(error("e", "AQ"), KeyError::kMalformed);       // 1
  EXPECT_EQ(error("e", "AQAA"), KeyError::kMalformed);     // Even.
  EXPECT_EQ(error("e", "AAEAAQ"), KeyError::kMalformed);   // A leading zero.
  EXPECT_EQ(error("e", "AQAAAAE"), KeyError::kMalformed);  // 2^32 + 1
  EXPECT_EQ(error("e", ""), KeyError::kMalformed);
  EXPECT_EQ(error("n", "ofgWCuLjybRlzo0t"), KeyError::kMalformed);
  EXPECT_EQ(error("n", text(std::string(1500, 'A'))), KeyError::kMalformed);
  EXPECT_EQ(error("n", text(to_base64url(std::string(128, '\xFF')))), KeyError::kMalformed);   // 1024 bits.
  EXPECT_EQ(error("n", text(to_base64url(std::string(1025, '\xFF')))), KeyError::kMalformed);  // 8200 bits.
}

TEST_F(ForeignTokens, ATokenOfAKnownKeyIsRead) {
  const std::string token = sign_jws(ours, kSetType, R"({"iss":"x"})");
  EXPECT_EQ(kid_of(token), ours.kid());
  const auto payload = verify_foreign_token(token, keys, terms);
  ASSERT_TRUE(payload);
  EXPECT_EQ(json_text(*payload, "iss"), "x");
  // RFC 7515, 4.1.9: the same type, written whole.
  EXPECT_TRUE(verify_foreign_token(sign_jws(ours, "application/secevent+jwt", "{}"), keys, terms));
  EXPECT_TRUE(verify_foreign_token(sign_jws(ours, "SECEVENT+JWT", "{}"), keys, terms));
}

TEST_F(ForeignTokens, EverythingElseIsRefused) {
  const auto error = [&](std::string_view token) {
    const auto payload = verify_foreign_token(token, keys, terms);
    return payload ? std::nullopt : std::optional(payload.error());
  };
  using enum ForeignTokenError;
  const std::string kid = ours.kid();
  const auto header = [&](std::string_view members) {
    return signed_with(ours, R"({"kid":")" + kid + R"(","typ":"secevent+jwt",)" + std::string(members) + "}", "{}");
  };
  EXPECT_EQ(error(header(R"("alg":"ES256")")), std::nullopt);
  EXPECT_EQ(error(header(R"("alg":"none")")), kAlgorithm);
  EXPECT_EQ(error(header(R"("alg":"HS256")")), kAlgorithm);
  EXPECT_EQ(error(header(R"("alg":"EdDSA")")), kAlgorithm);  // Known, and not on the list.
  EXPECT_EQ(error(header(R"("alg":"RS256")")), kAlgorithm);  // On the list, and not this key's.
  EXPECT_EQ(error(header(R"("alg":"ES256","crit":["exp"],"exp":1)")), kCritical);
  EXPECT_EQ(error(header(R"("alg":"ES256","typ":"JWT")")), kMalformed);  // A doubled name.
  EXPECT_EQ(error(sign_jws(ours, "at+jwt", "{}")), kType);
  EXPECT_EQ(error(sign_jws(ours, "", "{}")), kType);
  EXPECT_EQ(error(sign_jws(others, kSetType, "{}")), kUnknownKey);
  // Another's signature under our key's name, and its own key in the header, which nobody reads.
  const std::string forged = R"({"alg":"ES256","typ":"secevent+jwt","kid":")" + kid + R"(","jwk":)" +
                             canonical_json(others.public_jwk()) + "}";
  EXPECT_EQ(error(signed_with(others, forged, "{}")), kSignature);
  EXPECT_EQ(error(signed_with(ours, R"({"alg":"ES256","typ":"secevent+jwt"})", "{}")), kUnknownKey);
  const std::string good = sign_jws(ours, kSetType, "{}");
  EXPECT_EQ(error(good.substr(0, good.rfind('.') + 1)), kSignature);  // As with alg none.
  EXPECT_EQ(error(good + "A"), kSignature);
  EXPECT_EQ(error(good + "*"), kMalformed);
  EXPECT_EQ(error(good + ".AA"), kMalformed);
  EXPECT_EQ(error(""), kMalformed);
  EXPECT_EQ(error(".."), kMalformed);
  EXPECT_EQ(error(std::string(70'000, 'A')), kMalformed);
  EXPECT_EQ(error(sign_jws(ours, kSetType, "[]")), kMalformed);
  EXPECT_EQ(error(sign_jws(ours, kSetType, R"({"a":1,"a":2})")), kMalformed);
}

TEST_F(ForeignTokens, OfAKeySetWhatCanVerifyIsTaken) {
  json::array list{ours.public_jwk(), others.public_jwk(), rfc7515_a2_key(),
                   json::object{{"kty", "oct"}, {"kid", "shared"}, {"k", "AAAA"}},
                   json::object{{"kty", "EC"}, {"crv", "P-521"}, {"kid", "big"}, {"x", "AA"}, {"y", "AA"}}};
  auto again = others.public_jwk();
  again["kid"] = ours.kid();
  list.push_back(again);
  const auto set = read_key_set(canonical_json(json::object{{"keys", list}}));
  ASSERT_TRUE(set);
  ASSERT_EQ(set->size(), 3u);
  // Of two keys with one name, the first.
  EXPECT_TRUE(verify_foreign_token(sign_jws(ours, kSetType, "{}"), *set, terms));
  for (const char* text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[17]})", "<html>"})
    EXPECT_FALSE(read_key_set(text)) << text;
  json::array many(kForeignKeysMax + 1, ours.public_jwk());
  EXPECT_FALSE(read_key_set(canonical_json(json::object{{"keys", many}})));
}

}  // namespace
}  // namespace countersign::crypto
