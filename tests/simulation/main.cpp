// Runs the simulation over a range of seeds; see docs/simulation.md.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>

#include "simulation/game/show.h"
#include "simulation/run.h"

namespace {

using namespace countersign::simulation;

constexpr std::uint64_t kLongRun = 200'000;  ///< Steps in all from which on everything must have been reached.

std::string flag_of(const RunOptions& options) {
  if (options.where == Where::kNodes) return fmt::format(" --nodes {}", options.nodes);
  return options.where == Where::kFile ? " --file" : "";
}

void show(const RunOptions& options, const RunResult& result) {
  std::cout << fmt::format("FAILED seed {} step {}: {}\nwhat happened before:\n", options.seed, result.steps + 1,
                           *result.violation);
  for (const auto& line : result.last) std::cout << "  " << line << '\n';
  std::cout << fmt::format("again with: ./dev simulate --seed {} --steps {}{}\n", options.seed, options.steps,
                           flag_of(options));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Drives the use cases through crashes, races and attacks, and checks the invariants"};
  RunOptions options;
  std::uint64_t seeds = 1;
  bool on_file = false;
  app.add_option("--seed", options.seed, "The first seed")->capture_default_str();
  app.add_option("--seeds", seeds, "How many, one after the other")->capture_default_str();
  app.add_option("--steps", options.steps, "Steps of each")->capture_default_str();
  app.add_flag("--file", on_file, "On a disk that loses power, instead of in memory; slower");
  std::size_t nodes = 0;
  app.add_option("--nodes", nodes, "So many at once on one PostgreSQL; in what order they meet is not the seed's")
      ->check(CLI::Range(2, 8));
  bool game = false;
  bool tell = false;
  bool go_on = false;
  app.add_flag("--game", game, "The attacker's game instead: who holds what, and the promise");
  app.add_flag("--tell", tell, "Of the game: every step");
  app.add_flag("--go-on", go_on, "Of the game: after a broken promise, to see which others there are");
  CLI11_PARSE(app, argc, argv);
  if (game) return game::play_games({options.seed, options.steps, tell, go_on}, seeds);
  options.where = nodes > 0 ? Where::kNodes : on_file ? Where::kFile : Where::kMemory;
  if (nodes > 0) options.nodes = nodes;

  Tally tally;
  std::uint64_t steps = 0;
  const auto begun = std::chrono::steady_clock::now();
  for (const std::uint64_t first = options.seed; options.seed < first + seeds; ++options.seed) {
    const auto result = run(options);
    tally.add(result.tally);
    steps += result.steps;
    if (result.violation) {
      show(options, result);
      return 1;
    }
    std::cout << fmt::format("seed {}: {} steps, digest {:016x}", options.seed, result.steps, result.digest)
              << std::endl;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  std::cout << tally.table()
            << fmt::format("{} steps in {:.1f} s, {:.0f} steps/s\n", steps, took.count(),
                           static_cast<double>(steps) / took.count());
  const auto missing = tally.missing(options.where);
  if (missing.empty()) return 0;
  for (const auto what : missing) std::cout << "not reached: " << what << '\n';
  return steps < kLongRun ? 0 : 1;
}
