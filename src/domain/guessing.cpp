#include "domain/guessing.h"

#include <algorithm>
#include <cmath>

namespace countersign::domain {

namespace {

constexpr Duration kGuessYear = std::chrono::days(365);

double chance(int digits, std::int64_t live_codes) { return static_cast<double>(live_codes) * std::pow(10.0, -digits); }

}  // namespace

GuessBudget guesses_in_a_year(const GuessTerms& terms) {
  // A guess at two codes counts twice, so this counts codes tried, each with the chance of one. The last guess before
  // the threshold may exceed it.
  const auto row = static_cast<double>(terms.failures.disable_at + terms.failures.per_lock);
  const auto successes = static_cast<double>(terms.successes);
  const double slow_guesses =
      static_cast<double>(kGuessYear / kSlowedStartEvery) * std::min(kSlowedAttempts, terms.attempts_max);
  const auto lonely_guesses = static_cast<double>(kGuessYear / kSleepAfterGuess + 1);  // One at the start of the year.

  GuessBudget budget;
  const double code = chance(terms.code_length, 1);
  // The first hundred guesses of a year are at short codes, whatever successes are between them; all others at long
  // ones.
  budget.line =
      row * code + (successes * row + slow_guesses) * chance(std::max(terms.code_length, kSlowedCodeLength), 1);
  budget.provider_line = (row + successes + lonely_guesses) * code;
  const double app = chance(terms.app_digits, 2 * std::int64_t{terms.app_skew} + 1);
  budget.app = (1 + successes) * static_cast<double>(terms.failures.disable_at) * app;
  budget.accompanied_app = budget.app + lonely_guesses * app;
  return budget;
}

}  // namespace countersign::domain
