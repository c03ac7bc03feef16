#include "crypto/vapid.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "support/fake_time.h"
#include "support/push_browser.h"
#include "support/vectors.h"

namespace countersign::crypto {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::text_of;
using testing::why_not_vapid;

constexpr std::string_view kEndpoint = "https://push.example.net/p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV";
constexpr std::string_view kOrigin = "https://push.example.net";
constexpr WallTime kNow(seconds(1'772'323'200));

VapidKey new_key(std::size_t most = 256) {
  testing::SeededRandom random(5);
  return {SigningKey::generate(JwsAlgorithm::kEs256, random), "mailto:ops@countersign.dev", most};
}

/// Of the reader that judges our own tokens below.
TEST(Vapid, Vectors) {
  const json::value vectors = testing::own_vectors("webpush.json");
  for (const auto& test : vectors.at("vapid").as_array()) {
    const WallTime now(seconds(test.at("now").to_number<std::int64_t>()));
    EXPECT_EQ(why_not_vapid(text_of(test.at("authorization")), text_of(test.at("endpoint")), now).empty(),
              test.at("expect") == "ok")
        << text_of(test.at("name"));
  }
}

TEST(Vapid, APushServiceAcceptsTheToken) {
  const auto key = new_key();
  const auto text = key.authorization(kOrigin, kNow);
  EXPECT_EQ(why_not_vapid(text, kEndpoint, kNow, key.point()), "");
  EXPECT_EQ(why_not_vapid(text, "https://other.example.net/p", kNow), "audience");
  EXPECT_EQ(key.public_text(), to_base64url(key.point()));
  EXPECT_EQ(key.point().size(), 65U);
  EXPECT_EQ(text.find("kid"), std::string::npos);
}

TEST(Vapid, ATokenIsUsedAgainForItsOriginWhileItLastsLong) {
  const auto key = new_key();
  const auto first = key.authorization(kOrigin, kNow);
  EXPECT_EQ(key.authorization(kOrigin, kNow + hours(6) - seconds(1)), first);
  EXPECT_NE(key.authorization("https://web.push.apple.com", kNow), first);
  // Whoever gets it at the end of its use still has hours for a clock that is wrong.
  EXPECT_EQ(why_not_vapid(first, kEndpoint, kNow + hours(11), key.point()), "");
  const auto second = key.authorization(kOrigin, kNow + hours(6));
  EXPECT_NE(second, first);
  EXPECT_EQ(why_not_vapid(second, kEndpoint, kNow + hours(17), key.point()), "");
  // A clock that was set back: the kept token would last too long.
  EXPECT_EQ(why_not_vapid(key.authorization(kOrigin, kNow - hours(48)), kEndpoint, kNow - hours(48)), "");
}

TEST(Vapid, NoMoreOriginsAreKeptThanAllowed) {
  const auto key = new_key(2);
  const auto first = key.authorization("https://a.example", kNow);
  (void)key.authorization("https://b.example", kNow);
  EXPECT_EQ(key.authorization("https://a.example", kNow), first);
  (void)key.authorization("https://c.example", kNow);  // b was used longest ago.
  EXPECT_EQ(key.size(), 2U);
  EXPECT_EQ(key.authorization("https://a.example", kNow), first);
}

}  // namespace
}  // namespace countersign::crypto
