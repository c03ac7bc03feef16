#include "http/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace countersign::http {
namespace {

using ::testing::ElementsAre;

TEST(Request, FindsHeadersByLowerCaseName) {
  Request request;
  request.add_header("Content-Type", "application/json");
  request.add_header("X-Tag", "one");
  request.add_header("x-tag", "two");
  EXPECT_EQ(request.header("content-type"), "application/json");
  EXPECT_EQ(request.header("x-tag"), "one");
  EXPECT_EQ(request.header_count("x-tag"), 2U);
  EXPECT_THAT(request.header_values("x-tag"), ElementsAre("one", "two"));
  EXPECT_EQ(request.header("x-other"), std::nullopt);
  EXPECT_EQ(request.header_count("x-other"), 0U);
}

TEST(Request, KeepsItsHeadersWhenMoved) {
  Request request;
  request.add_header("A", "b");
  const Request moved = std::move(request);
  EXPECT_EQ(moved.header("a"), "b");
}

TEST(Request, ReadsQueryValues) {
  Request request;
  request.query = "status=held&subject=a%2Fb&q=x+y&status=other";
  EXPECT_EQ(request.query_value("status"), "held");
  EXPECT_EQ(request.query_value("subject"), "a/b");
  EXPECT_EQ(request.query_value("q"), "x y");
  EXPECT_EQ(request.query_value("none"), std::nullopt);
}

TEST(Request, NamesMethods) {
  for (const auto method :
       {Method::kGet, Method::kHead, Method::kPost, Method::kPut, Method::kPatch, Method::kDelete, Method::kOptions}) {
    EXPECT_EQ(parse_method(method_name(method)), method);
  }
  EXPECT_EQ(parse_method("get"), Method::kOther);
  EXPECT_EQ(parse_method("TRACE"), Method::kOther);
  EXPECT_EQ(method_name(Method::kOther), "OTHER");
}

}  // namespace
}  // namespace countersign::http
