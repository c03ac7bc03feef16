#include "crypto/web_push.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "support/fake_time.h"
#include "support/push_browser.h"
#include "support/vectors.h"

namespace countersign::crypto {
namespace {

using testing::PushBrowser;
using testing::text_of;

std::string bytes(const json::value& value) { return *from_base64url(text_of(value)); }

TEST(WebPush, Vectors) {
  const json::value vectors = testing::own_vectors("webpush.json");
  std::size_t written = 0;
  std::size_t refused = 0;
  for (const auto& test : vectors.at("webpush").as_array()) {
    const std::string name = text_of(test.at("name"));
    const std::string body = bytes(test.at("body"));
    const PushBrowser browser(bytes(test.at("ua_private")), bytes(test.at("ua_public")), bytes(test.at("auth_secret")));
    if (test.at("expect") != "ok") {
      EXPECT_FALSE(browser.read(body)) << name;
      ++refused;
      continue;
    }
    const auto to = PushRecipient::read(text_of(test.at("ua_public")), text_of(test.at("auth_secret")));
    const auto own = AgreementKey::from_scalar(bytes(test.at("as_private")));
    ASSERT_TRUE(to && own) << name;
    EXPECT_EQ(own->point(), bytes(test.at("as_public"))) << name;
    const std::string text = bytes(test.at("plaintext"));
    const auto padding = test.at("padding").to_number<std::size_t>();
    EXPECT_EQ(to_hex(encrypt_push(*to, text, text.size() + padding, *own, bytes(test.at("salt")))), to_hex(body))
        << name;
    EXPECT_EQ(browser.read(body), text) << name;
    ++written;
  }
  EXPECT_GE(written, 4U);
  EXPECT_EQ(written + refused, vectors.at("webpush").as_array().size());
}

TEST(WebPush, VectorsOfTheCoding) {
  const json::value vectors = testing::own_vectors("webpush.json");
  std::size_t written = 0;
  for (const auto& test : vectors.at("aes128gcm").as_array()) {
    const std::string name = text_of(test.at("name"));
    const std::string body = bytes(test.at("body"));
    const std::string key = bytes(test.at("key"));
    const std::string text = bytes(test.at("plaintext"));
    EXPECT_EQ(testing::decode_aes128gcm(key, body), text) << name;
    if (name != "rfc8188-section-3.1") continue;  // We write one record.
    EXPECT_EQ(encode_aes128gcm(key, body.substr(0, 16), "", text, 0), body);
    ++written;
  }
  EXPECT_EQ(written, 1U);
}

TEST(WebPush, AMessageHasAKeyAndASaltOfItsOwn) {
  testing::SeededRandom random(3);
  const PushBrowser browser;
  const auto to = PushRecipient::read(browser.p256dh_text(), browser.auth_text());
  ASSERT_TRUE(to);
  const auto one = encrypt_push(*to, "same", 0, random);
  const auto two = encrypt_push(*to, "same", 0, random);
  EXPECT_NE(one.substr(0, 16), two.substr(0, 16));
  EXPECT_NE(one.substr(21, 65), two.substr(21, 65));
  EXPECT_EQ(browser.read(one), "same");
  EXPECT_EQ(browser.read(two), "same");
  EXPECT_FALSE(PushBrowser().read(one)) << "for another browser";
}

TEST(WebPush, TheLengthSaysNothing) {
  testing::SeededRandom random(4);
  const PushBrowser browser;
  const auto to = PushRecipient::read(browser.p256dh_text(), browser.auth_text());
  ASSERT_TRUE(to);
  for (const std::string& text : {std::string(), std::string("x"), std::string(511, 'x'), std::string(512, 'x')}) {
    const auto body = encrypt_push(*to, text, 512, random);
    EXPECT_EQ(body.size(), 86U + 512 + 1 + 16);
    EXPECT_EQ(browser.read(body), text);
  }
  // The most that every push service takes.
  const auto largest = encrypt_push(*to, std::string(kPushTextMax, 'x'), 0, random);
  EXPECT_EQ(largest.size(), kPushBodyMax);
  EXPECT_EQ(browser.read(largest), std::string(kPushTextMax, 'x'));
  EXPECT_DEATH((void)encrypt_push(*to, std::string(kPushTextMax + 1, 'x'), 0, random), "");
}

TEST(WebPush, SubscriptionsAreReadStrictly) {
  const PushBrowser browser;
  const auto point = browser.p256dh_text();
  const auto auth = browser.auth_text();
  EXPECT_TRUE(PushRecipient::read(point, auth));
  std::string off = browser.point();
  off.back() = static_cast<char>(off.back() ^ 1);
  EXPECT_FALSE(PushRecipient::read(to_base64url(off), auth)) << "off the curve";
  EXPECT_FALSE(PushRecipient::read(to_base64url(browser.point().substr(1)), auth)) << "without the form";
  EXPECT_FALSE(PushRecipient::read(to_base64(browser.point()), auth)) << "another base64";
  EXPECT_FALSE(PushRecipient::read(point + "=", auth)) << "padded";
  EXPECT_FALSE(PushRecipient::read(" " + point, auth)) << "white space";
  EXPECT_FALSE(PushRecipient::read("", auth));
  EXPECT_FALSE(PushRecipient::read(point, to_base64url(browser.auth().substr(1)))) << "15 bytes";
  EXPECT_FALSE(PushRecipient::read(point, to_base64url(browser.auth() + "x"))) << "17 bytes";
  EXPECT_FALSE(PushRecipient::read(point, ""));
}

}  // namespace
}  // namespace countersign::crypto
