#include "base/trace.h"

#include <gtest/gtest.h>

#include <thread>

namespace countersign::trace {
namespace {

constexpr std::string_view kGood = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

// https://www.w3.org/TR/trace-context/#traceparent-header
TEST(Traceparent, ComesBackAsItCame) {
  for (const std::string_view good :
       {kGood, std::string_view("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")}) {
    const auto context = parse_traceparent(good);
    ASSERT_TRUE(context) << good;
    EXPECT_EQ(traceparent_of(*context), good);
    EXPECT_FALSE(context->is_traced()) << "nobody records it yet";
  }
}

TEST(Traceparent, OfLaterVersionsAndOtherFlagsIsReadAsFarAsItIsKnown) {
  const auto later = parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-is");
  ASSERT_TRUE(later);
  EXPECT_EQ(traceparent_of(*later), kGood);
  const auto flags = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-fb");
  ASSERT_TRUE(flags);
  EXPECT_EQ(traceparent_of(*flags), kGood);
}

TEST(Traceparent, ThatIsInvalidIsNone) {
  for (const std::string_view bad : {
           "",
           "00",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
           "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.more",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 ",
           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333G-01",
           "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-x1",
       }) {
    EXPECT_FALSE(parse_traceparent(bad)) << bad;
  }
}

TEST(Scopes, AreOfTheThreadAndEndWithTheirBlock) {
  const auto outer = *parse_traceparent(kGood);
  EXPECT_EQ(current().trace, SpanContext{}.trace);
  {
    const Scope scope(outer);
    EXPECT_EQ(current().trace, outer.trace);
    {
      const Scope inner(SpanContext{});
      EXPECT_EQ(current().trace, SpanContext{}.trace);
    }
    EXPECT_EQ(current().trace, outer.trace);
    std::thread([] { EXPECT_EQ(current().trace, SpanContext{}.trace); }).join();
  }
  EXPECT_EQ(current().trace, SpanContext{}.trace);
}

TEST(Spans, OfNobodyWhoTracesAreNothing) {
  auto span = Span::below_current(Kind::kInternal);
  span.name("x");
  span.set("a", 1);
  span.fail("b");
  EXPECT_FALSE(span.is_recorded());
  span.end();
}

}  // namespace
}  // namespace countersign::trace
