#include "html/format.h"

#include <gtest/gtest.h>

namespace countersign::html {
namespace {

const ZoneOffset kBrt{std::chrono::hours(-3), "BRT"};

TEST(Format, DatesAsPeopleWriteThemThere) {
  const WallTime time = *from_rfc3339("2026-11-22T17:05:59Z");
  EXPECT_EQ(format_date_time(time, "pt-BR", kBrt), "22/11/2026, 14:05 BRT");
  EXPECT_EQ(format_date_time(time, "en", kBrt), "Nov 22, 2026, 2:05 PM BRT");
  EXPECT_EQ(format_date_time(time, "es", kBrt), "22/11/26, 2:05 p.m. BRT");
  EXPECT_EQ(format_time(time, "pt-BR", kBrt), "14:05 BRT");
}

TEST(Format, MidnightNoonAndTheDayBefore) {
  const WallTime time = *from_rfc3339("2026-01-01T02:00:00Z");  // Still the year before in São Paulo.
  EXPECT_EQ(format_date_time(time, "pt-BR", kBrt), "31/12/2025, 23:00 BRT");
  EXPECT_EQ(format_time(*from_rfc3339("2026-01-01T00:09:00Z"), "en", {}), "12:09 AM ");
  EXPECT_EQ(format_time(*from_rfc3339("2026-01-01T12:00:00Z"), "en", {Duration{}, "UTC"}), "12:00 PM UTC");
  EXPECT_EQ(format_time(*from_rfc3339("2026-01-01T00:00:00Z"), "pt-BR", {Duration{}, "UTC"}), "00:00 UTC");
}

TEST(Format, KeysAndDigits) {
  EXPECT_EQ(in_groups_of_four("JBSWY3DPEHPK3PXP"), "JBSW Y3DP EHPK 3PXP");
  EXPECT_EQ(in_groups_of_four("ABCDE"), "ABCD E");
  EXPECT_EQ(in_groups_of_four(""), "");
  EXPECT_EQ(spaced("4321"), "4 3 2 1");
}

TEST(Format, ANameFromRightToLeftKeepsItsPlaceInASentence) {
  for (const char* name : {"شركة المسرح", "תיאטרון", "Palco של", "\uFB1D", "\uFE8E", "\U00010900"})
    EXPECT_EQ(isolated(name), "\u2068" + std::string(name) + "\u2069");
  for (const char* name : {"", "Palco", "Itaú · 日本語", "Театр", "Հայաստան", "\uFE0F", "😀"})
    EXPECT_EQ(isolated(name), name);
  EXPECT_EQ(isolated("\xD6"), "\xD6");  // Cut off: nobody knows.
}

}  // namespace
}  // namespace countersign::html
