#include "domain/verification.h"

#include <algorithm>
#include <array>

#include "base/secret.h"

namespace countersign::domain {

namespace {

constexpr std::array<std::string_view, 5> kVerificationStatuses{"pending", "approved", "canceled", "expired",
                                                                "max_attempts_reached"};

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

Checked record_verdict(const Verification& v, bool right, const VerificationRules& rules, WallTime now) {
  auto reserved = reserve_attempt(v, rules, now);
  if (!reserved) return {CheckOutcome::kNotPending, v};
  Verification next = *std::move(reserved);
  if (right) {
    next.status = VerificationStatus::kApproved;
    next.code.reset();
    next.previous_code.reset();
    return {CheckOutcome::kApproved, std::move(next)};
  }
  if (next.attempts < rules.attempts_max) return {CheckOutcome::kWrongCode, std::move(next)};
  next.status = VerificationStatus::kExhausted;
  next.code.reset();
  next.previous_code.reset();
  return {CheckOutcome::kExhausted, std::move(next)};
}

Checked check_code(const Verification& v, std::string_view submitted_digest, const VerificationRules& rules,
                   WallTime now) {
  const bool current = matches(v.code, submitted_digest, now);
  const bool previous = matches(v.previous_code, submitted_digest, now);
  return record_verdict(v, current || previous, rules, now);
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
