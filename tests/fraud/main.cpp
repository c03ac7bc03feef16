#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "fraud/trust.h"
#include "fraud/world.h"

namespace {

using namespace countersign::testing::fraud;  // NOLINT(google-build-using-namespace)

constexpr std::int64_t kProvedWanted = 1'000'000;
constexpr std::int64_t kPlaceMost = 20;
constexpr double kPrefixPart = 0.3;
constexpr std::int64_t kUsualOfCompany = 100;
constexpr double kAskedMost = 0.001;
constexpr int kClaimants = 100'000;

struct Row {
  Attack attack;
  Figures ours;
  Figures published;
};

std::vector<std::string> missed(const Row& row) {
  std::vector<std::string> all;
  const auto miss = [&](bool met, std::string what) {
    if (!met) all.push_back(fmt::format("{}: {}", name_of(row.attack), what));
  };
  using enum Attack;
  const auto most = row.attack == kUsedPrefix
                        ? std::max(kPlaceMost, static_cast<std::int64_t>(kPrefixPart * kUsualOfCompany))
                        : kPlaceMost;
  const bool places = row.attack != kNone && row.attack != kPoison;
  if (places) miss(row.ours.paid_in_a_day <= most, fmt::format("{} paid messages in a day", row.ours.paid_in_a_day));
  miss(row.ours.proved_stopped == 0, fmt::format("{} people with a proved contact", row.ours.proved_stopped));
  miss(row.ours.victim_stopped == 0, fmt::format("the victim was stopped {} times", row.ours.victim_stopped));
  miss(static_cast<double>(row.ours.asked_for_more) <= kAskedMost * static_cast<double>(row.ours.newcomers),
       fmt::format("{} of {} new people asked for more", row.ours.asked_for_more, row.ours.newcomers));
  return all;
}

double percent(std::int64_t part, std::int64_t of) {
  return of == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(of);
}

}  // namespace

/// `simulate-fraud [SEED]`: the table of docs/fraud.md. 1 if an aim is missed.
int main(int argc, char** argv) {
  const std::uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
  fmt::print(
      "| attack | messages tried | paid | the most in a day to one place | new people asked for more elsewhere | with "
      "the published rules: paid | the most in a day | new people refused elsewhere |\n");
  fmt::print("| --- | --- | --- | --- | --- | --- | --- | --- |\n");
  std::vector<std::string> all_missed;
  std::int64_t proved = 0;
  for (int i = 0; i <= static_cast<int>(Attack::kPoison); ++i) {
    const Terms terms{.seed = seed, .attack = static_cast<Attack>(i)};
    Product product(expected_of(terms));
    Published published;
    const Row row{terms.attack, simulate(product, terms), simulate(published, terms)};
    fmt::print("| {} | {} | {} | {} | {:.3f} % | {} | {} | {:.3f} % |\n", name_of(row.attack), row.ours.tried,
               row.ours.paid, row.ours.paid_in_a_day, percent(row.ours.asked_for_more, row.ours.newcomers),
               row.published.paid, row.published.paid_in_a_day,
               percent(row.published.asked_for_more, row.published.newcomers));
    for (auto& what : missed(row)) all_missed.push_back(std::move(what));
    proved += row.ours.proved;
  }
  // The rest, while somebody pumps her country, her prefix and her address.
  for (std::uint64_t more = 1; proved < kProvedWanted; ++more) {
    const Terms terms{.seed = seed + more, .attack = Attack::kLockOut, .days_before = 16, .new_on_sale = 2'000};
    Product product(expected_of(terms));
    const auto figures = simulate(product, terms);
    proved += figures.proved;
    if (figures.proved_stopped > 0) all_missed.emplace_back("people with a proved contact were stopped");
  }
  fmt::print(
      "\nCodes to people who had proved their contact: {}; refused by a rule: none, so at most {:.1e} at 95 %.\n",
      proved, 3.0 / static_cast<double>(proved));
  fmt::print("\n| who wants a payout changed | noted | another kind | review |\n| --- | --- | --- | --- |\n");
  for (const auto claimant : {Claimant::kHonest, Claimant::kStuffedSession, Claimant::kSwappedSim, Claimant::kMule}) {
    const auto figures = judge_claimants(claimant, kClaimants, seed);
    fmt::print("| {} | {:.2f} % | {:.2f} % | {:.2f} % |\n", name_of(claimant), percent(figures.noted, figures.held),
               percent(figures.another_kind, figures.held), percent(figures.reviewed, figures.held));
  }
  for (const auto& what : all_missed) fmt::print("missed: {}\n", what);
  return all_missed.empty() ? 0 : 1;
}
