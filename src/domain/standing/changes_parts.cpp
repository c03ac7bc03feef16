#include "domain/standing/changes_parts.h"

#include <algorithm>

namespace countersign::domain::standing {

bool is_weak(Kind kind) { return kind == Kind::kEmail || kind == Kind::kRecovery; }

bool is_weak(const Proof& proof) {
  return is_weak(kind_of(proof.method)) || (proof.method == Method::kPush && !proof.push.number_typed);
}

Binding* living(History& history, BindingId id) {
  const auto found =
      std::ranges::find_if(history.bindings, [&](const Binding& b) { return b.id == id && !b.gone && !b.shared; });
  return found == history.bindings.end() ? nullptr : &*found;
}

Waiting waiting_from(WallTime since, Duration wait, Duration wait_alone, const Rules& rules) {
  Waiting waiting;
  waiting.since = since;
  waiting.wait = wait;
  waiting.wait_alone = wait_alone;
  waiting.tell_until = since + rules.no_notice;
  return waiting;
}

bool pass_on_replacing(History& history, const Binding& ended) {
  if (ended.kind != Kind::kRecovery || !ended.replaced) return false;
  bool passed_on = false;
  for (Binding& binding : history.bindings) {
    if (binding.gone || binding.shared || !binding.replaced || binding.replaced->by != ended.id) continue;
    binding.replaced = ended.replaced;
    passed_on = true;
  }
  return passed_on;
}

std::vector<AddedWith> established_proofs(const History& history, Id but, std::span<const Proof> proofs, WallTime now) {
  std::vector<AddedWith> out;
  for (const bool weak : {false, true}) {
    for (const Proof& proof : proofs) {
      const Binding* binding = binding_of(history, proof.source);
      if (proof.source == but || binding == nullptr || binding->kind != kind_of(proof.method)) continue;
      if (is_weak(proof) != weak || !counts(history, proof.source, proof.proven_at, now).own()) continue;
      if (std::ranges::find(out, proof.source, &AddedWith::source) == out.end()) {
        out.push_back({proof.source, proof.method});
      }
    }
  }
  return out;
}

std::set<Kind> established_kinds(const History& history, FunctionRef<bool(const Binding&)> wanted, WallTime now) {
  std::set<Kind> kinds;
  for (const Binding& binding : history.bindings) {
    const bool counted = !binding.gone && counts(history, binding.source, now, now).own();
    if (binding.kind != Kind::kRecovery && counted && wanted(binding)) kinds.insert(binding.kind);
  }
  return kinds;
}

std::optional<Refused> why_not_by(const std::vector<AddedWith>& adders, const History& history,
                                  std::span<const Proof> proofs, const Rules& rules, WallTime now) {
  const auto in_time = [&](const Proof& p) { return p.proven_at <= now && now - p.proven_at <= rules.operation; };
  if (!std::ranges::all_of(proofs, in_time)) return Refused::kOperationTooLong;
  std::set<Kind> kinds;
  for (const AddedWith& adder : adders) kinds.insert(kind_of(adder.method));
  if (static_cast<int>(kinds.size()) < kinds_to_add(history, rules, now)) return Refused::kTooFewKinds;
  const Id first = adders.front().source;
  if (std::ranges::none_of(proofs, [&](const Proof& p) { return p.source == first && !is_weak(p); }))
    return Refused::kTooWeak;
  return std::nullopt;
}

int kinds_to_add(const History& history, const Rules& rules, WallTime now) {
  const auto all = established_kinds(history, [](const Binding&) { return true; }, now);
  return std::clamp(static_cast<int>(all.size()), 1, std::max(1, rules.max_min_kinds));
}

std::optional<Refused> may_not_change(const History& history, std::span<const Proof> proofs, const Rules& rules,
                                      WallTime now) {
  return why_not_by(established_proofs(history, Id{}, proofs, now), history, proofs, rules, now);
}

}  // namespace countersign::domain::standing
