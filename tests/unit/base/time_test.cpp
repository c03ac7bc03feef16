#include "base/time.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace countersign {
namespace {

const WallTime kNoon = *from_rfc3339("2026-11-29T12:00:00Z");

TEST(Rfc3339, ReadsWhatClientsWrite) {
  // Instant.toString(), OffsetDateTime.toString(), and others' ways.
  for (const char* text :
       {"2026-11-29T12:00:00Z", "2026-11-29T12:00Z", "2026-11-29t12:00:00z", "2026-11-29T12:00:00.000Z",
        "2026-11-29T12:00:00.000000000Z", "2026-11-29T09:00-03:00", "2026-11-29T17:30+05:30",
        "2026-11-29T12:00:00+00:00", "2026-11-29T12:00:00-00:00", "2026-11-29T11:59:60Z"}) {
    ASSERT_TRUE(from_rfc3339(text)) << text;
    EXPECT_EQ(*from_rfc3339(text), kNoon) << text;
  }
  EXPECT_EQ(from_rfc3339("2026-11-29T12:00:00.123456789Z"), kNoon + Duration(123'456));
  EXPECT_EQ(from_rfc3339("2026-11-29T12:00:00.1Z"), kNoon + std::chrono::milliseconds(100));
  EXPECT_EQ(from_rfc3339("2016-12-31T23:59:60Z"), from_rfc3339("2017-01-01T00:00:00Z"));
}

TEST(Rfc3339, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           "2026-11-29",
                           "2026-11-29T12",
                           "2026-11-29T12Z",
                           "2026-11-29T12:00",
                           "2026-11-29 12:00Z",
                           "2026-11-29T12:00:61Z",
                           "2026-11-29T24:00Z",
                           "2026-11-29T12:60Z",
                           "2026-11-29T12:00:00.Z",
                           "2026-11-29T12:00.5Z",
                           "2026-11-29T12:00:00.1234567891Z",
                           "2026-02-30T12:00Z",
                           "2026-13-01T12:00Z",
                           "2026-11-29T12:00+3:00",
                           "2026-11-29T12:00+03",
                           "2026-11-29T12:00+0300",
                           "2026-11-29T12:00+24:00",
                           "2026-11-29T12:00Z ",
                           "26-11-29T12:00Z",
                           "2026-11-29T12:00Z[UTC]",
                           "1795953600",
                           "-026-11-29T12:00Z"}) {
    EXPECT_FALSE(from_rfc3339(text)) << text;
  }
}

TEST(Rfc3339, ComesBackToTheMillisecond) {
  EXPECT_TRUE(rc::check([] {
    const auto millis = *rc::gen::inRange<std::int64_t>(0, 253'402'300'799'999);
    const WallTime time = from_micros(millis * 1000);
    RC_ASSERT(from_rfc3339(to_rfc3339(time)) == time);
  }));
}

}  // namespace
}  // namespace countersign
