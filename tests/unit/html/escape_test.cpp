#include "html/escape.h"

#include <gtest/gtest.h>

namespace countersign::html {
namespace {

TEST(SafeLink, OnlyWhatLeadsSomewhere) {
  for (const char* good : {"https://a.example/x?y=1", "http://localhost:1/", "/verify/x", "?lang=en", "#code", "",
                           "mailto:help@example.com", "otpauth://totp/A:b?secret=X"}) {
    EXPECT_TRUE(is_safe_link(good)) << good;
  }
  for (const char* bad : {"javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)",
                          "data:text/html,x", "//evil.example", "/\\evil.example", "vbscript:x", "https:evil", "x/y"}) {
    EXPECT_FALSE(is_safe_link(bad)) << bad;
  }
}

}  // namespace
}  // namespace countersign::html
