#include "contact/unicode/composed.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace countersign::contact {
namespace {

// Of Unicode's NormalizationTest-14.0.0.txt, part 1 and part 2: source, and its Form C.
TEST(Composed, AsUnicodesOwnTestHasIt) {
  constexpr std::pair<const char*, const char*> kCases[] = {
      {"\u1E0A", "\u1E0A"},
      {"D\u0323\u0307", "\u1E0C\u0307"},
      {"\u1E0A\u0323", "\u1E0C\u0307"},
      {"D\u0307\u0323", "\u1E0C\u0307"},
      {"\u0112\u0300", "\u1E14"},
      {"\u212B", "\u00C5"},              // The Angstrom sign has another name.
      {"\u0958", "\u0915\u093C"},        // Never composed.
      {"\u1100\u1161\u11A8", "\uAC01"},  // Hangul.
      {"\uAC00\u11A8", "\uAC01"},
      {"\uF900", "\u8C48"},  // A compatibility ideograph.
      {"a\u0315\u0300\u05AE\u0300b", "\u00E0\u05AE\u0300\u0315b"},
      {"a\u0328\u0301", "\u0105\u0301"},
      {"\u03B1\u0345\u0301", "\u1FB4"},
  };
  for (const auto& [source, expected] : kCases) EXPECT_EQ(composed(source), expected) << source;
}

TEST(Composed, SmallLettersOneForOne) {
  EXPECT_EQ(in_small_letters("JO\u00C3O"), "jo\u00E3o");
  EXPECT_EQ(in_small_letters("\u0418\u0412\u0410\u041D"), "\u0438\u0432\u0430\u043D");
  EXPECT_EQ(in_small_letters("\u0100\u0101\u0102"), "\u0101\u0101\u0103");
  EXPECT_EQ(in_small_letters("\u00DF\u7528"), "\u00DF\u7528");
}

TEST(Composed, IsDoneOnce) {
  EXPECT_TRUE(rc::check("composed", [] {
    std::string text;
    const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
        "a", "E", "\u0301", "\u0323", "\u0345", "\u1100", "\u1161", "\u11A8", "\uAC00", "\u00C5", "\u03B1", "\u0958"}));
    for (const auto& piece : pieces) text += piece;
    RC_ASSERT(composed(composed(text)) == composed(text));
    RC_ASSERT(in_small_letters(in_small_letters(text)) == in_small_letters(text));
  }));
}

}  // namespace
}  // namespace countersign::contact
