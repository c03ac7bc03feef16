#include "api/pages/typed_code.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace countersign::api::pages {
namespace {

TEST(TypedCode, HoweverItIsTyped) {
  for (const char* typed : {"482913",
                            " 482 913 ",
                            "482-913",
                            "482–913",
                            "482.913",
                            "#482913",
                            "４８２９１３",
                            "482\u00A0913",
                            "482\u2009913",
                            "482\u3000913",
                            "482\t913",
                            "٤٨٢٩١٣",
                            "۴۸۲ ۹۱۳",
                            "४८२९१३",
                            "৪৮২৯১৩",
                            "๔๘๒๙๑๓",
                            "\u202A482913\u202C",
                            "\u2067482\u2011913\u2069",
                            "48\u00AD29\u200B13",
                            "\uFEFF482913\u200F"}) {
    EXPECT_EQ(code_in(typed, 6), "482913") << typed;
  }
}

TEST(TypedCode, OutOfAWholeMessage) {
  EXPECT_EQ(
      code_in("Palco: 482913 autoriza R$ 12.480,00 para Itau final 3661. Vale 10 min.@id.palco.example #482913", 6),
      "482913");
  EXPECT_EQ(code_in("123456 is your code: New account (Palco)", 6), "123456");
  EXPECT_EQ(code_in("ref 111111, code 222222", 6), "111111222222");  // Which of the two cannot be known.
  EXPECT_EQ(code_in("ref 111111 @a.example #222222", 6), "222222");
}

TEST(TypedCode, OutOfAMessageInAnotherScript) {
  EXPECT_EQ(code_in("رمزك هو ٤٨٢٩١٣ صالح ١٠ دقائق", 6), "482913");
  EXPECT_EQ(code_in("Código: “\u2066482913\u2069”", 6), "482913");
}

TEST(TypedCode, WhatIsNoCodeStaysWrong) {
  EXPECT_EQ(code_in("", 6), "");
  EXPECT_EQ(code_in("abc", 6), "");
  EXPECT_EQ(code_in("12345", 6), "12345");
  EXPECT_EQ(code_in("1234567", 6), "1234567");
  EXPECT_EQ(code_in(std::string(100'000, '1'), 6).size(), 1000U);
  EXPECT_EQ(code_in("\xFF\xEF\xBC\xE2\x80", 6), "");
}

TEST(TypedCode, AnyBytesGiveDigitsAlone) {
  EXPECT_TRUE(rc::check("digits alone", [](const std::string& bytes) {
    const std::string code = code_in(bytes, 6);
    RC_ASSERT(code.find_first_not_of("0123456789") == std::string::npos);
  }));
}

TEST(TypedCode, OnlyWhatIsTooShortToBeACodeStaysInTheField) {
  EXPECT_EQ(kept_code("12 34", 6), "12 34");
  EXPECT_EQ(kept_code("abc", 6), "abc");
  EXPECT_EQ(kept_code("１２３", 6), "１２３");
  EXPECT_EQ(kept_code("123456", 8), "123456");
  for (const char* whole : {"123456", "1234567", "12-34-56", "１２３４５６", "x123456y"})
    EXPECT_EQ(kept_code(whole, 6), "") << whole;
  EXPECT_EQ(kept_code(std::string(1000, 'a'), 6), "");
}

}  // namespace
}  // namespace countersign::api::pages
