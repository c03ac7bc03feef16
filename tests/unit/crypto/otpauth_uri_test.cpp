#include "crypto/otpauth_uri.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/encoding.h"
#include "support/vectors.h"

namespace countersign::crypto {
namespace {

constexpr std::string_view kSharedKey = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

using testing::text_of;

std::string_view name_of(OtpAlgorithm algorithm) {
  return algorithm == OtpAlgorithm::kSha1 ? "SHA1" : algorithm == OtpAlgorithm::kSha256 ? "SHA256" : "SHA512";
}

OtpAlgorithm algorithm_named(std::string_view name) {
  for (const auto algorithm : {OtpAlgorithm::kSha256, OtpAlgorithm::kSha512}) {
    if (name_of(algorithm) == name) return algorithm;
  }
  return OtpAlgorithm::kSha1;
}

TEST(OtpauthUri, BuildVectors) {
  const json::value vectors = testing::own_vectors("otp.json");
  for (const auto& test : vectors.at("otpauth_build").as_array()) {
    const SecretString secret(*from_hex(text_of(test.at("secret_hex"))));
    const TotpParameters parameters{algorithm_named(text_of(test.at("algorithm"))), test.at("digits").to_number<int>(),
                                    test.at("period").to_number<std::int64_t>()};
    EXPECT_EQ(otpauth_uri(text_of(test.at("issuer")), text_of(test.at("account")), secret, parameters),
              text_of(test.at("uri")));
  }
}

TEST(OtpauthUri, ParseVectors) {
  const json::value vectors = testing::own_vectors("otp.json");
  for (const auto& test : vectors.at("otpauth_parse").as_array()) {
    const auto parsed = parse_otpauth_uri(text_of(test.at("uri")));
    ASSERT_EQ(parsed.has_value(), test.at("expect") == "ok") << test.at("why");
    if (!parsed) continue;
    const auto& expected = test.at("parsed").as_object();
    const bool hotp = parsed->type == OtpauthUri::Type::kHotp;
    EXPECT_EQ(hotp ? "hotp" : "totp", text_of(expected.at("type")));
    EXPECT_EQ(parsed->issuer, text_of(expected.at("issuer")));
    EXPECT_EQ(parsed->account, text_of(expected.at("account")));
    EXPECT_EQ(name_of(parsed->parameters.algorithm), text_of(expected.at("algorithm")));
    EXPECT_EQ(parsed->parameters.digits, expected.at("digits").to_number<int>());
    EXPECT_EQ(to_base32(parsed->secret.expose()), text_of(expected.at("secret_base32")));
    if (hotp) {
      EXPECT_EQ(parsed->counter, expected.at("counter").to_number<std::uint64_t>());
    } else {
      EXPECT_EQ(parsed->parameters.period_seconds, expected.at("period").to_number<std::int64_t>());
    }
  }
}

TEST(OtpauthUri, RefusesWhatWouldGiveWrongCodes) {
  const auto error = [](const std::string& rest) { return parse_otpauth_uri("otpauth://" + rest).error(); };
  const std::string secret = "?secret=" + std::string(kSharedKey);
  EXPECT_EQ(error("totp/x" + secret + "&digits=5"), OtpauthError::kParameter);
  EXPECT_EQ(error("totp/x" + secret + "&digits=9"), OtpauthError::kParameter);
  EXPECT_EQ(error("totp/x" + secret + "&digits=6x"), OtpauthError::kParameter);
  EXPECT_EQ(error("totp/x" + secret + "&digits="), OtpauthError::kParameter);
  EXPECT_EQ(error("totp/x" + secret + "&period=0"), OtpauthError::kParameter);
  EXPECT_EQ(error("totp/x" + secret + "&period=-30"), OtpauthError::kParameter);
  EXPECT_EQ(error("totp/x" + secret + "&period=121"), OtpauthError::kParameter);
  EXPECT_EQ(error("totp/x" + secret + "&algorithm=MD5"), OtpauthError::kParameter);
  EXPECT_EQ(error("totp/x" + secret + "&secret=" + std::string(kSharedKey)), OtpauthError::kParameter);
  EXPECT_EQ(error("totp/x" + secret + "&noequals"), OtpauthError::kParameter);
  EXPECT_EQ(error("hotp/x" + secret + "&counter=18446744073709551616"), OtpauthError::kParameter);
  EXPECT_EQ(error("totp/x?secret=MFRGG"), OtpauthError::kSecret);
  EXPECT_EQ(error("totp/x?secret=01890189018901890189"), OtpauthError::kSecret);
  EXPECT_EQ(error("totp/" + secret), OtpauthError::kLabel);
  EXPECT_EQ(error("totp/A:" + secret), OtpauthError::kLabel);
  EXPECT_EQ(error("totp/A:x" + secret + "&issuer=B"), OtpauthError::kLabel);
  EXPECT_EQ(error("totp/%zz" + secret), OtpauthError::kLabel);
  EXPECT_EQ(error("totp/%C0%AF" + secret), OtpauthError::kLabel);
  EXPECT_EQ(error("totp/a%0Ab" + secret), OtpauthError::kLabel);
  EXPECT_EQ(error("totp/x" + secret + "#fragment"), OtpauthError::kNotOtpauth);
  EXPECT_EQ(error("totp/" + std::string(5000, 'x') + secret), OtpauthError::kNotOtpauth);
}

TEST(OtpauthUri, AcceptsWhatOthersWrite) {
  const auto parsed =
      parse_otpauth_uri("otpauth://totp/alice?secret=jbswy3dpehpk3pxp&algorithm=sha256&image=x&issuer=Ex");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->issuer, "Ex");
  EXPECT_EQ(parsed->account, "alice");
  EXPECT_EQ(parsed->parameters.algorithm, OtpAlgorithm::kSha256);
}

RC_GTEST_PROP(OtpauthUri, ReadsBackWhatItWrote, ()) {
  const auto text = rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange(' ', '\x7F')));
  const std::string issuer = *text;
  const std::string account = "a" + *text;
  const SecretString secret(*rc::gen::container<std::string>(20, rc::gen::arbitrary<char>()));
  const TotpParameters parameters{*rc::gen::element(OtpAlgorithm::kSha1, OtpAlgorithm::kSha256, OtpAlgorithm::kSha512),
                                  *rc::gen::inRange(6, 9), *rc::gen::inRange<std::int64_t>(1, 121)};
  const auto parsed = parse_otpauth_uri(otpauth_uri(issuer, account, secret, parameters));
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->issuer == issuer);
  RC_ASSERT(parsed->account == account);
  RC_ASSERT(parsed->secret.expose() == secret.expose());
  RC_ASSERT(parsed->parameters.algorithm == parameters.algorithm);
  RC_ASSERT(parsed->parameters.digits == parameters.digits);
  RC_ASSERT(parsed->parameters.period_seconds == parameters.period_seconds);
}

RC_GTEST_PROP(OtpauthUri, SurvivesAnything, (const std::string& text)) {
  (void)parse_otpauth_uri(text).has_value();
  (void)parse_otpauth_uri("otpauth://totp/" + text).has_value();
  (void)parse_otpauth_uri("otpauth://hotp/x?secret=" + std::string(kSharedKey) + "&" + text).has_value();
}

}  // namespace
}  // namespace countersign::crypto
