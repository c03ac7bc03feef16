#include "crypto/webhook_signature.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "support/fake_time.h"
#include "support/vectors.h"

namespace countersign::crypto {
namespace {

using std::chrono::seconds;

TEST(WebhookSignature, Vectors) {
  const json::value vectors = testing::own_vectors("standard_webhooks.json");
  for (const auto& test : vectors.at("cases").as_array()) {
    const auto* text = test.as_object().if_contains("secret");
    if (text == nullptr) continue;  // v1a, the asymmetric form, is not offered.
    const auto secret = WebhookSecret::parse(std::string_view(text->as_string()));
    ASSERT_TRUE(secret);
    const auto& headers = test.at("headers").as_object();
    const auto header = [&](std::string_view name) {
      const auto* value = headers.if_contains(name);
      return value != nullptr ? std::string_view(value->as_string()) : std::string_view();
    };
    const WebhookHeaders received{header("webhook-id"), header("webhook-timestamp"), header("webhook-signature")};
    const auto verdict = verify_webhook(received, *from_base64(std::string_view(test.at("body_base64").as_string())),
                                        {&*secret, 1}, WallTime(seconds(test.at("now").to_number<std::int64_t>())),
                                        test.at("tolerance_seconds").to_number<std::int64_t>());
    EXPECT_EQ(verdict.has_value(), test.at("expect") == "ok") << test.at("name");
  }
}

TEST(WebhookSignature, SignsTheSample) {
  const auto secret = WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").value();
  EXPECT_EQ(sign_webhook("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})", {&secret, 1}),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSignature, RotationSignsWithBoth) {
  testing::SeededRandom random;
  const std::vector<WebhookSecret> both{WebhookSecret::make(random), WebhookSecret::make(random)};
  const WallTime now(seconds(1'700'000'000));
  const std::string header = sign_webhook("msg_1", 1'700'000'000, "body", both);
  EXPECT_EQ(header.find(' '), header.size() / 2);
  for (const WebhookSecret& one : both) {
    EXPECT_TRUE(verify_webhook({"msg_1", "1700000000", header}, "body", {&one, 1}, now));
  }
  const WebhookSecret stranger = WebhookSecret::make(random);
  EXPECT_EQ(verify_webhook({"msg_1", "1700000000", header}, "body", {&stranger, 1}, now).error(),
            WebhookError::kSignature);
  EXPECT_EQ(verify_webhook({"msg_1", "1700000000", header}, "body", {}, now).error(), WebhookError::kSignature);
}

TEST(WebhookSignature, EveryPartCounts) {
  testing::SeededRandom random;
  const WebhookSecret secret = WebhookSecret::make(random);
  const std::span<const WebhookSecret> secrets{&secret, 1};
  const WallTime now(seconds(1'700'000'000));
  const std::string header = sign_webhook("msg_1", 1'700'000'000, "body", secrets);
  const auto error = [&](const WebhookHeaders& headers, std::string_view body) {
    return verify_webhook(headers, body, secrets, now).error();
  };
  EXPECT_EQ(error({"msg_2", "1700000000", header}, "body"), WebhookError::kSignature);
  EXPECT_EQ(error({"msg_1", "1700000001", header}, "body"), WebhookError::kSignature);
  EXPECT_EQ(error({"msg_1", "1700000000", header}, "bodY"), WebhookError::kSignature);
  EXPECT_EQ(error({"msg_1", "1700000000", "v2" + header.substr(2)}, "body"), WebhookError::kSignature);
  EXPECT_EQ(error({"msg_1", "1699999699", header}, "body"), WebhookError::kTimestamp);
  EXPECT_EQ(error({"msg_1", "1700000301", header}, "body"), WebhookError::kTimestamp);
  EXPECT_EQ(error({"msg_1", "-1", header}, "body"), WebhookError::kMalformed);
  EXPECT_EQ(error({"msg_1", "1700000000000000000000", header}, "body"), WebhookError::kMalformed);
  EXPECT_EQ(error({"", "1700000000", header}, "body"), WebhookError::kMalformed);
  EXPECT_EQ(error({"msg_1", "1700000000", ""}, "body"), WebhookError::kMalformed);
  // "msg_1" + "." + time + "." + body would read the same with the cut one dot later.
  const std::string shifted = sign_webhook("msg_1", 1'700'000'000, "1700000000.body", secrets);
  EXPECT_EQ(error({"msg_1.1700000000", "1700000000", shifted}, "body"), WebhookError::kMalformed);
}

TEST(WebhookSecret, ReadsBackWhatItShows) {
  testing::SeededRandom random;
  const WebhookSecret secret = WebhookSecret::make(random);
  EXPECT_TRUE(secret.text().expose().starts_with("whsec_"));
  EXPECT_EQ(WebhookSecret::parse(secret.text().expose())->bytes(), secret.bytes());
  EXPECT_EQ(secret.bytes().size(), 32U);
  EXPECT_EQ(WebhookSecret::parse("whsec_" + to_base64(std::string(23, 'x'))).error(), WebhookSecretError::kLength);
  EXPECT_TRUE(WebhookSecret::parse("whsec_" + to_base64(std::string(24, 'x'))));
  EXPECT_TRUE(WebhookSecret::parse("whsec_" + to_base64(std::string(64, 'x'))));
  EXPECT_EQ(WebhookSecret::parse("whsec_" + to_base64(std::string(65, 'x'))).error(), WebhookSecretError::kLength);
  EXPECT_EQ(WebhookSecret::parse("whsec_%%%%").error(), WebhookSecretError::kEncoding);
}

}  // namespace
}  // namespace countersign::crypto
