#include "domain/return_url.h"

#include <gtest/gtest.h>

#include <vector>

namespace countersign::domain {
namespace {

const std::vector<std::string> kApp{"https://app.example.com/back", "http://localhost:3000/"};

TEST(ReturnUrl, WithoutAListAllIsAllowed) { EXPECT_TRUE(may_return_to({}, "https://anywhere.example/x?y#z")); }

TEST(ReturnUrl, OriginExactlyAndPathBelow) {
  for (const std::string_view url :
       {"https://app.example.com/back", "https://app.example.com/back/", "https://app.example.com/back/1",
        "https://app.example.com/back?to=1", "https://app.example.com/back#top", "https://APP.example.com/back",
        "https://app.example.com:443/back", "http://localhost:3000", "http://localhost:3000/any/thing",
        "https://app.example.com/back?to=https://evil.example/../x"}) {
    EXPECT_TRUE(may_return_to(kApp, url)) << url;
  }
  for (const std::string_view url :
       {"https://app.example.com/", "https://app.example.com/backup", "https://app.example.com/Back",
        "http://app.example.com/back", "https://app.example.com:444/back", "https://app.example.com.evil.example/back",
        "https://evil.example/https://app.example.com/back", "https://app.example.com@evil.example/back",
        "https://user@app.example.com/back", "https://xapp.example.com/back", "http://localhost/",
        "http://localhost:30000/", "https://localhost:3000/", "https://app.example.com?/back"}) {
    EXPECT_FALSE(may_return_to(kApp, url)) << url;
  }
}

// Browsers take these out before they ask, so that another path is asked for than the one that was compared.
TEST(ReturnUrl, DotsCannotClimb) {
  for (const std::string_view url :
       {"https://app.example.com/back/../admin", "https://app.example.com/back/%2e%2E/admin",
        "https://app.example.com/back/.%2e/admin", "https://app.example.com/back/..",
        "https://app.example.com/back/./x", "https://app.example.com/back/..?x"}) {
    EXPECT_FALSE(may_return_to(kApp, url)) << url;
  }
  EXPECT_TRUE(may_return_to(kApp, "https://app.example.com/back/..x/.../%2ex"));
}

TEST(ReturnUrl, IsAWebUrl) {
  for (const std::string_view url : {"https://a", "http://a/b?c#d", "https://[::1]:8080/x"})
    EXPECT_TRUE(is_web_url(url));
  for (const std::string_view url : {"", "https://", "https:///x", "javascript:alert(1)", "HTTPS://a", "https://a/\\b",
                                     "https://a b", "https://a\tb", "//a", "https://:80", "https://@a", "ftp://a"}) {
    EXPECT_FALSE(is_web_url(url)) << url;
  }
}

TEST(ReturnUrl, WhatMayStandInAList) {
  for (const std::string_view url : {"https://a", "https://a/", "http://localhost:3000/x"})
    EXPECT_TRUE(is_return_prefix(url)) << url;
  for (const std::string_view url :
       {"https://a/?x", "https://a/#x", "https://u@a/", "https://a/../b", "app.example.com"})
    EXPECT_FALSE(is_return_prefix(url)) << url;
}

}  // namespace
}  // namespace countersign::domain
