#include <gtest/gtest.h>

#include "simulation/run.h"

namespace countersign::simulation {

namespace {

std::string told(const RunResult& result) {
  std::string text = result.violation.value_or("");
  for (const auto& line : result.last) text += "\n" + line;
  return text;
}

class Simulation : public ::testing::TestWithParam<Where> {};

TEST_P(Simulation, HoldsItsInvariants) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const auto result = run({seed, 3000, GetParam()});
    EXPECT_FALSE(result.violation) << "seed " << seed << " step " << result.steps + 1 << ": " << told(result);
    EXPECT_GT(result.tally.counts().at("holds"), 15U);
    EXPECT_GT(result.tally.counts().at("event: transaction.released"), 0U);
  }
}

TEST_P(Simulation, IsTheSameAgainForTheSameSeed) {
  const RunOptions options{7, 1500, GetParam()};
  const auto once = run(options);
  const auto again = run(options);
  EXPECT_EQ(once.digest, again.digest);
  EXPECT_EQ(once.tally.counts(), again.tally.counts());
  EXPECT_NE(once.digest, run({8, 1500, GetParam()}).digest);
}

TEST(SimulationOfNodes, HoldsItsInvariants) {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    constexpr std::uint64_t kSteps = 400;
    const auto result = run({seed, kSteps, Where::kNodes, 1 + static_cast<std::size_t>(seed)});
    // What goes out once the actors have stopped is for longer runs.
    EXPECT_FALSE(result.violation && result.steps < kSteps)
        << "seed " << seed << " step " << result.steps + 1 << ": " << told(result);
    EXPECT_GT(result.tally.counts().at("units committed"), 100U);
  }
}

INSTANTIATE_TEST_SUITE_P(On, Simulation, ::testing::Values(Where::kMemory, Where::kFile),
                         [](const auto& where) { return where.param == Where::kFile ? "File" : "Memory"; });

}  // namespace

}  // namespace countersign::simulation
