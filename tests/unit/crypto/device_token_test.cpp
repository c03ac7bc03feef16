#include "crypto/device_token.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "crypto/p256.h"
#include "support/fake_time.h"

namespace countersign::crypto {
namespace {

constexpr std::string_view kHeader = R"({"typ":"JWT","alg":"ES256"})";

struct DeviceTokens : ::testing::Test {
  std::string token(std::string_view header, std::string_view claims) const {
    const std::string text = to_base64url(header) + '.' + to_base64url(claims);
    return text + '.' + to_base64url(key.sign(text));
  }

  testing::SeededRandom random;
  SigningKey key = SigningKey::generate(JwsAlgorithm::kEs256, random);
  SigningKey other = SigningKey::generate(JwsAlgorithm::kEs256, random);
  std::string point = p256_point_of(key.public_key());
};

TEST_F(DeviceTokens, AreReadAndJudgedByTheKeyOfTheDevice) {
  const auto read = read_device_token(token(kHeader, R"({"status":"approved","sid":"YC1"})"));
  ASSERT_TRUE(read);
  EXPECT_EQ(json_text(read->claims, "status"), "approved");
  EXPECT_TRUE(is_signed_by(*read, point));
  EXPECT_FALSE(is_signed_by(*read, p256_point_of(other.public_key())));
  EXPECT_FALSE(is_signed_by(*read, point.substr(1)));
  auto changed = *read;
  changed.signed_text.back() = changed.signed_text.back() == 'A' ? 'B' : 'A';
  EXPECT_FALSE(is_signed_by(changed, point));
}

TEST_F(DeviceTokens, NeedNoTypeAndMayNameAKey) {
  EXPECT_TRUE(read_device_token(token(R"({"alg":"ES256"})", "{}")));
  const std::string own_key = canonical_json(json::object{{"alg", "ES256"}, {"jwk", other.public_jwk()}});
  const auto read = read_device_token(token(own_key, "{}"));
  ASSERT_TRUE(read);
  EXPECT_FALSE(is_signed_by(*read, p256_point_of(other.public_key()))) << "a key in the header is not used";
}

TEST_F(DeviceTokens, OfOtherAlgorithmsAreNotRead) {
  for (const char* header :
       {R"({"typ":"JWT","alg":"none"})", R"({"typ":"JWT","alg":"HS256"})", R"({"typ":"JWT"})",
        R"({"typ":"JWT","alg":"EdDSA"})", R"({"typ":"JWT","alg":"es256"})", R"({"typ":"JWT","alg":["ES256"]})",
        R"({"typ":"JWT","alg":"ES256","alg":"none"})", R"({"typ":"JWT","alg":"ES256","crit":["b64"]})",
        R"({"typ":"receipt","alg":"ES256"})", R"(["ES256"])", "ES256", ""})
    EXPECT_FALSE(read_device_token(token(header, "{}"))) << header;
}

// The public key as the key of an HMAC: whoever reads the key could sign.
TEST_F(DeviceTokens, AKnownPublicKeyIsNoSecret) {
  const std::string text = to_base64url(R"({"typ":"JWT","alg":"HS256"})") + '.' + to_base64url("{}");
  for (const std::string& secret : {point, spki_of_p256_point(point), key.public_key().to_pem()})
    EXPECT_FALSE(read_device_token(text + '.' + to_base64url(hmac_sha256(secret, text))));
}

TEST_F(DeviceTokens, HaveOneForm) {
  const std::string good = token(kHeader, "{}");
  ASSERT_TRUE(read_device_token(good));
  const std::size_t last = good.rfind('.');
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), good.substr(0, last), good.substr(0, last + 1), good + ".",
        good + "=", good + "\n", " " + good, "." + good, token(kHeader, "[]"), token(kHeader, R"({"a":1,"a":1})"),
        good.substr(0, last + 1) + to_base64url(std::string(63, 'a')),
        good.substr(0, last + 1) + to_base64url(std::string(65, 'a'))})
    EXPECT_FALSE(read_device_token(text)) << text;
  const std::string nested = R"({"a":)" + std::string(100, '[') + std::string(100, ']') + "}";
  EXPECT_FALSE(read_device_token(token(kHeader, nested)));
  EXPECT_FALSE(read_device_token(token(kHeader, R"({"a":")" + std::string(70'000, 'a') + R"("})")));
}

/// The signature in DER.
std::string der_of(std::string_view raw) {
  const auto number = [](std::string_view bytes) {
    while (bytes.size() > 1 && bytes.front() == '\0') bytes.remove_prefix(1);
    std::string out = (static_cast<unsigned char>(bytes.front()) & 0x80U) != 0 ? std::string(1, '\0') : std::string();
    out += bytes;
    return std::string("\x02") + static_cast<char>(out.size()) + out;
  };
  const std::string both = number(raw.substr(0, 32)) + number(raw.substr(32));
  return std::string("\x30") + static_cast<char>(both.size()) + both;
}

TEST_F(DeviceTokens, PlainSignaturesAreStrictDer) {
  for (int i = 0; i < 100; ++i) {
    const std::string message = "YF" + std::to_string(i);
    const std::string der = der_of(key.sign(message));
    EXPECT_TRUE(is_device_signature(point, message, der));
    EXPECT_FALSE(is_device_signature(point, message + " ", der));
    EXPECT_FALSE(is_device_signature(p256_point_of(other.public_key()), message, der));
    EXPECT_FALSE(is_device_signature(point, message, der + '\0'));
    EXPECT_FALSE(is_device_signature(point, message, der.substr(0, der.size() - 1)));
  }
  EXPECT_FALSE(is_device_signature(point, "m", ""));
  EXPECT_FALSE(is_device_signature(point, "m", "0"));
  const std::string zeros = der_of(std::string(64, '\0'));
  EXPECT_FALSE(is_device_signature(point, "m", zeros));
  // A number with a zero too many.
  const std::string raw = key.sign("m");
  std::string der = der_of(raw);
  der.insert(4, 1, '\0');
  der[1] = static_cast<char>(der[1] + 1);
  der[3] = static_cast<char>(der[3] + 1);
  EXPECT_FALSE(is_device_signature(point, "m", der));
}

// What OpenSSL writes is what is written here.
TEST_F(DeviceTokens, AKeyIsWrittenAsItIsRead) {
  const std::string spki = spki_of_p256_point(point);
  EXPECT_EQ(p256_point_of_spki(spki), point);
  EXPECT_FALSE(p256_point_of_spki(spki + '\0'));
  const std::string pem = key.public_key().to_pem();
  std::string body = pem.substr(pem.find('\n') + 1);
  body.resize(body.find("-----"));
  std::erase(body, '\n');
  EXPECT_EQ(from_base64(body), spki);
}

}  // namespace
}  // namespace countersign::crypto
