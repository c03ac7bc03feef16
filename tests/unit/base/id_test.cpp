#include "base/id.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/test_account.h"
#include "support/fake_time.h"

namespace countersign {
namespace {

// Stands in databases and in other people's logs: a change of form must show here.
TEST(Id, IsSixBytesOfTimeAndTenOfChance) {
  testing::SeededRandom random;
  testing::SeededRandom same;
  Moment moment{*from_rfc3339("2026-11-22T12:00:00.123456Z"), random};
  const auto id = TransactionId::make(moment);
  EXPECT_EQ(to_hex(id.bytes().substr(0, 6)), "01a20320a27b") << "1795348800123 milliseconds, big-endian";
  EXPECT_EQ(id.bytes().substr(6), same.bytes(10));
  EXPECT_EQ(id.text(), "TX" + to_hex(id.bytes()));
  EXPECT_EQ(TransactionId::parse(id.text()), id);
  EXPECT_EQ(to_rfc3339(id.id.time()), "2026-11-22T12:00:00.123Z");
  EXPECT_EQ(to_hex(Id::floor_of(moment.now).bytes()), "01a20320a27b00000000000000000000");
}

TEST(Id, OfATestAccountHasZerosForItsTime) {
  testing::SeededRandom random;
  Moment moment{*from_rfc3339("2026-11-22T12:00:00Z"), random};
  const auto live = AccountId::make(moment);
  const auto twin = test_twin_of(live);
  EXPECT_EQ(twin.bytes().substr(0, 6), std::string(6, '\0'));
  EXPECT_EQ(twin.bytes().substr(6), live.bytes().substr(6));
  EXPECT_TRUE(is_test(twin));
  EXPECT_FALSE(is_test(live));
}

}  // namespace
}  // namespace countersign
