#include "demo/brazil/banks.h"

#include <gtest/gtest.h>

namespace countersign::demo {
namespace {

TEST(Banks, AreFoundAsPeopleNameThem) {
  const auto& banks = Banks::built_in();
  EXPECT_EQ(banks.all().size(), 15U);
  EXPECT_EQ(banks.as_of(), "2026-11");
  for (const auto* typed : {"341", "itau", "ITAÚ unibanco", "60701190", "341 · Itaú Unibanco"}) {
    const auto bank = banks.find(typed);
    ASSERT_TRUE(bank) << typed;
    EXPECT_EQ(bank->ispb, "60701190");
  }
  EXPECT_EQ(banks.find("00000000")->compe, "001");
  EXPECT_EQ(banks.find("Banco do Brasil")->ispb, "00000000");
}

TEST(Banks, OneThatIsNotListedGoesByItsIspb) {
  EXPECT_EQ(Banks::built_in().find("12345678")->ispb, "12345678");
  EXPECT_EQ(Banks::built_in().find("1a345678")->ispb, "1A345678");
  EXPECT_EQ(Banks::built_in().find("1a345678")->compe, "");
}

TEST(Banks, SayWhyNoneIsFound) {
  EXPECT_EQ(Banks::built_in().find("").error(), BankFault::kEmpty);
  EXPECT_EQ(Banks::built_in().find("Banco da Lua").error(), BankFault::kUnknown);
  EXPECT_EQ(Banks::built_in().find("999").error(), BankFault::kUnknown);
  EXPECT_EQ(Banks::built_in().find("pa").error(), BankFault::kSeveral);
}

TEST(Banks, AFileOfAnotherFormIsRefused) {
  for (const auto* text : {"", "[]", "{}", R"({"as_of":"x","banks":[{"ispb":"1","compe":"001","name":"x"}]})",
                           R"({"as_of":"x","banks":[1]})"}) {
    EXPECT_FALSE(Banks::from_json(text)) << text;
  }
}

}  // namespace
}  // namespace countersign::demo
