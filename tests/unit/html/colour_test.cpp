#include "html/colour.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace countersign::html {
namespace {

TEST(Colour, ReadsSixHexDigits) {
  EXPECT_EQ(Colour::parse("#0b5D4e")->text(), "#0b5d4e");
  for (const char* bad : {"", "#fff", "0b5d4e0", "#0b5d4", "#0b5d4g", "#0b5d4e0", "red"})
    EXPECT_FALSE(Colour::parse(bad)) << bad;
}

TEST(Colour, ContrastIsTheOneOfWcag) {
  const Colour white = *Colour::parse("#ffffff");
  EXPECT_NEAR(contrast(white, *Colour::parse("#000000")), 21.0, 0.001);
  EXPECT_NEAR(contrast(white, white), 1.0, 0.001);
  EXPECT_NEAR(contrast(white, *Colour::parse("#767676")), 4.54, 0.005);  // The well-known lightest grey that passes.
  EXPECT_NEAR(contrast(white, *Colour::parse("#777777")), 4.48, 0.005);
}

TEST(Colour, AnyAccentGivesReadablePairs) {
  const Colour light_sheet = *Colour::parse("#ffffff");
  const Colour dark_sheet = *Colour::parse("#181c20");
  EXPECT_TRUE(rc::check("every pair that text stands in", [&](std::uint8_t r, std::uint8_t g, std::uint8_t b) {
    const Colour accent{{r, g, b}};
    for (const auto& [colours, sheet] :
         {std::pair(accent_on_light(accent), light_sheet), std::pair(accent_on_dark(accent), dark_sheet)}) {
      RC_ASSERT(contrast(colours.accent, sheet) >= kTextContrast);
      RC_ASSERT(contrast(colours.accent, colours.ink) >= kTextContrast);
      RC_ASSERT(contrast(colours.accent, colours.soft) >= kTextContrast);
    }
  }));
}

TEST(Colour, AReadableAccentStaysAsItIs) {
  EXPECT_EQ(accent_on_light(*Colour::parse("#0b5d4e")).accent.text(), "#0b5d4e");
  EXPECT_NE(readable_on_light(*Colour::parse("#ffd400")).text(), "#ffd400");
}

}  // namespace
}  // namespace countersign::html
