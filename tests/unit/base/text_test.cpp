#include "base/text.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

namespace countersign {
namespace {

std::vector<char32_t> code_points(std::string_view text) {
  std::vector<char32_t> out;
  while (!text.empty()) out.push_back(take_code_point(text));
  return out;
}

TEST(CodePoints, AreTakenOneByOne) {
  EXPECT_EQ(code_points("aé€😀"), (std::vector<char32_t>{'a', 0xE9, 0x20AC, 0x1F600}));
  EXPECT_EQ(code_points("\uFFFD"), std::vector<char32_t>{0xFFFD});
  EXPECT_EQ(code_points("\uD7FF\uE000\U0010FFFF"), (std::vector<char32_t>{0xD7FF, 0xE000, 0x10FFFF}));
}

TEST(CodePoints, EachByteThatIsNoneStandsForItself) {
  EXPECT_EQ(code_points("\xFF"), std::vector<char32_t>{kNotUtf8});
  EXPECT_EQ(code_points("\x80z"), (std::vector<char32_t>{kNotUtf8, 'z'}));
  // Overlong, a surrogate, above the last one, cut off.
  for (const std::string_view bytes : {"\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"})
    EXPECT_EQ(code_points(bytes), std::vector<char32_t>(bytes.size(), kNotUtf8));
}

TEST(CodePoints, AreOfUtf8WhereNoneIsBroken) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    const auto taken = code_points(bytes);
    RC_ASSERT(is_utf8(bytes) == (std::ranges::find(taken, kNotUtf8) == taken.end()));
    if (is_utf8(bytes)) RC_ASSERT(taken.size() == utf8_length(bytes));
  }));
}

TEST(HidesOrTurns, ControlsAndMarksOfDirectionAndNothingThatIsSeen) {
  for (const char32_t c : {0x00U, 0x0AU, 0x1FU, 0x7FU, 0x9FU, 0x061CU, 0x200BU, 0x200FU, 0x2028U, 0x202EU, 0x2060U,
                           0x2069U, 0xFEFFU, 0xFFF9U, 0xE0001U, 0xE007FU})
    EXPECT_TRUE(hides_or_turns(c)) << std::hex << static_cast<unsigned>(c);
  for (const char32_t c :
       {0x20U, 0x7EU, 0xA0U, 0x061BU, 0x200AU, 0x2010U, 0x202FU, 0x2070U, 0xFEFEU, 0xFFFDU, 0xE0080U})
    EXPECT_FALSE(hides_or_turns(c)) << std::hex << static_cast<unsigned>(c);
}

}  // namespace
}  // namespace countersign
