#include "domain/policy.h"

#include <set>

namespace countersign::domain {

namespace {

bool may_stand_alone(const Policy& policy, const Proof& proof) {
  switch (proof.method) {
    case Method::kTotp:
      return policy.totp_alone;
    case Method::kEmail:
      return policy.email_alone;
    default:
      return true;
  }
}

}  // namespace

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
  if (policy.contact_quiet_period < Duration::zero()) return "contact_quiet_period must not be negative";
  return std::nullopt;
}

Standing evaluate(const Policy& policy, std::span<const Proof> proofs) {
  std::set<Kind> kinds;
  std::set<Kind> established;
  bool one_stands_alone = false;
  for (const Proof& proof : proofs) {
    if (!policy.any_of.contains(proof.method)) continue;
    kinds.insert(kind_of(proof.method));
    if (!proof.established) continue;
    established.insert(kind_of(proof.method));
    one_stands_alone = one_stands_alone || may_stand_alone(policy, proof);
  }
  Standing standing;
  standing.kinds_proven = static_cast<int>(kinds.size());
  standing.kinds_needed = policy.min_kinds;
  standing.needs_established = !kinds.empty() && established.empty();
  standing.needs_company = !established.empty() && !one_stands_alone && established.size() < 2;
  standing.met = standing.kinds_proven >= policy.min_kinds && !established.empty() && !standing.needs_company;
  return standing;
}

bool is_established(const Policy& policy, WallTime held_at, WallTime known_since, bool replaced_another, bool is_factor,
                    bool subject_had_factor) {
  if (known_since > held_at) return is_factor && policy.trust_on_first_use && !subject_had_factor;
  return !(replaced_another && held_at - known_since < policy.contact_quiet_period);
}

}  // namespace countersign::domain
