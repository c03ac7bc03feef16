#include "domain/guessing.h"

#include <gtest/gtest.h>

#include <cmath>

#include "domain/factor.h"
#include "domain/line_guard.h"
#include "some.h"

namespace countersign::domain {
namespace {

constexpr Duration kOneYear = std::chrono::days(365);

double live_chance(int digits) { return std::pow(10.0, -digits); }

/// Plays a year of a guesser who never waits longer than he must, by the rules themselves: what each guess meets is
/// added up.
double played_line(const GuessTerms& terms, bool fixed_length, Duration between_successes) {
  LineGuard guard;
  WallTime now = kNoon;
  WallTime success = now + between_successes;
  double met = 0;
  while (now < kNoon + kOneYear) {
    if (now >= success) {
      guard = after_right(guard);
      success += between_successes;
    }
    if (is_locked(guard.failures, now)) {
      now = std::min(*guard.failures.locked_until, std::max(success, now + Duration(1)));
      continue;
    }
    const Duration wait = fixed_length ? Duration::zero() : slow_wait(guard, terms.failures, now);
    if (wait > Duration::zero()) {
      now += std::min(wait, std::max(success - now, Duration(1)));
      continue;
    }
    const bool slowed = is_slowed(guard, terms.failures);
    const bool lengthened = !fixed_length && needs_long_code(guard, terms.failures, now);
    const int digits = lengthened ? std::max(terms.code_length, kSlowedCodeLength) : terms.code_length;
    if (slowed) guard.slow_send_at = now;
    const int attempts = slowed ? std::min(kSlowedAttempts, terms.attempts_max) : terms.attempts_max;
    for (int i = 0; i < attempts && !is_locked(guard.failures, now); ++i) {
      guard = after_wrong(guard, terms.failures, now, 1, fixed_length);
      met += live_chance(digits);
    }
    now += seconds(1);
  }
  return met;
}

TEST(Guessing, IsNoLessThanWhatTheRulesLetAGuesserHave) {
  for (const int length : {4, 6, 8}) {
    for (const int attempts : {1, 3, 5}) {
      for (const std::int64_t successes : {0, 12, 365}) {
        GuessTerms terms;
        terms.code_length = length;
        terms.attempts_max = attempts;
        terms.successes = successes;
        const Duration between = successes == 0 ? kOneYear * 2 : kOneYear / successes;
        const auto budget = guesses_in_a_year(terms);
        const double ours = played_line(terms, false, between);
        EXPECT_LE(ours, budget.line) << length << ' ' << attempts << ' ' << successes;
        // Nor is it a bound that says nothing.
        if (successes == 0) {
          EXPECT_GE(ours, budget.line / 2) << length << ' ' << attempts;
        }
        EXPECT_LE(played_line(terms, true, between), budget.provider_line) << length << ' ' << successes;
      }
    }
  }
}

TEST(Guessing, OfAnAppIsAHundredGuessesAndThenOneInTwoDaysBesideAnotherKind) {
  for (const bool accompanied : {false, true}) {
    Factor factor;
    factor.status = FactorStatus::kActive;
    const FailureRules rules;
    int guesses = 0;
    WallTime now = kNoon;
    while (now < kNoon + kOneYear) {
      const auto refused = why_not_checkable(factor, FactorStatus::kActive, now, accompanied);
      if (refused && refused->outcome == FactorOutcome::kUnusable) break;
      if (refused) {
        now = *refused->locked_until;
        continue;
      }
      factor = record_totp(factor, std::nullopt, 1000, rules, now).next;
      ++guesses;
    }
    const auto budget = guesses_in_a_year({});
    const double bound = accompanied ? budget.accompanied_app : budget.app;
    EXPECT_LE(guesses * 3e-6, bound * (1 + 1e-9));
    EXPECT_GE(guesses * 3e-6, bound * 0.95);
  }
}

TEST(Guessing, TheDefaultsStayBelowTheBudget) {
  const auto budget = guesses_in_a_year({});
  EXPECT_LT(budget.line + budget.line + budget.app, kGuessBudgetMax);  // Telephone, mailbox and app together.
  EXPECT_LT(budget.provider_line + budget.line + budget.app, kGuessBudgetMax);
  EXPECT_LT(budget.accompanied_app, kGuessBudgetMax);
  GuessTerms daily;
  daily.successes = 365;
  EXPECT_LT(guesses_in_a_year(daily).line, kGuessBudgetMax);
}

TEST(Guessing, ShortCodesAndWideWindowsCostMoreThanThereIs) {
  GuessTerms short_codes;
  short_codes.code_length = 4;
  EXPECT_GT(guesses_in_a_year(short_codes).line, kGuessBudgetMax);
  GuessTerms wide;
  wide.app_skew = 2;
  EXPECT_NEAR(guesses_in_a_year(wide).app / guesses_in_a_year({}).app, 5.0 / 3, 1e-9);
}

}  // namespace
}  // namespace countersign::domain
