#include "html/zone.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <filesystem>

#include "support/vectors.h"

namespace countersign::html {
namespace {

std::optional<Zone> zone(const std::string& name) {
  const auto path = std::filesystem::path("/usr/share/zoneinfo") / name;
  return std::filesystem::exists(path) ? Zone::parse(testing::read_file(path), name) : std::nullopt;
}

TEST(Zone, KnowsSummerAndWinter) {
  const auto sao_paulo = zone("America/Sao_Paulo");
  if (!sao_paulo) GTEST_SKIP() << "no tz database here";
  const auto now = sao_paulo->at(*from_rfc3339("2026-11-22T17:05:00Z"));
  EXPECT_EQ(now.east, std::chrono::hours(-3));
  EXPECT_EQ(now.name, "BRT");
  EXPECT_EQ(sao_paulo->at(*from_rfc3339("2018-12-25T00:00:00Z")).east, std::chrono::hours(-2));

  const auto new_york = zone("America/New_York");
  ASSERT_TRUE(new_york);
  EXPECT_EQ(new_york->at(*from_rfc3339("2026-07-01T00:00:00Z")).name, "EDT");
  EXPECT_EQ(new_york->at(*from_rfc3339("2026-03-08T06:59:59Z")).name, "EST");
  EXPECT_EQ(new_york->at(*from_rfc3339("2026-03-08T07:00:00Z")).name, "EDT");
  EXPECT_EQ(zone("Asia/Kolkata")->at(*from_rfc3339("2026-07-01T00:00:00Z")).east, std::chrono::minutes(330));
}

TEST(Zone, UtcWhereNothingIsSaid) {
  EXPECT_EQ(Zone().at(*from_rfc3339("2026-07-01T00:00:00Z")).name, "UTC");
  EXPECT_EQ(Zone().at(*from_rfc3339("2026-07-01T00:00:00Z")).east, Duration{});
}

TEST(Zone, RefusesWhatIsNoZone) {
  EXPECT_FALSE(Zone::parse("", ""));
  EXPECT_FALSE(Zone::parse("TZif2", ""));
  EXPECT_FALSE(Zone::parse(std::string(500, '\xFF'), ""));
  const auto path = std::filesystem::path("/usr/share/zoneinfo/America/Sao_Paulo");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no tz database here";
  const std::string whole = testing::read_file(path);
  EXPECT_TRUE(rc::check("any cut and any change of a file is read or refused, never worse", [&] {
    std::string bytes = whole.substr(0, *rc::gen::inRange<std::size_t>(0, whole.size() + 1));
    if (!bytes.empty()) bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
    if (const auto read = Zone::parse(bytes, "X")) static_cast<void>(read->at(*from_rfc3339("2026-07-01T00:00:00Z")));
  }));
}

}  // namespace
}  // namespace countersign::html
