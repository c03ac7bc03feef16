#include "html/zone_rule.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/time.h"

namespace countersign::html {
namespace {

std::int64_t at(std::string_view time) { return to_unix_seconds(*from_rfc3339(time)); }

std::string name_at(std::string_view rule, std::string_view time) {
  const auto parsed = ZoneRule::parse(rule);
  return parsed ? parsed->at(at(time)).name : "no rule";
}

TEST(ZoneRule, ChangesAtTheSecond) {
  constexpr std::string_view kNewYork = "EST5EDT,M3.2.0,M11.1.0";
  EXPECT_EQ(name_at(kNewYork, "2040-03-11T06:59:59Z"), "EST");
  EXPECT_EQ(name_at(kNewYork, "2040-03-11T07:00:00Z"), "EDT");
  EXPECT_EQ(name_at(kNewYork, "2040-11-04T05:59:59Z"), "EDT");
  EXPECT_EQ(name_at(kNewYork, "2040-11-04T06:00:00Z"), "EST");
  EXPECT_EQ(ZoneRule::parse(kNewYork)->at(at("2040-07-01T00:00:00Z")).east, -4 * 3600);
  constexpr std::string_view kLisbon = "WET0WEST,M3.5.0/1,M10.5.0";
  EXPECT_EQ(name_at(kLisbon, "2040-03-25T00:59:59Z"), "WET");
  EXPECT_EQ(name_at(kLisbon, "2040-03-25T01:00:00Z"), "WEST");
  EXPECT_EQ(name_at(kLisbon, "2040-10-28T00:59:59Z"), "WEST");
  EXPECT_EQ(name_at(kLisbon, "2040-10-28T01:00:00Z"), "WET");
}

TEST(ZoneRule, SummerMayGoOverTheTurnOfTheYear) {
  constexpr std::string_view kSydney = "AEST-10AEDT,M10.1.0,M4.1.0/3";
  EXPECT_EQ(name_at(kSydney, "2040-12-31T23:00:00Z"), "AEDT");
  EXPECT_EQ(name_at(kSydney, "2041-01-01T00:00:00Z"), "AEDT");
  EXPECT_EQ(name_at(kSydney, "2041-07-01T00:00:00Z"), "AEST");
}

TEST(ZoneRule, HasTheFormsOfTheStandard) {
  EXPECT_EQ(name_at("<-03>3", "2040-01-01T00:00:00Z"), "-03");
  EXPECT_EQ(ZoneRule::parse("<-03>3")->at(0).east, -3 * 3600);
  EXPECT_EQ(ZoneRule::parse("<+0545>-5:45")->at(0).east, 5 * 3600 + 45 * 60);
  EXPECT_EQ(ZoneRule::parse("UTC0")->at(0).east, 0);
  // Hours beyond a day, before and after: Greenland, Gaza.
  EXPECT_EQ(name_at("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2040-03-25T00:59:59Z"), "-02");
  EXPECT_EQ(name_at("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2040-03-25T01:00:00Z"), "-01");
  EXPECT_EQ(name_at("EET-2EEST,M3.4.4/50,M10.4.4/50", "2040-03-23T23:59:59Z"), "EET");
  EXPECT_EQ(name_at("EET-2EEST,M3.4.4/50,M10.4.4/50", "2040-03-24T00:00:00Z"), "EEST");
  // Days of the year: J60 is 1 March in every year, 59 is 29 February in a leap year.
  EXPECT_EQ(name_at("AAA0BBB,J60/0,J300/0", "2040-02-29T23:59:59Z"), "AAA");
  EXPECT_EQ(name_at("AAA0BBB,J60/0,J300/0", "2040-03-01T00:00:00Z"), "BBB");
  EXPECT_EQ(name_at("AAA0BBB,59/0,300/0", "2040-02-29T00:00:00Z"), "BBB");
  EXPECT_EQ(name_at("AAA0BBB,59/0,300/0", "2041-02-28T23:59:59Z"), "AAA");
  // Summer all year.
  EXPECT_EQ(name_at("XXX3EDT4,0/0,J365/23", "2040-12-31T23:59:59Z"), "EDT");
}

TEST(ZoneRule, RefusesWhatIsNoRule) {
  for (const std::string_view bad :
       {"", "E5", "EST", "EST5EDT", "EST5EDT,", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0", "EST5EDT,M3.6.0,M11.1.0",
        "EST5EDT,M3.2.7,M11.1.0", "EST25", "EST5EDT,M3.2.0,M11.1.0x", "<-03", "EST5EDT,J0,J300",
        "EST5EDT,M3.2.0/168,M11.1.0", "EST5:60", "EST5\n"}) {
    EXPECT_FALSE(ZoneRule::parse(bad)) << bad;
  }
}

TEST(ZoneRule, HoldsForAnyText) {
  EXPECT_TRUE(rc::check("read or refused, never worse", [] {
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ESTWD<>+-0123456789,./:MJ")));
    if (const auto rule = ZoneRule::parse(text)) {
      for (const char* time : {"1900-01-01T00:00Z", "2040-02-29T12:00Z", "9999-12-31T23:59Z"})
        static_cast<void>(rule->at(at(time)));
    }
  }));
}

}  // namespace
}  // namespace countersign::html
