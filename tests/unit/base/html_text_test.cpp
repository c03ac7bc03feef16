#include "base/html_text.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/text.h"

namespace countersign {
namespace {

TEST(HtmlText, WhatWouldBeMarkupStandsForItself) {
  EXPECT_EQ(html_escaped("<img src=x onerror=\"alert('1')\">&amp;"),
            "&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;");
  EXPECT_EQ(html_escaped("São Paulo • 1\t2\n3"), "São Paulo • 1\t2\n3");
}

TEST(HtmlText, BrokenTextBecomesReplacementCharacters) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(html_escaped("a\xFF\xC3"), "a" + bad + bad);
  EXPECT_EQ(html_escaped("\xC0\xBC"), bad + bad);  // An overlong `<`.
  EXPECT_EQ(html_escaped(std::string_view("\0\x1B\x7F", 3)), bad + bad + bad);
}

TEST(HtmlText, NothingOfAnyBytesIsMarkup) {
  EXPECT_TRUE(rc::check("escaped bytes", [](const std::string& bytes) {
    const std::string out = html_escaped(bytes);
    RC_ASSERT(is_utf8(out));
    RC_ASSERT(out.find_first_of("<>\"'") == std::string::npos);
  }));
}

}  // namespace
}  // namespace countersign
