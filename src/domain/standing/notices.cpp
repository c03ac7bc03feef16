#include "domain/standing/notices.h"

#include <algorithm>

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
  if (binding.leaving) at = std::max(at, binding.leaving->waiting.since);
  return binding.gone ? std::max(at, binding.gone->at) : at;
}

History kept_back(History history, std::span<const KeptBack> notices) {
  for (const KeptBack& notice : notices) {
    Binding* about = binding_to_change(history, notice.about);
    if (about == nullptr) continue;
    if (about->leaving && !has_asked(*about->leaving, notice.contact))
      about->leaving->waiting.tell_until = std::max(about->leaving->waiting.tell_until, notice.until);
    if (had_a_part(*about, notice.contact)) continue;
    about->waiting.tell_until = std::max(about->waiting.tell_until, notice.until);
    if (about->vouched) about->vouched->tell_until = std::max(about->vouched->tell_until, notice.until);
  }
  return history;
}

History told(History history, BindingId id, Id contact, WallTime accepted_at) {
  Binding* about = binding_to_change(history, id);
  if (about == nullptr || contact == about->source) return history;
  if (std::ranges::find(about->told, contact) == about->told.end()) about->told.push_back(contact);
  if (about->leaving && !has_asked(*about->leaving, contact))
    note_first(about->leaving->waiting.told_at, about->leaving->waiting, accepted_at);
  if (had_a_part(*about, contact)) return history;
  note_first(about->waiting.told_at, about->waiting, accepted_at);
  if (about->vouched) note_first(about->vouched->told_at, *about->vouched, accepted_at);
  return history;
}

History webhook_acknowledged(History history, BindingId id, WallTime acknowledged_at) {
  Binding* about = binding_to_change(history, id);
  if (about == nullptr) return history;
  note_first(about->waiting.webhook_at, about->waiting, acknowledged_at);
  if (about->leaving) note_first(about->leaving->waiting.webhook_at, about->leaving->waiting, acknowledged_at);
  if (about->vouched) note_first(about->vouched->webhook_at, *about->vouched, acknowledged_at);
  return history;
}

}  // namespace countersign::domain::standing
