#include "html/escape.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/text.h"

namespace countersign::html {
namespace {

TEST(Escape, WhatWouldBeMarkupStandsForItself) {
  EXPECT_EQ(escaped("<img src=x onerror=\"alert('1')\">&amp;"),
            "&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;");
  EXPECT_EQ(escaped("São Paulo • 1\t2\n3"), "São Paulo • 1\t2\n3");
}

TEST(Escape, BrokenTextBecomesReplacementCharacters) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(escaped("a\xFF\xC3"), "a" + bad + bad);
  EXPECT_EQ(escaped("\xC0\xBC"), bad + bad);  // An overlong `<`.
  EXPECT_EQ(escaped(std::string_view("\0\x1B\x7F", 3)), bad + bad + bad);
}

TEST(Escape, NothingOfAnyBytesIsMarkup) {
  EXPECT_TRUE(rc::check("escaped bytes", [](const std::string& bytes) {
    const std::string out = escaped(bytes);
    RC_ASSERT(is_utf8(out));
    RC_ASSERT(out.find_first_of("<>\"'") == std::string::npos);
  }));
}

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
