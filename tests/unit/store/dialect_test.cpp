#include "store/dialect.h"

#include <gtest/gtest.h>

#include <array>

namespace countersign::store {
namespace {

constexpr std::array kTokens{Token{"a", "one"}, Token{"bc", ""}};

TEST(Dialect, ReplacesEveryToken) {
  EXPECT_EQ(render("", kTokens), "");
  EXPECT_EQ(render("SELECT ?1", kTokens), "SELECT ?1");
  EXPECT_EQ(render("{{a}}", kTokens), "one");
  EXPECT_EQ(render("x {{a}}{{bc}} y {{a}}", kTokens), "x one y one");
}

TEST(Dialect, UnknownOrOpenTokenIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH((void)render("{{b}}", kTokens), "invariant broken");
  EXPECT_DEATH((void)render("{{a", kTokens), "invariant broken");
}

}  // namespace
}  // namespace countersign::store
