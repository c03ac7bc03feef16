#include "domain/standing/judgement.h"

#include <algorithm>
#include <array>
#include <bit>

namespace countersign::domain::standing {

namespace {

constexpr unsigned kAllKinds = 1U << (static_cast<unsigned>(Kind::kRecovery) + 1);

unsigned bit_of(Kind kind) { return 1U << static_cast<unsigned>(kind); }

/// The one or two methods by which a proof is judged.
std::vector<Method> methods_of(const JudgedProof& proof) {
  std::vector<Method> out{proof.method};
  if (proof.counts.counted == Counted::kRepeat && proof.counts.repeat_of) out.push_back(*proof.counts.repeat_of);
  return out;
}

/// `facts`: of the proof itself; of the source that added it, which is not known any more, the least.
bool stands_alone(const Policy& policy, Method method, const PushFacts& facts) {
  switch (method) {
    case Method::kTotp:
      return policy.totp_alone;
    case Method::kEmail:
      return policy.email_alone;
    case Method::kRecoveryCode:
      return false;  // [STD-10]
    case Method::kPush:
      return facts.number_typed;  // [PUSH-8]
    default:
      return true;
  }
}

/// The minimum number of kinds when each proof takes one of its kinds. With six kinds, all sets are tried.
int fewest(const std::vector<unsigned>& choices) {
  int best = std::popcount(kAllKinds - 1);
  for (unsigned kinds = 0; kinds < kAllKinds; ++kinds) {
    const bool covers = std::ranges::all_of(choices, [&](unsigned choice) { return (choice & kinds) != 0; });
    if (covers) best = std::min(best, std::popcount(kinds));
  }
  return best;
}

void note_earliest(std::optional<WallTime>& slot, std::optional<WallTime> at) {
  if (at && (!slot || *at < *slot)) slot = at;
}

/// Of how many kinds the proofs are, with those that only the fraud rules ask for. [ADR 51]
int kinds_with_also(const Policy& policy, std::span<const JudgedProof> proofs) {
  std::vector<unsigned> choices;
  for (const JudgedProof& proof : proofs) {
    if (!proof.counts.any() || !suffices(policy, proof.method, proof.passkey)) continue;
    const auto methods = methods_of(proof);
    const auto taken = [&](Method m) { return policy.takes(m) && m != Method::kRecoveryCode; };
    if (!std::ranges::all_of(methods, taken)) continue;
    unsigned kinds = 0;
    for (const Method m : methods) kinds |= bit_of(kind_of(m));
    choices.push_back(kinds);
  }
  return fewest(choices);
}

}  // namespace

std::string_view to_text(Missing missing) {
  static constexpr std::array<std::string_view, 5> kNames{"nothing", "proof", "source_that_counts", "another_kind",
                                                          "stronger_method"};
  return kNames.at(static_cast<std::size_t>(missing));
}

Judgement judge(const Policy& policy, std::span<const JudgedProof> proofs) {
  std::vector<unsigned> choices;
  std::vector<unsigned> company;  // Without recovery codes, which strengthen nothing.
  bool one_stands_alone = false;
  bool waits = false;
  Judgement out;
  out.kinds_needed = policy.min_kinds + (policy.also.empty() ? 0 : 1);
  for (const JudgedProof& proof : proofs) {
    if (!policy.any_of.contains(proof.method) || !suffices(policy, proof.method, proof.passkey)) continue;
    if (!proof.counts.own()) note_earliest(out.counts_from, proof.counts.counts_from);
    const auto methods = methods_of(proof);
    if (!proof.counts.any() || !std::ranges::all_of(methods, [&](Method m) { return policy.any_of.contains(m); })) {
      waits = true;
      continue;
    }
    unsigned kinds = 0;
    for (const Method m : methods) kinds |= bit_of(kind_of(m));
    choices.push_back(kinds);
    if ((kinds & bit_of(Kind::kRecovery)) == 0) company.push_back(kinds);
    const bool alone = std::ranges::all_of(
        methods, [&](Method m) { return stands_alone(policy, m, m == proof.method ? proof.push : PushFacts{}); });
    one_stands_alone = one_stands_alone || alone;
  }
  const int with_also = policy.also.empty() ? 0 : kinds_with_also(policy, proofs);
  out.kinds_proven = fewest(choices);
  if (choices.empty()) {
    out.missing = waits ? Missing::kSourceThatCounts : Missing::kProof;
  } else if (out.kinds_proven < policy.min_kinds) {
    out.missing = Missing::kAnotherKind;
  } else if (!one_stands_alone && fewest(company) < 2) {
    out.missing = Missing::kStrongerMethod;
  } else if (out.kinds_needed > policy.min_kinds && with_also < out.kinds_needed) {
    out.missing = Missing::kAnotherKind;
  } else {
    out.missing = Missing::kNothing;
    out.counts_from.reset();
  }
  if (!policy.also.empty()) out.kinds_proven = with_also;
  return out;
}

std::vector<JudgedProof> judged(const History& history, std::span<const Proof> proofs, WallTime held_at, WallTime now,
                                const Terms& terms) {
  std::vector<JudgedProof> out;
  out.reserve(proofs.size());
  for (const Proof& proof : proofs) {
    out.push_back(
        {proof.method, proof.source, counts(history, proof.source, held_at, now, terms), proof.passkey, proof.push});
  }
  return out;
}

}  // namespace countersign::domain::standing
