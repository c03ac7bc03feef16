#include "http/form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace countersign::http {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(Form, KeepsOrderRepetitionAndEmptyValues) {
  const auto form = parse_form("To=%2B15017122661&Channel=sms&Tag=a+b&Tag=%61%2Bb&Empty=&Bare&&x==y");
  ASSERT_TRUE(form);
  EXPECT_THAT(form->fields, ElementsAre(Pair("To", "+15017122661"), Pair("Channel", "sms"), Pair("Tag", "a b"),
                                        Pair("Tag", "a+b"), Pair("Empty", ""), Pair("Bare", ""), Pair("x", "=y")));
  EXPECT_EQ(form->value("Tag"), "a b");
  EXPECT_THAT(form->values("Tag"), ElementsAre("a b", "a+b"));
  EXPECT_EQ(form->count("Tag"), 2U);
  EXPECT_EQ(form->value("tag"), std::nullopt) << "names are case-sensitive";
}

TEST(Form, ReadsNothingFromNothing) {
  EXPECT_TRUE(parse_form("")->fields.empty());
  EXPECT_TRUE(parse_form("&&&")->fields.empty());
}

TEST(Form, RefusesWhatIsNotText) {
  for (const std::string_view text : {"a=%", "a=%4", "a=%zz", "%=1", "a=%00", "a=%ff", "a=%c3", "a=%ed%a0%80"}) {
    EXPECT_FALSE(parse_form(text)) << text;
  }
  EXPECT_FALSE(parse_form(std::string_view("a=\0", 3)));
}

TEST(Form, BoundsTheNumberOfFields) {
  EXPECT_TRUE(parse_form("a&b&c", 3));
  EXPECT_FALSE(parse_form("a&b&c&d", 3));
}

}  // namespace
}  // namespace countersign::http
