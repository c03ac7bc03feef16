#include <algorithm>
#include <array>

#include "base/names.h"
#include "domain/standing/changes_parts.h"

// Removals that the person asks for on a page. [STD-8, STD-11]
namespace countersign::domain::standing {

namespace {

constexpr std::array<std::string_view, 2> kObjectedNames{"addition", "removal"};

/// Whether the addition of a source that does not count as its own may be objected to, by that contact or the
/// application.
bool may_object_to_addition(const History& history, const Binding& binding, std::optional<Id> by, const Rules& rules,
                            WallTime now) {
  if (binding.stopped || binding.kept_at || counts(history, binding.source, now, now).own()) return false;
  if (!by) return !binding.objected_once;
  return std::ranges::find(binding.objectors, *by) == binding.objectors.end() &&
         may_still_object(binding, *by, rules, now);
}

}  // namespace

std::string_view to_text(Objected what) { return kObjectedNames.at(static_cast<std::size_t>(what)); }
std::optional<Objected> parse_objected(std::string_view text) { return value_named<Objected>(kObjectedNames, text); }

Binding* leaving_by(History& history, BindingId removal) {
  const auto found = std::ranges::find_if(history.bindings, [&](const Binding& b) {
    return !b.gone && !b.shared && b.leaving && b.leaving->id == removal;
  });
  return found == history.bindings.end() ? nullptr : &*found;
}

Objected objected_to(const History& history, const Binding& binding, std::optional<Id> by, const Rules& rules,
                     WallTime now) {
  const bool removal = binding.leaving && !may_object_to_addition(history, binding, by, rules, now);
  return removal ? Objected::kRemoval : Objected::kAddition;
}

void let_leave(Change& change, const Rules& rules, WallTime now) {
  for (Binding& binding : change.history.bindings) {
    const auto at = binding.shared ? std::nullopt : leaves_at(binding);
    if (!at || *at > now) continue;
    if (!may_leave(change.history, binding, rules, now)) {
      binding.leaving.reset();
      binding.not_removed_at = *at;
      change.not_removed.push_back(binding.id);
      continue;
    }
    binding.gone = Gone{GoneWhy::kRemoved, *at};
    binding.stopped.reset();
    change.ended.push_back(binding.id);
    static_cast<void>(pass_on_replacing(change.history, binding));
  }
}

Changed object_to_leaving(Change change, BindingId removal, std::optional<Id> by, WallTime now) {
  Binding* binding = leaving_by(change.history, removal);
  if (binding == nullptr) return fail(Refused::kUnknownSource);
  const auto& told = binding->leaving->told;
  if (by && std::ranges::find(told, *by) == told.end()) return fail(Refused::kNotTold);
  binding->leaving.reset();
  binding->stays_since = now;
  return change;
}

bool may_leave(const History& history, const Binding& binding, const Rules& rules, WallTime now) {
  const auto kinds = established_kinds(
      history, [&](const Binding& other) { return other.source != binding.source && !other.leaving; }, now);
  // A device may be one whose answers are never enough alone. [PUSH-8]
  const bool has_strong = std::ranges::any_of(kinds, [](Kind kind) { return !is_weak(kind) && kind != Kind::kDevice; });
  return has_strong && static_cast<int>(kinds.size()) >= kinds_to_add(history, rules, now);
}

std::optional<Refused> may_not_leave(const History& history, const Binding& binding, const Rules& rules, WallTime now) {
  if (binding.leaving) return Refused::kLeaves;
  if (binding.stays_since && now - *binding.stays_since <= rules.remember) return Refused::kStays;
  if (!may_leave(history, binding, rules, now)) return Refused::kLastOne;
  return std::nullopt;
}

Changed ask_to_leave(History history, BindingId id, BindingId removal, std::span<const Proof> proofs,
                     const Rules& rules, WallTime now) {
  Change change = lapse(std::move(history), rules, now);
  Binding* binding = living(change.history, id);
  if (binding == nullptr) return fail(Refused::kUnknownSource);
  if (const auto why = may_not_leave(change.history, *binding, rules, now)) return fail(*why);
  const auto by = established_proofs(change.history, Id{}, proofs, now);
  if (const auto why = why_not_by(by, change.history, proofs, rules, now)) return fail(*why);
  Leaving leaving{removal, waiting_from(now, rules.wait, rules.wait_alone, rules), {}, {}};
  for (const AddedWith& one : by) leaving.asked_with.push_back(one.source);
  binding->leaving = std::move(leaving);
  binding->not_removed_at.reset();
  change.leaving.push_back(id);
  return change;
}

Changed stay(History history, BindingId id, Id by, const Rules& rules, WallTime now) {
  Change change = lapse(std::move(history), rules, now);
  Binding* binding = living(change.history, id);
  if (binding == nullptr) return fail(Refused::kUnknownSource);
  if (!binding->leaving) return fail(Refused::kNotStopped);
  if (!counts(change.history, by, now, now).own()) return fail(Refused::kMayNotDecide);
  const auto& asked_with = binding->leaving->asked_with;
  if (std::ranges::find(asked_with, by) == asked_with.end()) binding->stays_since = now;
  binding->leaving.reset();
  return change;
}

}  // namespace countersign::domain::standing
