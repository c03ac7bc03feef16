#include "demo/webhook.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/encoding.h"
#include "base/json.h"
#include "support/fake_time.h"

namespace countersign::demo {
namespace {

WallTime at_second(std::int64_t seconds) { return from_micros(seconds * 1'000'000); }

/// The vectors of the specification's libraries, as far as they are symmetric.
TEST(Webhook, JudgesAsTheVectorsDo) {
  std::ifstream file(CS_SOURCE_DIR "/tests/vectors/standard_webhooks.json");
  std::stringstream text;
  text << file.rdbuf();
  int judged = 0;
  const auto vectors = parse_json(text.str()).value();
  for (const auto& one : vectors.get_object().at("cases").get_array()) {
    const auto& row = one.get_object();
    const auto secret = json_text(row, "secret");
    if (!secret) continue;
    const auto& headers = row.at("headers").get_object();
    const auto body = *from_base64(*json_text(row, "body_base64"));
    const WebhookMessage message{json_text(headers, "webhook-id").value_or(""),
                                 json_text(headers, "webhook-timestamp").value_or(""),
                                 json_text(headers, "webhook-signature").value_or(""), body};
    EXPECT_EQ(is_genuine(message, *secret, at_second(*json_integer(row, "now"))), json_text(row, "expect") == "ok")
        << *json_text(row, "name");
    ++judged;
  }
  EXPECT_GE(judged, 10);
}

TEST(Webhook, EverythingThatWasSignedCounts) {
  const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const auto now = at_second(1614265330);
  const WebhookMessage genuine{"msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
                               "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", R"({"test": 2432232314})"};
  ASSERT_TRUE(is_genuine(genuine, secret, now));
  auto other = genuine;
  other.body = R"({"test": 2432232315})";
  EXPECT_FALSE(is_genuine(other, secret, now));
  other = genuine;
  other.id = "msg_p5jXN8AQM9LWM0D4loKWxJel";
  EXPECT_FALSE(is_genuine(other, secret, now));
  other = genuine;
  other.timestamp = "1614265331";
  EXPECT_FALSE(is_genuine(other, secret, now));
  testing::SeededRandom random;
  EXPECT_FALSE(is_genuine(genuine, make_webhook_secret(random).expose(), now));
  EXPECT_FALSE(is_genuine(genuine, "", now));
}

TEST(Webhook, NamesItsTransaction) {
  EXPECT_EQ(transaction_of(R"({"type":"transaction.verified","data":{"id":"TX1"}})"), "TX1");
  for (const auto* body : {"", "1", "{}", R"({"data":1})", R"({"data":{"id":1}})"}) EXPECT_FALSE(transaction_of(body));
}

}  // namespace
}  // namespace countersign::demo
