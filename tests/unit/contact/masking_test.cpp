#include "contact/masking.h"

#include <gtest/gtest.h>

namespace countersign::contact {
namespace {

// PHN-3.
TEST(MaskPhone, KeepsCallingCodeAndLastDigits) {
  EXPECT_EQ(mask_phone("+5511987654321"), "+55 \u2022\u2022\u2022\u2022\u2022\u2022\u20224321");
  EXPECT_EQ(mask_phone("+14155552671"), "+1 \u2022\u2022\u2022\u2022\u2022\u20222671");
  EXPECT_EQ(mask_phone_for_log("+5511987654321"), "+55*******4321");
}

TEST(MaskPhone, ShowsLessOfShortNumbers) {
  EXPECT_EQ(mask_phone_for_log("+24740123"), "+247***23");
  EXPECT_EQ(mask_phone_for_log("+4930123456"), "+49****3456");
  EXPECT_EQ(mask_phone_for_log("+493012345"), "+49*****45");
  EXPECT_EQ(mask_phone_for_log("+247123"), "+247***");
}

TEST(MaskPhone, GivesNothingOfWhatIsNoNumber) {
  for (const char* text : {"", "+", "5511987654321", "+5511987654321 ", "+0123456789", "secret"}) {
    EXPECT_EQ(mask_phone_for_log(text), "********") << text;
  }
}

TEST(MaskEmail, KeepsFirstLettersAndTopDomain) {
  EXPECT_EQ(mask_email("maria@gmail.com"), "m\u2022\u2022\u2022\u2022\u2022@g\u2022\u2022\u2022\u2022.com");
  EXPECT_EQ(mask_email_for_log("maria@gmail.com"), "m*****@g****.com");
  EXPECT_EQ(mask_email_for_log("mo@mail.exemplo.com.br"), "m*****@m****.br");
}

TEST(MaskEmail, DoesNotShowAPartWhole) { EXPECT_EQ(mask_email_for_log("m@x.com"), "*****@****.com"); }

TEST(MaskEmail, ShowsNoTopDomainThatIsAText) {
  EXPECT_EQ(mask_email_for_log("ana@loja.museum"), "a*****@l****.museum");
  for (const char* domain : {"b.ligue-ja-0800-1234567", "b.your-bank-locked-it", "b.museums", "b.a1", "b.xn--p1ai"})
    EXPECT_EQ(mask_email_for_log(std::string("a@") + domain), "*****@****.****") << domain;
}

TEST(MaskEmail, GivesNothingOfWhatIsNoAddress) {
  for (const char* text : {"", "maria", "maria@", "ma.ria@exemplo"})
    EXPECT_EQ(mask_email_for_log(text), "********") << text;
}

TEST(MaskContact, TellsTheKindsApart) {
  EXPECT_EQ(mask_contact_for_log("maria@gmail.com"), mask_email_for_log("maria@gmail.com"));
  EXPECT_EQ(mask_contact_for_log("+5511987654321"), mask_phone_for_log("+5511987654321"));
  EXPECT_EQ(mask_contact("+5511987654321"), mask_phone("+5511987654321"));
}

}  // namespace
}  // namespace countersign::contact
