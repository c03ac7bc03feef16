#include "base/typed.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>

#include "base/text.h"

namespace countersign {
namespace {

TEST(PlainTyped, DigitsOfEveryScriptAreAscii) {
  for (const char* digits :
       {"0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯", "๐๑๒๓๔๕๖๗๘๙", "０１２３４５６７８９",
        "૦૧૨૩૪૫૬૭૮૯", "௦௧௨௩௪௫௬௭௮௯", "០១២៣៤៥៦៧៨៩", "၀၁၂၃၄၅၆၇၈၉", "༠༡༢༣༤༥༦༧༨༩"}) {
    EXPECT_EQ(plain_typed(digits), "0123456789") << digits;
  }
}

TEST(PlainTyped, WhatBordersOnDigitsIsNone) {
  // The neighbours of a row of digits, and numbers that are no decimal digits.
  for (const char* text :
       {"\u065F", "\u066A", "\u0965", "\u0970", "\uFF0F", "\uFF1A", "²", "½", "①", "Ⅷ", "〇", "\U0001D7CE"})
    EXPECT_EQ(plain_typed(text), text) << text;
}

TEST(PlainTyped, WhatIsNotSeenGoes) {
  for (const char* sign :
       {"\u00AD", "\u061C", "\u180E", "\u200B", "\u200C", "\u200D", "\u200E", "\u200F", "\u202A", "\u202B", "\u202C",
        "\u202D", "\u202E", "\u2060", "\u2066", "\u2067", "\u2068", "\u2069", "\uFEFF"}) {
    EXPECT_EQ(plain_typed(std::string("12") + sign + "34"), "1234") << sign;
  }
  for (const char* sign : {"\u00A0", "\u2007", "\u2009", "\u202F", "\u3000"})
    EXPECT_EQ(plain_typed(std::string("12") + sign + "34"), "12 34") << sign;
  for (const char* sign : {"\u2010", "\u2011", "\u2013", "\u2212", "\uFF0D"})
    EXPECT_EQ(plain_typed(std::string("12") + sign + "34"), "12-34") << sign;
  EXPECT_EQ(plain_typed("\uFF0B\uFF08\uFF09\uFF0E\uFF03"), "+().#");
}

TEST(PlainTyped, AllElseStays) {
  for (const char* text : {"", "AB 12-x", "Ana é José", "م", "\xFF", "\xC0\xB0", "\xE0\x80\xB0", "\xED\xA0\x80",
                           "\xF4\x90\x80\x80", "\xE2\x80", "😀"}) {
    EXPECT_EQ(plain_typed(text), text) << text;
  }
  const std::string_view with_nul("1\0002", 3);
  EXPECT_EQ(plain_typed(with_nul), with_nul);
}

TEST(PlainTyped, OnceIsEnoughAndUtf8StaysUtf8) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    const std::string once = plain_typed(bytes);
    RC_ASSERT(once.size() <= bytes.size());
    if (is_utf8(bytes)) {
      RC_ASSERT(is_utf8(once));
      RC_ASSERT(plain_typed(once) == once);
    }
  }));
}

}  // namespace
}  // namespace countersign
