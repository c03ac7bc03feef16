#include "main/config/units.h"

#include <gtest/gtest.h>

namespace countersign::main {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Units, ReadsDurations) {
  EXPECT_EQ(parse_duration("250ms"), Duration(milliseconds(250)));
  EXPECT_EQ(parse_duration("30s"), Duration(seconds(30)));
  EXPECT_EQ(parse_duration("10m"), Duration(minutes(10)));
  EXPECT_EQ(parse_duration("24h"), Duration(hours(24)));
  EXPECT_EQ(parse_duration("30d"), Duration(hours(24 * 30)));
  EXPECT_EQ(parse_duration("0s"), Duration::zero());
}

TEST(Units, RefusesWhatIsNoDuration) {
  for (const auto* text : {"", "10", "m", "-1m", "+1m", "1.5h", "10 m", "10M", "10min", " 10m", "1m30s",
                           "99999999999999999999s", "9223372036854775807d", "3654d"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  EXPECT_TRUE(parse_duration("3653d"));
}

TEST(Units, WritesDurationsInTheLargestUnit) {
  for (const auto* text : {"250ms", "30s", "90s", "10m", "25h", "30d", "0s"}) {
    EXPECT_EQ(to_text(*parse_duration(text)), text);
  }
  EXPECT_EQ(to_text(Duration(minutes(120))), "2h");
}

TEST(Units, ReadsRates) {
  EXPECT_EQ(parse_rate("5 per 10m"), (domain::Rate{5, minutes(10)}));
  EXPECT_EQ(to_text(domain::Rate{1000, hours(24)}), "1000 per 1d");
  for (const auto* text : {"", "5", "0 per 10m", "5per10m", "5 per", "5 per 0s", "per 10m", "-5 per 10m"}) {
    EXPECT_FALSE(parse_rate(text)) << text;
  }
}

}  // namespace
}  // namespace countersign::main
