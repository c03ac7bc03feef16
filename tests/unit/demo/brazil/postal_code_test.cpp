#include "demo/brazil/postal_code.h"

#include <gtest/gtest.h>

namespace countersign::demo {
namespace {

TEST(PostalCode, HasEightDigits) {
  EXPECT_EQ(parse_postal_code("01310-100"), "01310-100");
  EXPECT_EQ(parse_postal_code(" 30130010 "), "30130-010");
  EXPECT_EQ(parse_postal_code("01310 100"), "01310-100");
  EXPECT_EQ(parse_postal_code("01.310-100"), "01310-100");
  for (const auto* typed : {"", "00000-000", "1310-100", "0.1310-100", "0131-0100", "01310-10a", "01310-1000"})
    EXPECT_FALSE(parse_postal_code(typed)) << typed;
}

}  // namespace
}  // namespace countersign::demo
