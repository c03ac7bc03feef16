#include <fmt/format.h>

#include <cstdlib>

#include "carriers/carriers.h"
#include "carriers/conversion.h"

/// `simulate-carriers [SEED]`: the tables of docs/carriers.md.
int main(int argc, char** argv) {
  using namespace countersign::testing::carriers;  // NOLINT(google-build-using-namespace)
  const std::uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
  fmt::print(
      "| the first provider | way | code within 60 s | messages for a hundred people | got it twice | dollars for a "
      "hundred people |\n");
  fmt::print("| --- | --- | --- | --- | --- | --- |\n");
  for (const auto trouble : {Trouble::kNone, Trouble::kRefuses, Trouble::kHangs, Trouble::kSwallows,
                             Trouble::kOneCountry, Trouble::kHalf, Trouble::kThird}) {
    for (const auto way : {Way::kOneProvider, Way::kInOrder, Way::kReports, Way::kKnown}) {
      const Terms terms{.seed = seed, .trouble = trouble, .way = way};
      const auto figures = simulate(terms);
      const double people = terms.people / 100.0;
      fmt::print("| {} | {} | {:.1f} % | {:.1f} | {:.1f} % | {:.2f} |\n", name_of(trouble), name_of(way),
                 figures.percent(), figures.messages / people, figures.twice / people,
                 static_cast<double>(figures.micros) / 1e6 / people);
    }
  }
  fmt::print(
      "\n| the first provider, to one country | weights | code within 60 s, then | afterwards | elsewhere | its weight "
      "then, at the end of the day | dollars for a hundred people |\n");
  fmt::print("| --- | --- | --- | --- | --- | --- | --- |\n");
  for (const auto weakness : {Weakness::kNone, Weakness::kPoor, Weakness::kLate}) {
    for (const bool learned : {false, true}) {
      const auto figures = simulate_day({.seed = seed, .weakness = weakness, .learned = learned});
      fmt::print("| {} | {} | {:.1f} % | {:.1f} % | {:.1f} % | {} | {:.2f} |\n", name_of(weakness),
                 learned ? "learned" : "fixed", figures.troubled, figures.after, figures.elsewhere,
                 learned ? fmt::format("{:.1f} %, {:.1f} %", figures.share_then / 10.0, figures.share_after / 10.0)
                         : std::string("as configured"),
                 static_cast<double>(figures.micros) / 1e4);
    }
  }
}
