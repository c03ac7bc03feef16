#pragma once

#include <optional>
#include <vector>

#include "base/time.h"

namespace countersign::domain {

// Limits are stored beside what they protect and change in the same database transaction. This is only the arithmetic:
// it does not read a clock or storage.

/// At most `max` events in `per`; 0 events means unlimited.
struct Rate {
  std::int64_t max = 0;
  Duration per{};
  friend bool operator==(const Rate&, const Rate&) = default;
};

/// Events since `start`. A window begins with its first event, so a burst cannot straddle a calendar boundary. In the
/// worst case twice `max` events fall into one `per`; smaller limits bound this.
struct Window {
  WallTime start{};
  std::int64_t count = 0;
  friend bool operator==(const Window&, const Window&) = default;
};

struct Allowance {
  bool allowed;
  Window next;             ///< With the event counted if allowed; otherwise unchanged.
  Duration retry_after{};  ///< When not allowed.
};

/// A wall clock that was set back stays in the same window and never begins a new one.
[[nodiscard]] Allowance count_event(const Window& window, const Rate& rate, WallTime now);

/// The wait after the last sending before a verification may be sent again, longer each time: 30 s, 60 s, 2 min, 5 min.
/// [THR-7]
[[nodiscard]] Duration resend_wait(const std::vector<Duration>& waits, int sends_so_far);

/// The part of a shared budget open to people who never proved the contact: `percent` of it, at least one.
[[nodiscard]] Rate strangers_part(const Rate& rate, int percent);

/// Consecutive failures of one person with one source: an authenticator, a telephone line, a mailbox. [STD-20]
struct Failures {
  std::int64_t consecutive = 0;
  std::optional<WallTime> locked_until;
  bool disabled = false;  ///< Only for an authenticator (domain/factor.h). A line is never disabled.
  friend bool operator==(const Failures&, const Failures&) = default;
};

struct FailureRules {
  std::int64_t per_lock = 5;                       ///< Consecutive failures per lock.
  Duration first_lock = std::chrono::seconds(30);  ///< Doubles with each lock…
  Duration longest_lock = std::chrono::hours(1);   ///< …up to this.
  std::int64_t disable_at = 100;                   ///< From here on an app is disabled, and a line is slowed.
};

/// Durations of a transaction: the defaults of the configuration.
struct TransactionTimes {
  Duration expires_in = std::chrono::minutes(30);  ///< From the hold, unless it sets its own.
  Duration expires_in_max = std::chrono::hours(24);
  Duration claim_window = std::chrono::minutes(5);  ///< After verification. [TXN-8]
  Duration acknowledge_within{};  ///< From the claim to the end of an unacknowledged transaction; zero: unlimited.
};

/// Rate limits within one account: the defaults of the configuration.
struct Limits {
  int attempts_max = 5;
  int sends_max = 5;
  std::vector<Duration> resend_waits = {std::chrono::seconds(30), std::chrono::seconds(60), std::chrono::seconds(120),
                                        std::chrono::seconds(300)};
  Rate sends_per_contact = {5, std::chrono::minutes(10)};  ///< To one person by one contact.
  Rate sends_per_subject = {10, std::chrono::hours(1)};    ///< To one person, by any contact.
  /// To one number or mailbox, by any requester; a subject that has proved it is exempt.
  Rate sends_per_address = {20, std::chrono::hours(1)};
  Rate sends_per_ip = {20, std::chrono::minutes(10)};  ///< Requested from one address of an end user (IPv6: /64).
  Rate sends_per_account = {10'000, std::chrono::hours(24)};
  Rate sends_per_country = {1'000, std::chrono::hours(24)};  ///< To one calling code, within one account.
  int strangers_share = 80;  ///< Percent of the three above for people who never proved the contact.
  Rate checks_per_ip = {60, std::chrono::minutes(10)};  ///< Wrong codes of people who never proved the contact.
  Rate checks_per_account;  ///< Unlimited unless set: guesses are bounded per verification and line.
  FailureRules failures;
};

/// Limits of a line or mailbox after a hundred consecutive wrong codes (FailureRules::disable_at), until a success. It
/// is never disabled, or strangers could disable a person's number, but guessing becomes hardly worth the message.
/// [STD-20, THR-4]
inline constexpr int kSlowedCodeLength = 8;
inline constexpr int kSlowedAttempts = 2;
inline constexpr Duration kSlowedStartEvery = std::chrono::hours(1);
/// Interval between guesses at a provider's code, which we cannot lengthen, and at a disabled app accompanied by
/// another kind.
inline constexpr Duration kSleepAfterGuess = std::chrono::hours(48);

[[nodiscard]] bool is_locked(const Failures& failures, WallTime now);
/// `weight`: number of codes the guess was tried against. Each further `per_lock` of them causes a lock.
[[nodiscard]] Failures after_failure(Failures failures, const FailureRules& rules, WallTime now,
                                     std::int64_t weight = 1);
[[nodiscard]] bool is_slowed(const Failures& failures, const FailureRules& rules);
/// Extends the lock to at least `until`.
[[nodiscard]] Failures locked_at_least_until(Failures failures, WallTime until);

}  // namespace countersign::domain
