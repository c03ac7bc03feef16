#pragma once

#include "domain/limits.h"

namespace countersign::domain {

// The expected successes of a patient guesser against one person in a year, computed from the settings
// (docs/security-budget.md). Mirrors the rules of limits.h, line_guard.h, factor.h and verification.h: change it
// together with them; the document's test checks the figures. [STD-22]

struct GuessTerms {
  int code_length = 6;
  int attempts_max = 5;
  FailureRules failures;
  int app_digits = 6;
  int app_skew = 1;            ///< Time steps on either side: 2 · skew + 1 codes are valid at a time.
  std::int64_t successes = 0;  ///< The person's own right codes in that year: each resets the consecutive failures.
};

/// Expected numbers of right guesses in a year.
struct GuessBudget {
  double line = 0;             ///< At our own codes, sent to one line or mailbox.
  double provider_line = 0;    ///< At codes made by a provider.
  double app = 0;              ///< At one authenticator app.
  double accompanied_app = 0;  ///< The same, by somebody who proves another kind each time.
};

/// A configuration above this causes a warning.
inline constexpr double kGuessBudgetMax = 1e-3;

[[nodiscard]] GuessBudget guesses_in_a_year(const GuessTerms& terms);

}  // namespace countersign::domain
