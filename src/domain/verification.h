#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "contact/channel.h"

namespace countersign::domain {

/// pending → approved | canceled | expired | exhausted. The last two are Twilio's `expired` and `max_attempts_reached`.
enum class VerificationStatus : std::uint8_t { kPending, kApproved, kCanceled, kExpired, kExhausted };

[[nodiscard]] std::string_view to_text(VerificationStatus status);
[[nodiscard]] std::optional<VerificationStatus> parse_verification_status(std::string_view text);

/// A code that was sent: only its keyed digest is known. `valid_until` is excluded.
struct SentCode {
  std::string digest;
  WallTime valid_until;
};

/// One out-of-band proof of a contact through a channel, with all its sendings.
/// Sending again makes a new code and keeps the attempt count; the code before stays good for its own life, because a
/// late message is the commonest cause of "wrong" codes. [trap: a resend keeps the attempt count]
struct Verification {
  VerificationId id;
  AccountId account;
  TransactionId transaction;
  ContactId contact;
  contact::Channel channel = contact::Channel::kSms;
  VerificationStatus status = VerificationStatus::kPending;
  std::optional<SentCode> code;  ///< Nothing when a provider makes and checks the code.
  std::optional<SentCode> previous_code;
  int attempts = 0;  ///< Spent on checks so far, right or wrong.
  int sends = 0;
  WallTime created_at;
  WallTime last_sent_at;
  WallTime expires_at;  ///< Of the whole verification, however often it is re-sent. [OTP-2]
};

struct VerificationRules {
  int attempts_max = 5;  ///< Consecutive failures before it is closed for good. [THR-1]
  int sends_max = 5;
  Duration code_ttl = std::chrono::minutes(10);
};

[[nodiscard]] VerificationStatus status_at(const Verification& v, WallTime now);

enum class CheckOutcome : std::uint8_t { kApproved, kWrongCode, kExhausted, kNotPending };

struct Checked {
  CheckOutcome outcome;
  Verification next;  ///< To be stored whatever the outcome: a wrong guess has spent an attempt.
  int cost = 1;       ///< So many attempts: one for each code that the guess could meet.
};

/// So many more codes can be typed in, right or wrong.
[[nodiscard]] int guesses_left(const Verification& v, const VerificationRules& rules, WallTime now);

/// Decides whether the code with this keyed digest completes `v`. Pure. Both comparisons always run, in constant time.
/// While two codes are good, a guess meets either of them and spends two attempts; with one attempt left it is judged
/// against the newer code alone. [STD-22]
/// kExhausted: this wrong guess was the last one; kNotPending: nothing was evaluated and nothing is to be stored.
[[nodiscard]] Checked check_code(const Verification& v, std::string_view submitted_digest,
                                 const VerificationRules& rules, WallTime now);

/// Spends an attempt before it is known what it is worth, for a code that a provider will judge; nothing when none is
/// left.
[[nodiscard]] std::optional<Verification> reserve_attempt(const Verification& v, const VerificationRules& rules,
                                                          WallTime now);

/// The same bookkeeping where somebody else judged the code. `cost`: attempts, of those that are left.
[[nodiscard]] Checked record_verdict(const Verification& v, bool right, const VerificationRules& rules, WallTime now,
                                     int cost = 1);

/// `v` with a freshly sent code. The caller has checked limits and `sends_max`.
[[nodiscard]] Verification with_new_code(Verification v, std::optional<std::string> digest,
                                         const VerificationRules& rules, WallTime now);

}  // namespace countersign::domain
