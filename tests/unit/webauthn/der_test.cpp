#include "webauthn/der.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/encoding.h"

namespace countersign::webauthn::der {
namespace {

std::string hex(std::string_view text) { return from_hex(text).value(); }

TEST(Der, ReadsOneElementAfterTheOther) {
  const std::string bytes =
      hex("020105"
          "0402abcd"
          "bf853e03020100");
  Reader reader(bytes);
  EXPECT_EQ(reader.next_number(kInteger), 5U);
  EXPECT_EQ(reader.next(kOctetString), hex("abcd"));
  const auto tagged = reader.next();
  ASSERT_TRUE(tagged);
  EXPECT_TRUE(tagged->is_explicit(702));
  EXPECT_TRUE(reader.done());
}

TEST(Der, RefusesWhatIsNotTheShortestForm) {
  for (const char* loose : {
           "30800000",        // indefinite length
           "04810100",        // a length below 128 in the long form
           "0482008001",      // a length with a leading zero
           "9f0100",          // a high tag below 31
           "9f80810100",      // a high tag with leading zeros
           "9fffffffff0100",  // a tag of more than three bytes
           "0484000000010a",  // a length of four bytes
           "0403abcd",        // shorter than it says
           "04",
           "",
       }) {
    EXPECT_FALSE(only_element(hex(loose))) << loose;
  }
  EXPECT_FALSE(
      only_element(hex("020105"
                       "020105")))
      << "bytes after it";
}

TEST(Der, ReadsNumbersThatFit) {
  const auto number = [](std::string_view text) {
    const std::string bytes = hex(text);
    return Reader(bytes).next_number(kInteger);
  };
  EXPECT_EQ(number("020100"), 0U);
  EXPECT_EQ(number("02020080"), 128U);
  EXPECT_EQ(number("02087fffffffffffffff"), 0x7FFFFFFFFFFFFFFFU);
  EXPECT_FALSE(number("0200")) << "empty";
  EXPECT_FALSE(number("020180")) << "negative";
  EXPECT_FALSE(number("0202007f")) << "leading zero";
  EXPECT_FALSE(number("0209008000000000000000")) << "nine bytes";
  EXPECT_FALSE(number("0a0101")) << "another type";
}

TEST(Der, LooksIntoStructures) {
  EXPECT_TRUE(is_strict(hex("3005a003020101")));
  EXPECT_FALSE(is_strict(hex("3006a00302018101"))) << "what is inside is cut off";
  EXPECT_FALSE(is_strict(hex("30053080020100"))) << "indefinite length inside";
  std::string deep = hex("0500");
  for (int depth = 0; depth < 15; ++depth) deep = std::string{0x30, static_cast<char>(deep.size())} + deep;
  EXPECT_TRUE(is_strict(deep));
  for (int depth = 0; depth < 15; ++depth) deep = std::string{0x30, static_cast<char>(deep.size())} + deep;
  EXPECT_FALSE(is_strict(deep)) << "30 levels";
}

RC_GTEST_PROP(Der, SurvivesAnything, (const std::string& bytes)) {
  static_cast<void>(is_strict(bytes));
  Reader reader(bytes);
  while (reader.next()) {
  }
}

}  // namespace
}  // namespace countersign::webauthn::der
