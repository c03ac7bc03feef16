#include "domain/policy.h"

#include <set>

namespace countersign::domain {

std::optional<std::string_view> policy_fault(const Policy& policy) {
  if (policy.any_of.empty()) return "any_of names no method";
  std::set<Kind> kinds;
  for (const Method m : policy.any_of.list()) kinds.insert(kind_of(m));
  if (policy.min_kinds < 1 || policy.min_kinds > 3) return "min_kinds must be 1 to 3";
  if (static_cast<std::size_t>(policy.min_kinds) > kinds.size()) {
    return "min_kinds asks for more kinds than any_of offers (sms, call and whatsapp are one kind)";
  }
  if (kinds.size() == 1 && policy.any_of.contains(Method::kTotp) && !policy.totp_alone) {
    return "totp_alone is false but any_of offers nothing else";
  }
  if (kinds.size() == 1 && policy.any_of.contains(Method::kEmail) && !policy.email_alone) {
    return "email_alone is false but any_of offers nothing else";
  }
  MethodSet strong;
  for (const Method m : policy.any_of.list()) {
    if (m != Method::kRecoveryCode) strong.add(m);
  }
  const bool only_email = strong == MethodSet{Method::kEmail} && !policy.email_alone;
  const bool only_totp = strong == MethodSet{Method::kTotp} && !policy.totp_alone;
  if (strong.empty() || only_email || only_totp) {
    return "any_of offers nothing that may stand alone (recovery codes never do, nor do they lend company)";
  }
  if (policy.wait < Duration::zero()) return "wait must not be negative";
  return std::nullopt;
}

Policy with_another_kind(Policy policy, MethodSet offered) {
  if (!policy.also.empty()) return policy;
  for (const Method m : offered.list()) {
    if (m != Method::kRecoveryCode) policy.also.add(m);
  }
  return policy;
}

bool suffices(const Policy& policy, Method method, const PasskeyFacts& facts) {
  if (method != Method::kWebauthn) return true;
  return (facts.user_verified || !policy.user_verification) && (facts.device_bound || !policy.device_bound);
}

std::vector<contact::Channel> Proof::sent_by() const {
  if (!channels.empty()) return channels;
  if (!is_contact(kind_of(method))) return {};
  const auto own = channel_of(method);
  return own ? std::vector{*own} : std::vector<contact::Channel>();
}

std::string Proof::source_text() const {
  return is_contact(kind_of(method)) ? AddressId{source}.text() : FactorId{source}.text();
}

bool can_be_met(const Policy& policy, MethodSet offered, PushAnswers push) {
  Policy left = policy;
  left.any_of = {};
  Policy alone = policy;  // What is left without what is never enough alone.
  alone.any_of = {};
  std::set<Kind> company;
  for (const Method m : policy.any_of.list()) {
    if (!offered.contains(m)) continue;
    left.any_of.add(m);
    if (m != Method::kRecoveryCode) company.insert(kind_of(m));
    if (m != Method::kPush || push == PushAnswers::kWithNumber) alone.any_of.add(m);
  }
  if (policy_fault(left)) return false;
  alone.min_kinds = 1;
  return company.size() > 1 || !policy_fault(alone);
}

}  // namespace countersign::domain
