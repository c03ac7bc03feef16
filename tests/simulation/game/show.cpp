#include "simulation/game/show.h"

#include <fmt/format.h>

#include <chrono>
#include <iostream>

namespace countersign::simulation::game {

namespace {

/// What became of the games; 1 where a promise was broken.
int show_games(std::map<std::string, Finding> findings, const Tally& tally, std::uint64_t steps, double took) {
  for (const auto& [hole, finding] : findings) {
    std::cout << fmt::format("BROKEN promise {} ({}), seed {} step {}: {}\nwhat happened before:\n", finding.invariant,
                             hole, finding.seed, finding.step, finding.text);
    for (const auto& line : finding.last) std::cout << "  " << line << '\n';
    std::cout << fmt::format("again with: ./dev simulate --game --seed {} --steps {}\n\n", finding.seed, finding.step);
  }
  for (const auto& [what, count] : tally.counts()) std::cout << fmt::format("{:>10}  {}\n", count, what);
  std::cout << fmt::format("{} steps in {:.1f} s, {:.0f} steps/s\n", steps, took, static_cast<double>(steps) / took);
  return findings.empty() ? 0 : 1;
}

}  // namespace

int play_games(PlayOptions options, std::uint64_t seeds) {
  Tally tally;
  std::map<std::string, Finding> findings;
  std::uint64_t steps = 0;
  const auto begun = std::chrono::steady_clock::now();
  for (const std::uint64_t first = options.seed; options.seed < first + seeds; ++options.seed) {
    auto result = play(options);
    tally.add(result.tally);
    steps += result.steps;
    findings.merge(result.findings);
    if (!findings.empty() && !options.go_on) break;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  return show_games(std::move(findings), tally, steps, took.count());
}

}  // namespace countersign::simulation::game
