#include "domain/standing/notices.h"

#include <algorithm>

#include "domain/standing/changes_parts.h"

namespace countersign::domain::standing {

namespace {

bool is_to_be_told(const Binding& contact, const Rules& rules, WallTime now) {
  if (contact.kind != Kind::kPhone && contact.kind != Kind::kEmail) return false;
  if (!contact.proved_at && !contact.founding) return false;
  return !contact.gone || now - contact.gone->at <= rules.remember;
}

Binding* binding_to_change(History& history, BindingId id) {
  const auto found = std::ranges::find(history.bindings, id, &Binding::id);
  return found == history.bindings.end() ? nullptr : &*found;
}

bool has_asked(const Leaving& leaving, Id contact) {
  return std::ranges::find(leaving.asked_with, contact) != leaving.asked_with.end();
}

void note_contact(std::vector<Id>& contacts, Id contact) {
  if (std::ranges::find(contacts, contact) == contacts.end()) contacts.push_back(contact);
}

void note_first(std::optional<WallTime>& slot, const Waiting& waiting, WallTime at) {
  if (!slot && at >= waiting.since) slot = at;
}

}  // namespace

std::vector<Id> contacts_to_tell(const History& history, const Rules& rules, WallTime now, Reach reach) {
  std::vector<Id> out;
  for (const Binding& contact : history.bindings) {
    if (!is_to_be_told(contact, rules, now) || !reach(contact)) continue;
    if (std::ranges::find(out, contact.source) == out.end()) out.push_back(contact.source);
  }
  return out;
}

std::vector<Id> others_to_tell(const History& history, const Binding& about, const Rules& rules, WallTime now,
                               Reach reach) {
  std::vector<Id> out = contacts_to_tell(history, rules, now, reach);
  std::erase_if(out, [&](Id contact) { return had_a_part(about, contact); });
  return out;
}

WallTime changed_at(const Binding& binding) {
  WallTime at = std::max(binding.bound_at, binding.waiting.since);
  if (binding.vouched) at = std::max(at, binding.vouched->since);
  return binding.gone ? std::max(at, binding.gone->at) : at;
}

std::vector<BindingId> changes_between(const Binding& binding, WallTime since, WallTime until) {
  const auto is_then = [&](WallTime at) { return at >= since && at <= until; };
  std::vector<BindingId> changes;
  if (is_then(changed_at(binding)) || (binding.woken_at && is_then(*binding.woken_at))) changes.push_back(binding.id);
  if (binding.leaving && !binding.gone && is_then(binding.leaving->waiting.since))
    changes.push_back(binding.leaving->id);
  return changes;
}

History renamed(History history, BindingId binding, WallTime at) {
  if (Binding* const found = binding_to_change(history, binding)) found->renamed_at = at;
  return history;
}

History woken(History history, BindingId binding, WallTime at) {
  if (Binding* const found = binding_to_change(history, binding)) found->woken_at = at;
  return history;
}

History kept_back(History history, std::span<const KeptBack> notices) {
  // Notices about one change follow each other: of a thousand bindings each is looked for once.
  std::optional<BindingId> change;
  Binding* leaves = nullptr;
  Binding* about = nullptr;
  for (const KeptBack& notice : notices) {
    const auto later = [&](Waiting& waiting) { waiting.tell_until = std::max(waiting.tell_until, notice.until); };
    if (change != notice.about) {
      change = notice.about;
      leaves = leaving_by(history, notice.about);
      about = binding_to_change(history, notice.about);
    }
    if (leaves != nullptr) {
      Leaving& leaving = *leaves->leaving;
      if (!has_asked(leaving, notice.contact)) later(leaving.waiting);
      continue;
    }
    if (about == nullptr || had_a_part(*about, notice.contact)) continue;
    later(about->waiting);
    if (about->vouched) later(*about->vouched);
  }
  return history;
}

History told(History history, BindingId change, Id contact, WallTime accepted_at) {
  if (Binding* leaves = leaving_by(history, change)) {
    Leaving& leaving = *leaves->leaving;
    note_contact(leaving.told, contact);
    if (!has_asked(leaving, contact)) note_first(leaving.waiting.told_at, leaving.waiting, accepted_at);
    return history;
  }
  Binding* about = binding_to_change(history, change);
  if (about == nullptr || contact == about->source) return history;
  note_contact(about->told, contact);
  if (had_a_part(*about, contact)) return history;
  note_first(about->waiting.told_at, about->waiting, accepted_at);
  if (about->vouched) note_first(about->vouched->told_at, *about->vouched, accepted_at);
  return history;
}

History webhook_acknowledged(History history, BindingId change, WallTime acknowledged_at) {
  if (Binding* leaves = leaving_by(history, change)) {
    Waiting& waiting = leaves->leaving->waiting;
    note_first(waiting.webhook_at, waiting, acknowledged_at);
    return history;
  }
  Binding* about = binding_to_change(history, change);
  if (about == nullptr) return history;
  note_first(about->waiting.webhook_at, about->waiting, acknowledged_at);
  if (about->vouched) note_first(about->vouched->webhook_at, *about->vouched, acknowledged_at);
  return history;
}

}  // namespace countersign::domain::standing
