#include "api/twilio/params.h"

#include <gtest/gtest.h>

namespace countersign::api::twilio {
namespace {

http::Form form(std::string_view text) { return *http::parse_form(text); }

/// What is wrong, as a client reads it; empty for nothing.
std::string refused(const Params& params) { return params.refusal() ? params.refusal()->detail : ""; }

TEST(TwilioParams, TextsAreCountedInCharacters) {
  const auto given = form("a=%C3%A9%C3%A9%C3%A9&empty=");
  Params params(given);
  EXPECT_EQ(params.text("a", 3), "\u00e9\u00e9\u00e9");
  EXPECT_EQ(params.text("empty", 3), "");
  EXPECT_EQ(params.text("absent", 3), std::nullopt);
  EXPECT_EQ(refused(params), "");
  EXPECT_EQ(params.text("a", 2), "\u00e9\u00e9\u00e9");
  EXPECT_EQ(refused(params), "a");
}

TEST(TwilioParams, TheFirstFaultIsToldAndTheFirstValueCounts) {
  const auto given = form("n=5&n=500&m=x");
  Params params(given);
  EXPECT_EQ(params.integer("n", 1, 9), 5);
  static_cast<void>(params.integer("m", 1, 9));
  static_cast<void>(params.required("absent", 9));
  EXPECT_EQ(refused(params), "m");
  EXPECT_EQ(params.refusal()->fault, ErrorCode::kInvalidParameter);
}

TEST(TwilioParams, NumbersAreWholeAndWithinTheirBounds) {
  for (const std::string_view bad : {"0", "10", "-5", "5.0", "5x", "x", "+5", "%205", "99999999999999999999"}) {
    const auto given = form("n=" + std::string(bad));
    Params params(given);
    static_cast<void>(params.integer("n", 1, 9));
    EXPECT_EQ(refused(params), "n") << bad;
  }
  const auto given = form("n=&low=1&high=9");
  Params params(given);
  EXPECT_EQ(params.integer("n", 1, 9), std::nullopt) << "empty is absent";
  EXPECT_EQ(params.integer("low", 1, 9), 1);
  EXPECT_EQ(params.integer("high", 1, 9), 9);
  EXPECT_EQ(refused(params), "");
}

TEST(TwilioParams, BooleansInEveryDialect) {
  const auto given = form("a=true&b=True&c=FALSE&d=&e=1");
  Params params(given);
  EXPECT_EQ(params.boolean("a"), true);
  EXPECT_EQ(params.boolean("b"), true);
  EXPECT_EQ(params.boolean("c"), false);
  EXPECT_EQ(params.boolean("d"), std::nullopt);
  EXPECT_EQ(refused(params), "");
  static_cast<void>(params.boolean("e"));
  EXPECT_EQ(refused(params), "e");
}

TEST(TwilioParams, ObjectsAreJsonInOneValue) {
  const auto given = form("python=%7B%22k%22%3A+%22v%22%7D&list=%5B%5D&broken=%7B&long=%7B%22k%22%3A%22vvvv%22%7D");
  Params params(given);
  EXPECT_EQ(params.object("python", 100)->at("k").as_string(), "v");
  EXPECT_EQ(refused(params), "");
  for (const auto* name : {"list", "broken"}) {
    Params one(given);
    EXPECT_EQ(one.object(name, 100), std::nullopt);
    EXPECT_EQ(refused(one), name);
  }
  Params one(given);
  EXPECT_EQ(one.object("long", 11), std::nullopt);
  EXPECT_EQ(refused(one), "long");
}

TEST(TwilioParams, TimesWithoutAZoneAreUtc) {
  const auto given =
      form("node=2030-01-02T03%3A04%3A05Z&java=2030-01-02T03%3A04%3A05&far=2030-01-02T05%3A04%3A05%2B02%3A00&x=soon");
  Params params(given);
  const auto time = params.time("node");
  ASSERT_TRUE(time);
  EXPECT_EQ(params.time("java"), time);
  EXPECT_EQ(params.time("far"), time);
  EXPECT_EQ(params.time("absent"), std::nullopt);
  EXPECT_EQ(refused(params), "");
  static_cast<void>(params.time("x"));
  EXPECT_EQ(refused(params), "x");
}

TEST(TwilioParams, ListsAreRepeatedNamesAndWordsAreThemselves) {
  const auto given = form("t=factor.created&other=1&t=challenge.approved&channel=SMS");
  Params params(given, ErrorCode::kInvalidRequest);
  EXPECT_EQ(params.list("t"), (std::vector<std::string>{"factor.created", "challenge.approved"}));
  static_cast<void>(params.one_of("channel", {"sms", "call"}));
  EXPECT_EQ(refused(params), "channel");
  EXPECT_EQ(params.refusal()->fault, ErrorCode::kInvalidRequest);
}

}  // namespace
}  // namespace countersign::api::twilio
