#include "http/connection_counts.h"

#include <gtest/gtest.h>

namespace countersign::http {
namespace {

TEST(ConnectionCounts, BoundsAllAndEachPeer) {
  ConnectionCounts counts(3, 2);
  const PeerKey a{4, 1};
  const PeerKey b{4, 2};
  EXPECT_TRUE(counts.enter(a));
  EXPECT_TRUE(counts.enter(a));
  EXPECT_FALSE(counts.enter(a));
  EXPECT_TRUE(counts.enter(b));
  EXPECT_FALSE(counts.enter(b)) << "three in all";
  EXPECT_EQ(counts.total(), 3U);
  counts.leave(a);
  EXPECT_TRUE(counts.enter(a));
}

TEST(ConnectionCounts, OneThatIsNobodysPeerCountsInTheTotalAlone) {
  ConnectionCounts counts(3, 1);
  const PeerKey a{4, 1};
  EXPECT_TRUE(counts.enter(std::nullopt));
  EXPECT_TRUE(counts.enter(std::nullopt));
  EXPECT_TRUE(counts.enter(a));
  EXPECT_FALSE(counts.enter(std::nullopt)) << "three in all";
  counts.leave(std::nullopt);
  EXPECT_FALSE(counts.enter(a));
  EXPECT_EQ(counts.refused(), 2U);
  counts.leave(a);
  EXPECT_TRUE(counts.enter(a));
}

TEST(ConnectionCounts, WaitsForTheLastToLeave) {
  ConnectionCounts counts(3, 0);
  const PeerKey a{4, 1};
  ASSERT_TRUE(counts.enter(a));
  EXPECT_FALSE(counts.wait_until_none(Duration(1000)));
  counts.leave(a);
  EXPECT_TRUE(counts.wait_until_none(Duration(0)));
}

}  // namespace
}  // namespace countersign::http
