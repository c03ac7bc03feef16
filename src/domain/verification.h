#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "contact/channel.h"

namespace countersign::domain {

/// pending → approved | canceled | expired | exhausted. The last two are Twilio's `expired` and `max_attempts_reached`.
enum class VerificationStatus : std::uint8_t { kPending, kApproved, kCanceled, kExpired, kExhausted };

[[nodiscard]] std::string_view to_text(VerificationStatus status);
[[nodiscard]] std::optional<VerificationStatus> parse_verification_status(std::string_view text);

/// A sent code, as its keyed digest. `valid_until` is exclusive.
struct SentCode {
  std::string digest;
  WallTime valid_until;
};

/// One out-of-band proof of a contact through a channel, with all its messages. Sending again makes a new code and
/// keeps the attempt count; the previous code stays valid until its own expiry, because a late message is the commonest
/// cause of "wrong" codes. [trap: a resend keeps the attempt count] Only the functions below change `status`, the
/// codes, the counts and `last_sent_at`.
struct Verification {
  VerificationId id;
  AccountId account;
  TransactionId transaction;
  ContactId contact;
  contact::Channel channel = contact::Channel::kSms;
  VerificationStatus status = VerificationStatus::kPending;
  std::optional<SentCode> code;  ///< nullopt when a provider makes and checks the code.
  std::optional<SentCode> previous_code;
  int attempts = 0;  ///< Spent on checks so far, right or wrong.
  int sends = 0;
  WallTime created_at;
  WallTime last_sent_at;
  WallTime expires_at;  ///< Of the whole verification, whatever the number of messages. [OTP-2]
};

struct VerificationRules {
  int attempts_max = 5;  ///< Consecutive failures before it is closed. [THR-1]
  int sends_max = 5;
  Duration code_ttl = std::chrono::minutes(10);
};

/// Unanswered codes sent to one line or mailbox for one purpose, by any channel.
struct SentBefore {
  int sends = 0;
  WallTime last_sent_at;
};
[[nodiscard]] SentBefore sendings_of(const Verification& v);
/// The sum of both.
[[nodiscard]] SentBefore together(const SentBefore& a, const SentBefore& b);

[[nodiscard]] VerificationStatus status_at(const Verification& v, WallTime now);

enum class CheckOutcome : std::uint8_t { kApproved, kWrongCode, kExhausted, kNotPending };

struct Checked {
  CheckOutcome outcome;
  Verification next;  ///< Store it unless the outcome is kNotPending: a wrong guess has spent an attempt.
  int cost = 1;       ///< Attempts spent: one for each code that the guess was compared with.
};

/// How many more codes can be submitted, right or wrong.
[[nodiscard]] int guesses_left(const Verification& v, const VerificationRules& rules, WallTime now);

enum class NotSent : std::uint8_t { kSendsSpent, kTooSoon };
/// nullopt if another code may be sent now; otherwise why not. A verification may be sent at most `sends_max` times if
/// `again`; every message but the first waits until `next_send_at`. [THR-7]
[[nodiscard]] std::optional<NotSent> why_not_sent(const SentBefore& before, bool again, const VerificationRules& rules,
                                                  const std::vector<Duration>& resend_waits, WallTime now);
[[nodiscard]] WallTime next_send_at(const SentBefore& before, const std::vector<Duration>& resend_waits);

// The transitions. Each starts at pending and documents what it returns from every other status.
// tests/unit/domain/verification_transitions_test.cpp has a table of every status and every transition.

/// Stays pending, with a newly sent code; `digest` is nullopt when a provider makes and checks the code. The previous
/// code stays valid until its own expiry. The caller has called why_not_sent(); sending one that is over is a bug
/// (CS_CHECK).
[[nodiscard]] Verification with_new_code(Verification v, std::optional<std::string> digest,
                                         const VerificationRules& rules, WallTime now);

/// Stays pending, and changes to another channel, with `contact` of the same address. Calling it on one that is over is
/// a bug (CS_CHECK).
[[nodiscard]] Verification by_channel(Verification v, const ContactId& contact, contact::Channel channel);

/// Checks a code's keyed digest against `v`: approved if right; if wrong, still pending, or exhausted after the last
/// attempt. Pure. Both comparisons always run, in constant time. While two codes are valid, a guess is compared with
/// both and spends two attempts; with one attempt left it is compared only with the newer code. [STD-22] kNotPending
/// from every other status, and if no attempt is left: nothing was evaluated, nothing needs to be stored.
[[nodiscard]] Checked check_code(const Verification& v, std::string_view submitted_digest,
                                 const VerificationRules& rules, WallTime now);

/// Stays pending: spends an attempt before a provider judges the code. nullopt from every other status, and if no
/// attempt is left.
[[nodiscard]] std::optional<Verification> reserve_attempt(const Verification& v, const VerificationRules& rules,
                                                          WallTime now);

/// A provider's verdict on a code for which reserve_attempt() spent an attempt.
enum class ProviderVerdict : std::uint8_t {
  kRight,      ///< To approved.
  kWrong,      ///< Stays pending, or to exhausted after the last attempt.
  kOver,       ///< The provider no longer has the verification: to expired.
  kExhausted,  ///< The provider allows no more guesses: to exhausted.
  kNotAsked,   ///< The provider certainly judged nothing: stays pending, and the attempt is returned.
  kUnknown,    ///< The provider may have judged: stays pending, and the attempt stays spent.
};
/// nullopt from every stored status but pending. The attempt was spent in time, so the verdict counts even if the
/// verification expired during the provider's call.
[[nodiscard]] std::optional<Verification> with_provider_verdict(Verification v, ProviderVerdict verdict,
                                                                const VerificationRules& rules);

/// To approved without a code: the application reports its own proof. nullopt from every other status.
[[nodiscard]] std::optional<Verification> approved_by_report(Verification v, WallTime now);

/// To canceled: the transaction is over, or a newer verification for the address replaces it. nullopt from every other
/// status.
[[nodiscard]] std::optional<Verification> canceled(Verification v, WallTime now);

}  // namespace countersign::domain
