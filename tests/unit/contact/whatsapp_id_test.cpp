#include "contact/whatsapp_id.h"

#include <gtest/gtest.h>

#include <string>

namespace countersign::contact {
namespace {

std::string phone_of(std::string_view id) {
  const auto number = phone_of_whatsapp_id(id);
  return number ? std::string(number->text()) : std::string("none");
}

TEST(WhatsappId, IsTheNumberWithoutItsPlus) {
  EXPECT_EQ(phone_of("5511987654321"), "+5511987654321");
  EXPECT_EQ(phone_of("351912345678"), "+351912345678");
  EXPECT_EQ(phone_of("12025550123"), "+12025550123");
}

TEST(WhatsappId, OfAnOldAccountIsTheNumberOfToday) {
  EXPECT_EQ(phone_of("551187654321"), "+5511987654321");  // Without the ninth digit.
  EXPECT_EQ(phone_of("5215512345678"), "+525512345678");  // With the 1 of mobile numbers.
  EXPECT_EQ(phone_of("551132345678"), "+551132345678");   // A fixed line has eight.
}

TEST(WhatsappId, IsNothingElse) {
  for (const char* wrong : {"", "+5511987654321", "5511 98765-4321", "BR.1234567890", "1", "55118765432",
                            "5501187654321", "55119876543210000", "521551234567"})
    EXPECT_EQ(phone_of(wrong), "none") << wrong;
}

}  // namespace
}  // namespace countersign::contact
