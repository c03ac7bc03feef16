#pragma once

#include "domain/limits.h"

namespace countersign::domain {

// What a patient guesser can expect of one person in a year, from the settings alone (docs/security-budget.md).
// Arithmetic over the rules of limits.h, line_guard.h, factor.h and verification.h: whoever changes one of them changes
// it here, and the document's test says so. [STD-22]

struct GuessTerms {
  int code_length = 6;
  int attempts_max = 5;
  FailureRules failures;
  int app_digits = 6;
  int app_skew = 1;            ///< Time steps to either side: 2 · skew + 1 codes are good at a time.
  std::int64_t successes = 0;  ///< Right codes of the person herself in that year: each begins a new row.
};

/// Expected numbers of right guesses in a year.
struct GuessBudget {
  double line = 0;             ///< At codes that we make, sent to one line or mailbox.
  double provider_line = 0;    ///< At codes that a provider makes.
  double app = 0;              ///< At one authenticator app.
  double accompanied_app = 0;  ///< The same, by somebody who proves another kind each time.
};

/// Above this a configuration is warned about.
inline constexpr double kGuessBudgetMax = 1e-3;

[[nodiscard]] GuessBudget guesses_in_a_year(const GuessTerms& terms);

}  // namespace countersign::domain
