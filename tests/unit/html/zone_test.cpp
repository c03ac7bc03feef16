#include "html/zone.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

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

/// The file of a zone as zic writes it today: what repeats stands in the rule of its last line alone.
class SlimZones : public ::testing::Test {
 protected:
  static std::string bytes(const std::string& source, const std::string& name) {
    const std::filesystem::path dir = ::testing::TempDir() + "slim-zones-" + std::to_string(::getpid());
    std::filesystem::create_directories(dir);
    std::ofstream(dir / "source") << source;
    const std::string zic = std::filesystem::exists("/usr/sbin/zic") ? "/usr/sbin/zic" : "zic";
    const std::string command = zic + " -b slim -d " + dir.string() + " " + (dir / "source").string();
    const int status = std::system(command.c_str());
    std::string read = status == 0 ? testing::read_file(dir / name) : "";
    std::filesystem::remove_all(dir);
    return read;
  }
};

constexpr std::string_view kNewYorkSource =
    "Rule US 2007 max - Mar Sun>=8 2:00 1:00 D\n"
    "Rule US 2007 max - Nov Sun>=1 2:00 0 S\n"
    "Zone America/New_York -5:00 US E%sT\n";
constexpr std::string_view kLisbonSource =
    "Rule EU 1996 max - Mar lastSun 1:00u 1:00 S\n"
    "Rule EU 1996 max - Oct lastSun 1:00u 0 -\n"
    "Zone Europe/Lisbon 0:00 EU WE%sT\n";
constexpr std::string_view kSaoPauloSource =
    "Rule B 2018 only - Nov 4 0:00 1:00 -\n"
    "Rule B 2019 only - Feb Sun>=15 0:00 0 -\n"
    "Zone America/Sao_Paulo -3:00 B -03/-02\n";

TEST_F(SlimZones, KnowSummerAndWinterOfAllYears) {
  const auto read = [](std::string_view source, const std::string& name) {
    const std::string file = bytes(std::string(source), name);
    EXPECT_FALSE(file.empty()) << "zic (package libc-bin) is not here, or did not work";
    return Zone::parse(file, name);
  };
  const auto new_york = read(kNewYorkSource, "America/New_York");
  ASSERT_TRUE(new_york);
  for (const char* year : {"2010", "2026", "2037", "2038", "2040", "2099"}) {
    EXPECT_EQ(new_york->at(*from_rfc3339(std::string(year) + "-07-01T00:00:00Z")).name, "EDT") << year;
    EXPECT_EQ(new_york->at(*from_rfc3339(std::string(year) + "-12-25T00:00:00Z")).name, "EST") << year;
  }
  EXPECT_EQ(new_york->at(*from_rfc3339("2026-03-08T06:59:59Z")).name, "EST");
  EXPECT_EQ(new_york->at(*from_rfc3339("2026-03-08T07:00:00Z")).name, "EDT");
  const auto lisbon = read(kLisbonSource, "Europe/Lisbon");
  ASSERT_TRUE(lisbon);
  EXPECT_EQ(lisbon->at(*from_rfc3339("2026-07-01T00:00:00Z")).east, std::chrono::hours(1));
  EXPECT_EQ(lisbon->at(*from_rfc3339("2040-07-01T00:00:00Z")).name, "WEST");
  EXPECT_EQ(lisbon->at(*from_rfc3339("2040-12-25T00:00:00Z")).name, "WET");
  const auto sao_paulo = read(kSaoPauloSource, "America/Sao_Paulo");
  ASSERT_TRUE(sao_paulo);
  EXPECT_EQ(sao_paulo->at(*from_rfc3339("2018-12-25T00:00:00Z")).east, std::chrono::hours(-2));
  EXPECT_EQ(sao_paulo->at(*from_rfc3339("2040-01-15T00:00:00Z")).east, std::chrono::hours(-3));
  EXPECT_EQ(sao_paulo->at(*from_rfc3339("2040-01-15T00:00:00Z")).name, "BRT");
}

TEST(Zone, KnowsTheYearsPast2037) {
  if (!zone("America/New_York")) GTEST_SKIP() << "no tz database here";
  EXPECT_EQ(zone("America/New_York")->at(*from_rfc3339("2040-07-01T00:00:00Z")).name, "EDT");
  EXPECT_EQ(zone("Europe/Lisbon")->at(*from_rfc3339("2040-07-01T00:00:00Z")).name, "WEST");
  EXPECT_EQ(zone("America/Sao_Paulo")->at(*from_rfc3339("2040-07-01T00:00:00Z")).name, "BRT");
}

TEST(Zone, OfARuleAlone) {
  const auto sao_paulo = Zone::by_rule("<-03>3", "America/Sao_Paulo");
  ASSERT_TRUE(sao_paulo);
  EXPECT_EQ(sao_paulo->at(*from_rfc3339("2026-11-29T12:00Z")).name, "BRT");
  EXPECT_EQ(sao_paulo->at(*from_rfc3339("2026-11-29T12:00Z")).east, std::chrono::hours(-3));
  EXPECT_FALSE(Zone::by_rule("Brasilia", "America/Sao_Paulo"));
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
