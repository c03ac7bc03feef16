#include "demo/brazil/phone.h"

#include <gtest/gtest.h>

namespace countersign::demo {
namespace {

TEST(Mobile, IsTakenAsPeopleWriteIt) {
  for (const auto* typed : {"(11) 98765-4321", "11987654321", "+55 11 98765-4321", "5511987654321", "011 98765 4321"})
    EXPECT_EQ(parse_mobile(typed).value_or("refused"), "+5511987654321") << typed;
  EXPECT_EQ(parse_mobile("55 98765-4321").value_or("refused"), "+5555987654321") << "the area code of Santa Maria";
  EXPECT_EQ(format_mobile("+5511987654321"), "(11) 98765-4321");
  EXPECT_EQ(mask_mobile("+5511987654321"), "(11) •••••-4321");
}

TEST(Mobile, SaysWhatIsWrong) {
  const std::pair<const char*, PhoneFault> rows[] = {
      {"", PhoneFault::kEmpty},
      {"() - ", PhoneFault::kEmpty},
      {"+55 (11) 9876", PhoneFault::kLength},
      {"(11) 8765-4321", PhoneFault::kMissingNine},
      {"(20) 98765-4321", PhoneFault::kAreaCode},
      {"(11) 3456-7890", PhoneFault::kNotMobile},
      {"(11) 88765-4321", PhoneFault::kNotMobile},
      {"+1 212 555 0100", PhoneFault::kLength},
      {"(11) 98765-432a", PhoneFault::kLength},
  };
  for (const auto& [typed, fault] : rows) {
    const auto mobile = parse_mobile(typed);
    ASSERT_FALSE(mobile) << typed;
    EXPECT_EQ(mobile.error(), fault) << typed;
  }
}

}  // namespace
}  // namespace countersign::demo
