#include <gtest/gtest.h>

#include "simulation/game/play.h"

namespace countersign::simulation::game {

namespace {

std::string told(const PlayResult& result) {
  std::string text;
  for (const auto& [hole, finding] : result.findings) {
    text += "step " + std::to_string(finding.step) + ": " + hole + ": " + finding.text;
    for (const auto& line : finding.last) text += "\n" + line;
  }
  return text;
}

TEST(Game, KeepsItsPromises) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const auto result = play({seed, 2500, false, false});
    EXPECT_TRUE(result.findings.empty()) << "seed " << seed << " " << told(result);
  }
}

TEST(Game, IsTheSameAgainForTheSameSeed) {
  const auto once = play({7, 1200, false, true});
  const auto again = play({7, 1200, false, true});
  EXPECT_EQ(once.digest, again.digest);
  EXPECT_EQ(once.tally.counts(), again.tally.counts());
  EXPECT_NE(once.digest, play({8, 1200, false, true}).digest);
}

}  // namespace

}  // namespace countersign::simulation::game
