#include "domain/verification.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/names.h"
#include "base/secret.h"
#include "domain/limits.h"

namespace countersign::domain {

namespace {

constexpr std::array<std::string_view, 5> kVerificationStatuses{"pending", "approved", "canceled", "expired",
                                                                "max_attempts_reached"};

int live_codes(const Verification& v, WallTime now) {
  const auto lives = [&](const std::optional<SentCode>& code) { return code && now < code->valid_until; };
  return std::max(1, int{lives(v.code)} + int{lives(v.previous_code)});
}

void forget_codes(Verification& v) {
  v.code.reset();
  v.previous_code.reset();
}

Verification over(Verification v, VerificationStatus status) {
  v.status = status;
  forget_codes(v);
  return v;
}

/// The result of a judged guess, here or at a provider; its attempts are spent already.
Verification judged(Verification v, bool right, const VerificationRules& rules) {
  if (right) return over(std::move(v), VerificationStatus::kApproved);
  if (v.attempts >= rules.attempts_max) return over(std::move(v), VerificationStatus::kExhausted);
  return v;
}

CheckOutcome outcome_of(const Verification& v) {
  switch (v.status) {
    case VerificationStatus::kApproved:
      return CheckOutcome::kApproved;
    case VerificationStatus::kExhausted:
      return CheckOutcome::kExhausted;
    default:
      return CheckOutcome::kWrongCode;
  }
}

bool is_pending(const Verification& v, WallTime now) { return status_at(v, now) == VerificationStatus::kPending; }

bool matches(const std::optional<SentCode>& code, std::string_view digest, WallTime now) {
  // Compare even an expired code, so that timing does not reveal its age.
  const std::string_view stored = code ? std::string_view(code->digest) : std::string_view();
  const bool equal = equal_constant_time(stored, digest);
  return code && equal && now < code->valid_until;
}

}  // namespace

std::string_view to_text(VerificationStatus status) {
  return kVerificationStatuses.at(static_cast<std::size_t>(status));
}

std::optional<VerificationStatus> parse_verification_status(std::string_view text) {
  return value_named<VerificationStatus>(kVerificationStatuses, text);
}

VerificationStatus status_at(const Verification& v, WallTime now) {
  if (v.status == VerificationStatus::kPending && now >= v.expires_at) return VerificationStatus::kExpired;
  return v.status;
}

std::optional<Verification> reserve_attempt(const Verification& v, const VerificationRules& rules, WallTime now) {
  if (status_at(v, now) != VerificationStatus::kPending || v.attempts >= rules.attempts_max) return std::nullopt;
  Verification next = v;
  ++next.attempts;
  return next;
}

int guesses_left(const Verification& v, const VerificationRules& rules, WallTime now) {
  const int live = live_codes(v, now);
  return (std::max(0, rules.attempts_max - v.attempts) + live - 1) / live;
}

SentBefore sendings_of(const Verification& v) { return {v.sends, v.last_sent_at}; }

SentBefore together(const SentBefore& a, const SentBefore& b) {
  return {a.sends + b.sends, std::max(a.last_sent_at, b.last_sent_at)};
}

WallTime next_send_at(const SentBefore& before, const std::vector<Duration>& resend_waits) {
  return before.last_sent_at + resend_wait(resend_waits, before.sends);
}

std::optional<NotSent> why_not_sent(const SentBefore& before, bool again, const VerificationRules& rules,
                                    const std::vector<Duration>& resend_waits, WallTime now) {
  if (again && before.sends >= rules.sends_max) return NotSent::kSendsSpent;
  if (before.sends > 0 && now < next_send_at(before, resend_waits)) return NotSent::kTooSoon;
  return std::nullopt;
}

Verification with_new_code(Verification v, std::optional<std::string> digest, const VerificationRules& rules,
                           WallTime now) {
  CS_CHECK(is_pending(v, now));
  v.previous_code = std::move(v.code);
  v.code.reset();
  if (digest) v.code = SentCode{*std::move(digest), std::min(now + rules.code_ttl, v.expires_at)};
  ++v.sends;
  v.last_sent_at = now;
  return v;
}

Verification by_channel(Verification v, const ContactId& contact, contact::Channel channel) {
  CS_CHECK(v.status == VerificationStatus::kPending);
  v.contact = contact;
  v.channel = channel;
  return v;
}

Checked check_code(const Verification& v, std::string_view submitted_digest, const VerificationRules& rules,
                   WallTime now) {
  const bool current = matches(v.code, submitted_digest, now);
  const bool previous = matches(v.previous_code, submitted_digest, now);
  const int cost = std::min(live_codes(v, now), std::max(1, rules.attempts_max - v.attempts));
  const bool both = cost > 1 || !v.code || now >= v.code->valid_until;
  auto spent = reserve_attempt(v, rules, now);
  if (!spent) return {CheckOutcome::kNotPending, v};
  spent->attempts += cost - 1;
  Verification next = judged(*std::move(spent), current || (both && previous), rules);
  const auto outcome = outcome_of(next);
  return {outcome, std::move(next), cost};
}

std::optional<Verification> with_provider_verdict(Verification v, ProviderVerdict verdict,
                                                  const VerificationRules& rules) {
  if (v.status != VerificationStatus::kPending) return std::nullopt;
  switch (verdict) {
    case ProviderVerdict::kRight:
    case ProviderVerdict::kWrong:
      return judged(std::move(v), verdict == ProviderVerdict::kRight, rules);
    case ProviderVerdict::kOver:
      return over(std::move(v), VerificationStatus::kExpired);
    case ProviderVerdict::kExhausted:
      return over(std::move(v), VerificationStatus::kExhausted);
    case ProviderVerdict::kNotAsked:
      v.attempts = std::max(0, v.attempts - 1);
      return v;
    case ProviderVerdict::kUnknown:
      return v;
  }
  CS_CHECK(false);
}

std::optional<Verification> approved_by_report(Verification v, WallTime now) {
  if (!is_pending(v, now)) return std::nullopt;
  return over(std::move(v), VerificationStatus::kApproved);
}

std::optional<Verification> canceled(Verification v, WallTime now) {
  if (!is_pending(v, now)) return std::nullopt;
  return over(std::move(v), VerificationStatus::kCanceled);
}

}  // namespace countersign::domain
