#include "delivery/webhook_url.h"

#include <gtest/gtest.h>

namespace countersign::delivery {
namespace {

bool is_taken(std::string_view url, AddressPolicy addresses = AddressPolicy::kPublicOnly,
              PlainHttp plain = PlainHttp::kRefused) {
  return read_webhook_url(url, addresses, plain).has_value();
}
bool is_taken_inside(std::string_view url) { return is_taken(url, AddressPolicy::kAny, PlainHttp::kAllowed); }

TEST(WebhookUrl, WhatCanBeCalledIsTaken) {
  for (const std::string_view url :
       {"https://app.example.com", "https://app.example.com/", "https://app.example.com:8443/hooks?key=a%20b",
        "https://xn--exmple-cua.com/h", "https://8.8.8.8/h", "https://[2606:4700::1111]/h", "https://a_b.example.com/",
        "HTTPS://App.Example.COM/Hook", "https://example.com./h", "https://hooks/h"}) {
    EXPECT_TRUE(is_taken(url)) << url;
    EXPECT_TRUE(is_taken_inside(url)) << url;
  }
  for (const std::string_view url :
       {"http://127.0.0.1:8090/hook", "http://localhost/hook", "http://app:8080/hook", "http://[::1]:80/"})
    EXPECT_TRUE(is_taken_inside(url)) << url;
}

TEST(WebhookUrl, WhatCannotExistIsRefused) {
  for (const std::string_view url : {"https://[::1/h",
                                     "https://ex\xC3\xA4mple.com",
                                     "https://example.com/\xC3\xA4",
                                     "",
                                     "https://",
                                     "https:///h",
                                     "https://:443/h",
                                     "example.com/h",
                                     "/h",
                                     "ftp://example.com/h",
                                     "https://example.com:0/h",
                                     "https://example.com:65536/h",
                                     "https://example.com:99999999999999999999/h",
                                     "https://example.com:port/h",
                                     "https://a..b/h",
                                     "https://.example.com/h",
                                     "https://-a.example.com/h",
                                     "https://a-.example.com/h",
                                     "https://1.2.3.4.5/h",
                                     "https://256.1.1.1/h",
                                     "https://2130706433/h",
                                     "https://[v1.x]/h",
                                     "https://[::g]/h",
                                     "https://exa%6Dple.com/h",
                                     "https://ex ample.com/h",
                                     "https://example.com/a b",
                                     "https://example.com/%zz",
                                     "https://user@example.com/h",
                                     "https://user:password@example.com/h",
                                     "https://example.com/h#part",
                                     "https://example.com\\@other.example/h",
                                     "https://example.com/\n"}) {
    EXPECT_FALSE(is_taken(url)) << url;
    EXPECT_FALSE(is_taken_inside(url)) << url;
  }
  EXPECT_FALSE(is_taken("https://" + std::string(64, 'a') + ".example.com/"));
  EXPECT_FALSE(is_taken("https://example.com/" + std::string(2048, 'a')));
}

TEST(WebhookUrl, OutsideOnlyWhatIsPublic) {
  for (const std::string_view url :
       {"https://127.0.0.1/h", "https://10.0.0.1/h", "https://169.254.169.254/latest", "https://[::1]/h",
        "https://[fd00::1]/h", "https://[::ffff:10.0.0.1]/h", "https://localhost/h", "https://a.localhost/h",
        "https://LOCALHOST./h", "http://app.example.com/h"}) {
    EXPECT_FALSE(is_taken(url)) << url;
    EXPECT_TRUE(is_taken_inside(url)) << url;
  }
}

TEST(WebhookUrl, SpellingsOfOneAddressAreTheSame) {
  const auto same = [](std::string_view url) {
    return *read_webhook_url(url, AddressPolicy::kAny, PlainHttp::kAllowed);
  };
  EXPECT_EQ(same("https://example.com"), same("HTTPS://EXAMPLE.com.:443/"));
  EXPECT_EQ(same("http://example.com:80/h?a=1"), same("http://example.com/h?a=1"));
  EXPECT_EQ(same("https://[::1]/h"), same("https://[0:0:0:0:0:0:0:1]/h"));
  EXPECT_NE(same("https://example.com/h"), same("https://example.com/H"));
  EXPECT_NE(same("https://example.com/h"), same("https://example.com/h/"));
  EXPECT_NE(same("https://example.com/h"), same("https://example.com/h?a"));
  EXPECT_NE(same("https://example.com/h"), same("http://example.com/h"));
  EXPECT_NE(same("https://example.com/h"), same("https://example.com:8443/h"));
}

}  // namespace
}  // namespace countersign::delivery
