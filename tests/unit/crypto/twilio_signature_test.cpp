#include "crypto/twilio_signature.h"

#include <gtest/gtest.h>

#include <iostream>

#include "support/vectors.h"

namespace countersign::crypto {
namespace {

constexpr std::string_view kUrl = "https://myapp.example/hooks/verify?tenant=7";

FormParameters push_approved() {
  return {{"account_sid", "AC" + std::string(32, 'a')},
          {"challenge_sid", "YC" + std::string(32, 'd')},
          {"entity_identity", "ff483d1ff591898a9942916050d2ca3f"},
          {"factor_sid", "YF" + std::string(32, 'c')},
          {"factor_type", "push"},
          {"service_sid", "VA" + std::string(32, 'b')},
          {"type", "challenge.approved"},
          {"uuid", "6c84fb90-12c4-11e1-840d-7b25c5ee775a"}};
}

TEST(TwilioSignature, KnownAnswers) {
  EXPECT_EQ(twilio_signature("12345", kUrl, push_approved()), "rTr1+rE1nkDxecs44gcBG2gHr/g=");
  const std::string url = url_with_body_hash(kUrl, R"({"type":"challenge.approved"})");
  EXPECT_EQ(url, std::string(kUrl) + "&bodySHA256=e4158adedf046a46570bb043aba710f0fe21e8928ce0f8402c3eba7a9b06cb51");
  EXPECT_EQ(twilio_signature("12345", url, {}), "r1DkOfzgsRHHCucoC3Hq+BUfVSQ=");
  EXPECT_EQ(twilio_signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2",
                             {{"CallSid", "CA1234567890ABCDE"},
                              {"Caller", "+14158675309"},
                              {"Digits", "1234"},
                              {"From", "+14158675309"},
                              {"To", "+18005551212"}}),
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
}

TEST(TwilioSignature, ThirdPartyVectors) {
  const auto vectors = testing::extra_vectors("twilio_signature.json");
  if (!vectors) GTEST_SKIP();
  const auto& cases = vectors->at("cases").as_array();
  for (const auto& test : cases) {
    FormParameters parameters;
    for (const auto& [name, value] : test.at("params").as_object()) {
      if (const auto* one = value.if_string()) parameters.emplace_back(name, std::string(*one));
      if (const auto* list = value.if_array()) {
        for (const auto& each : *list) parameters.emplace_back(name, std::string(each.as_string()));
      }
    }
    const std::string token(test.at("auth_token").as_string());
    const std::string url(test.at("url").as_string());
    const std::string signature(test.at("signature").as_string());
    const auto* body = test.as_object().if_contains("body");
    const bool valid = body != nullptr
                           ? twilio_json_signature_valid(token, url, std::string_view(body->as_string()), signature)
                           : twilio_signature_valid(token, url, parameters, signature);
    EXPECT_EQ(valid, test.at("expect") == "ok") << test.at("name");
  }
  std::cout << "twilio_signature.json: " << cases.size() << " cases\n";
}

TEST(TwilioSignature, OrderAndRepetitionDoNotMatter) {
  const std::string one = twilio_signature("t", kUrl, {{"a", "2"}, {"a", "1"}, {"B", "x"}, {"a", "2"}});
  EXPECT_EQ(one, twilio_signature("t", kUrl, {{"B", "x"}, {"a", "1"}, {"a", "2"}}));
  EXPECT_NE(one, twilio_signature("t", kUrl, {{"B", "x"}, {"a", "1"}}));
}

TEST(TwilioSignature, PortMayBeMissingOnEitherSide) {
  const auto valid = [](std::string_view signed_url, std::string_view received_url) {
    return twilio_signature_valid("t", received_url, {}, twilio_signature("t", signed_url, {}));
  };
  EXPECT_TRUE(valid("https://a.example:443/x?y:z@w", "https://a.example/x?y:z@w"));
  EXPECT_TRUE(valid("https://a.example/x", "https://a.example:8443/x"));
  EXPECT_TRUE(valid("http://a.example:80", "http://a.example"));
  EXPECT_TRUE(valid("https://user:pass@a.example/x", "https://user:pass@a.example:443/x"));
  EXPECT_TRUE(valid("https://user:pass@a.example:443/x", "https://user:pass@a.example/x"));
  EXPECT_TRUE(valid("https://[::1]/x", "https://[::1]:8443/x"));
  EXPECT_TRUE(valid("https://[::1]:443/x", "https://[::1]/x"));
  EXPECT_FALSE(valid("https://a.example:8443/x", "https://a.example:9443/x"));
  EXPECT_FALSE(valid("https://a.example/x", "https://a.example/y"));
  EXPECT_FALSE(valid("https://a.example/x", "not a url"));
}

TEST(TwilioSignature, JsonBodyIsCovered) {
  const std::string body = R"({"a":1})";
  const std::string url = url_with_body_hash("https://a.example/hook", body);
  EXPECT_TRUE(url.starts_with("https://a.example/hook?bodySHA256="));
  const std::string signature = twilio_signature("t", url, {});
  EXPECT_TRUE(twilio_json_signature_valid("t", url, body, signature));
  EXPECT_FALSE(twilio_json_signature_valid("t", url, R"({"a":2})", signature));
  EXPECT_FALSE(twilio_json_signature_valid("u", url, body, signature));
  // Rightly signed, but the URL says nothing of the body.
  const std::string bare = "https://a.example/hook?xbodySHA256=1";
  EXPECT_FALSE(twilio_json_signature_valid("t", bare, body, twilio_signature("t", bare, {})));
}

}  // namespace
}  // namespace countersign::crypto
