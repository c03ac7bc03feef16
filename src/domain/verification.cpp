#include "domain/verification.h"

#include <algorithm>
#include <array>

#include "base/secret.h"

namespace countersign::domain {

namespace {

constexpr std::array<std::string_view, 5> kVerificationStatuses{"pending", "approved", "canceled", "expired",
                                                                "max_attempts_reached"};

int live_codes(const Verification& v, WallTime now) {
  const auto lives = [&](const std::optional<SentCode>& code) { return code && now < code->valid_until; };
  return std::max(1, int{lives(v.code)} + int{lives(v.previous_code)});
}

bool matches(const std::optional<SentCode>& code, std::string_view digest, WallTime now) {
  // Compared even when it is too old, so that age does not show in the time taken.
  const std::string_view stored = code ? std::string_view(code->digest) : std::string_view();
  const bool equal = equal_constant_time(stored, digest);
  return code && equal && now < code->valid_until;
}

}  // namespace

std::string_view to_text(VerificationStatus status) {
  return kVerificationStatuses.at(static_cast<std::size_t>(status));
}

std::optional<VerificationStatus> parse_verification_status(std::string_view text) {
  const auto at = std::find(kVerificationStatuses.begin(), kVerificationStatuses.end(), text);
  if (at == kVerificationStatuses.end()) return std::nullopt;
  return static_cast<VerificationStatus>(at - kVerificationStatuses.begin());
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

Checked record_verdict(const Verification& v, bool right, const VerificationRules& rules, WallTime now, int cost) {
  auto reserved = reserve_attempt(v, rules, now);
  if (!reserved) return {CheckOutcome::kNotPending, v};
  Verification next = *std::move(reserved);
  next.attempts += cost - 1;
  if (right) {
    next.status = VerificationStatus::kApproved;
    next.code.reset();
    next.previous_code.reset();
    return {CheckOutcome::kApproved, std::move(next), cost};
  }
  if (next.attempts < rules.attempts_max) return {CheckOutcome::kWrongCode, std::move(next), cost};
  next.status = VerificationStatus::kExhausted;
  next.code.reset();
  next.previous_code.reset();
  return {CheckOutcome::kExhausted, std::move(next), cost};
}

Checked check_code(const Verification& v, std::string_view submitted_digest, const VerificationRules& rules,
                   WallTime now) {
  const bool current = matches(v.code, submitted_digest, now);
  const bool previous = matches(v.previous_code, submitted_digest, now);
  const int cost = std::min(live_codes(v, now), std::max(1, rules.attempts_max - v.attempts));
  const bool both = cost > 1 || !v.code || now >= v.code->valid_until;
  return record_verdict(v, current || (both && previous), rules, now, cost);
}

Verification with_new_code(Verification v, std::optional<std::string> digest, const VerificationRules& rules,
                           WallTime now) {
  v.previous_code = std::move(v.code);
  v.code.reset();
  if (digest) v.code = SentCode{*std::move(digest), std::min(now + rules.code_ttl, v.expires_at)};
  ++v.sends;
  v.last_sent_at = now;
  return v;
}

}  // namespace countersign::domain
