#include "domain/standing/changes.h"

#include <algorithm>
#include <array>
#include <set>

#include "domain/recovery.h"
#include "domain/standing/changes_parts.h"

namespace countersign::domain::standing {

namespace {

constexpr auto kFoundingAhead = std::chrono::hours(30 * 24);

Binding* living(History& history, Id source) {
  const auto found = std::ranges::find_if(history.bindings,
                                          [&](const Binding& b) { return b.source == source && !b.gone && !b.shared; });
  return found == history.bindings.end() ? nullptr : &*found;
}

/// [STD-5] From an accepted notice; if there is no contact to notify, from the application itself.
Waiting vouched_from(WallTime since, const Rules& rules) {
  return waiting_from(since, rules.vouch_wait, rules.vouch_wait, rules);
}

Binding bound(const Offer& offer, BoundBy by, const Rules& rules, WallTime now) {
  Binding binding;
  binding.id = offer.id;
  binding.source = offer.source;
  binding.kind = offer.kind;
  binding.by = by;
  binding.bound_at = now;
  binding.waiting = waiting_from(now, rules.wait, rules.wait_alone, rules);
  return binding;
}

void restart(Waiting& waiting, WallTime since, const Rules& rules) {
  waiting.since = since;
  waiting.tell_until = since + rules.no_notice;
  waiting.told_at.reset();
  waiting.webhook_at.reset();
}

void wait_anew(Change& change, Binding& binding, const Rules& rules, WallTime since) {
  binding.waits_anew_since = since;
  restart(binding.waiting, since, rules);
  if (binding.vouched) restart(*binding.vouched, since, rules);
  change.announce.push_back(binding.id);
}

/// [STD-8, STD-11] What a source added in the last 30 days, itself or through what it had added shortly before.
void let_added_wait_anew(Change& change, Id source, const Rules& rules, WallTime now) {
  for (Binding& binding : change.history.bindings) {
    if (binding.gone || binding.shared || now - binding.bound_at > rules.remember) continue;
    const bool added = std::ranges::find(binding.added_with, source, &AddedWith::source) != binding.added_with.end();
    if (added) wait_anew(change, binding, rules, now);
  }
}

void end_binding(Change& change, Binding& binding, GoneWhy why, const Rules& rules, WallTime now) {
  binding.gone = Gone{why, now};
  binding.stopped.reset();
  change.ended.push_back(binding.id);
  if (why != GoneWhy::kReplaced) static_cast<void>(pass_on_replacing(change.history, binding));
  if (why != GoneWhy::kReplaced) let_added_wait_anew(change, binding.source, rules, now);
}

void end_what_is_replaced(Change& change, WallTime now) {
  bool passed_on = true;  // A set that was vouched for counts before the waiting one that it replaces.
  while (passed_on) {
    passed_on = false;
    for (Binding& binding : change.history.bindings) {
      if (binding.gone || binding.shared) continue;
      const auto at = replaced_at(change.history, binding, now);
      if (!at) continue;
      binding.gone = Gone{GoneWhy::kReplaced, *at};
      change.ended.push_back(binding.id);
      passed_on = pass_on_replacing(change.history, binding) || passed_on;
    }
  }
}

/// The binding `by`, new or existing, replaces the source named in `offer`.
Changed take_place(Change change, BindingId by, const Offer& offer, WallTime now) {
  change.binding = by;
  if (!offer.replaces) return change;
  Binding* old = living(change.history, *offer.replaces);
  if (old == nullptr || old->source == offer.source) return fail(Refused::kUnknownSource);
  if (old->kind != offer.kind) return fail(Refused::kOtherKind);
  old->replaced = Replaced{by, now};
  end_what_is_replaced(change, now);
  return change;
}

/// Makes space for one more binding: drops the one that ended first, once nobody is notified of it any longer and
/// nothing waits again because of it. Bindings are in order of time, so the rest is never younger than a founding.
/// False if there is none to drop.
bool has_room(History& history, const Rules& rules, WallTime now) {
  if (history.bindings.size() < kBindingsMax) return true;
  const auto is_over = [&](const Binding& b) { return b.gone && !b.shared && now - b.gone->at > rules.remember; };
  const auto oldest = std::ranges::find_if(history.bindings, is_over);
  if (oldest == history.bindings.end()) return false;
  history.bindings.erase(oldest);
  return true;
}

/// Common implementation of `give` and `vouch`.
Changed bind(Change change, Binding binding, const Offer& offer, const Rules& rules, WallTime now) {
  if (!has_room(change.history, rules, now)) return fail(Refused::kTooManySources);
  change.announce.push_back(binding.id);
  auto& bindings = change.history.bindings;  // What is shared stands last.
  bindings.insert(std::ranges::find_if(bindings, [](const Binding& b) { return b.shared.has_value(); }),
                  std::move(binding));
  return take_place(std::move(change), offer.id, offer, now);
}

bool is_established(const History& history, const Binding& binding, WallTime now) {
  return !binding.gone && counts(history, binding, now, now).own();
}

/// [STD-4] First what the new source repeats. An app that a stolen line added last week stands for that line: the
/// sources that added it also count as having added what it adds.
std::vector<AddedWith> with_what_stands_behind(const History& history, std::vector<AddedWith> direct,
                                               const Rules& rules, WallTime now) {
  std::vector<AddedWith> out = direct;
  for (const AddedWith& adder : direct) {
    const Binding* last = binding_of(history, adder.source);
    for (const Binding& binding : history.bindings) {  // It may count by what another service shares.
      if (binding.source != adder.source || now - binding.bound_at > rules.remember) continue;
      if (binding.gone && &binding != last) continue;
      for (const AddedWith& behind : binding.added_with) {
        if (std::ranges::find(out, behind.source, &AddedWith::source) == out.end()) out.push_back(behind);
      }
    }
  }
  return out;
}

/// Since when the service knows the subject by itself. [STD-12]
std::optional<WallTime> known_here_since(const History& history) {
  std::optional<WallTime> since;
  const auto note = [&](std::optional<WallTime> at) {
    if (at && (!since || *at < *since)) since = at;
  };
  note(history.first_proof_at);
  note(history.founding_closed_at);
  for (const Binding& binding : history.bindings) {
    if (!binding.shared) note(binding.bound_at);
  }
  return since;
}

/// When notification of the binding began. [STD-3, STD-5]
WallTime announced_at(const Binding& binding) {
  return binding.vouched ? std::max(binding.waiting.since, binding.vouched->since) : binding.waiting.since;
}

}  // namespace

bool may_still_object(const Binding& binding, Id contact, const Rules& rules, WallTime now) {
  return std::ranges::find(binding.told, contact) != binding.told.end() &&
         now - announced_at(binding) <= rules.remember;
}

std::string_view to_text(Refused refused) {
  static constexpr std::array<std::string_view, 19> kNames{"unknown_source",
                                                           "already_bound",
                                                           "other_kind",
                                                           "new_source_not_proved",
                                                           "operation_too_long",
                                                           "too_few_kinds",
                                                           "too_weak",
                                                           "does_not_count",
                                                           "not_told",
                                                           "objected_before",
                                                           "not_stopped",
                                                           "may_not_decide",
                                                           "has_history",
                                                           "founding_too_long",
                                                           "founding_contradicts",
                                                           "too_many_sources",
                                                           "last_one",
                                                           "stays",
                                                           "leaves"};
  return kNames.at(static_cast<std::size_t>(refused));
}

Changed give(History history, const Offer& offer, const Rules& rules, WallTime now) {
  Change change = lapse(std::move(history), rules, now);
  if (const Binding* there = living(change.history, offer.source)) {
    const BindingId id = there->id;
    return take_place(std::move(change), id, offer, now);
  }
  Binding binding = bound(offer, BoundBy::kApplication, rules, now);
  binding.founding = in_founding(change.history, rules, now);
  return bind(std::move(change), std::move(binding), offer, rules, now);
}

Changed vouch(History history, const Offer& offer, const Rules& rules, WallTime now) {
  Change change = lapse(std::move(history), rules, now);
  if (Binding* there = living(change.history, offer.source)) {
    const BindingId id = there->id;
    if (!there->vouched && !is_established(change.history, *there, now)) {
      there->vouched = vouched_from(now, rules);
      change.announce.push_back(id);
    }
    return take_place(std::move(change), id, offer, now);
  }
  Binding binding = bound(offer, BoundBy::kVouched, rules, now);
  binding.vouched = vouched_from(now, rules);
  return bind(std::move(change), std::move(binding), offer, rules, now);
}

Changed import(History history, std::span<const Offer> offers, const Import& terms, const Rules& rules, WallTime now) {
  if (!history.bindings.empty() || history.first_proof_at || history.founding_closed_at) {
    return fail(Refused::kHasHistory);
  }
  if (terms.founding_until && terms.verified) return fail(Refused::kFoundingContradicts);
  if (terms.founding_until && *terms.founding_until > now + kFoundingAhead) return fail(Refused::kFoundingTooLong);
  Change change{std::move(history), {}, {}, {}};
  for (const Offer& offer : offers) {
    if (living(change.history, offer.source) != nullptr) continue;  // Named twice.
    Binding binding = bound(offer, BoundBy::kImported, rules, now);
    binding.founding = true;
    Changed next = bind(std::move(change), std::move(binding), offer, rules, now);
    if (!next) return next;
    change = std::move(*next);
  }
  change.history.founding_until = terms.founding_until;
  if (terms.verified) change.history.founding_closed_at = now;
  return change;
}

Changed found_by_link(History history, const Offer& offer, const Rules& rules, WallTime now) {
  if (!history.bindings.empty() || history.first_proof_at || history.founding_closed_at) {
    return fail(Refused::kHasHistory);
  }
  Binding binding = bound(offer, BoundBy::kLink, rules, now);
  binding.founding = true;
  return bind(Change{std::move(history), {}, {}, {}}, std::move(binding), offer, rules, now);
}

Changed add(History history, const Offer& offer, std::span<const Proof> proofs, const Rules& rules, WallTime now) {
  Change change = lapse(std::move(history), rules, now);
  if (living(change.history, offer.source) != nullptr) return fail(Refused::kAlreadyBound);
  const auto is_new = [&](const Proof& p) { return p.source == offer.source && kind_of(p.method) == offer.kind; };
  if (std::ranges::none_of(proofs, is_new)) return fail(Refused::kNewSourceNotProved);
  const std::vector<AddedWith> adders = established_proofs(change.history, offer.source, proofs, now);
  if (const auto why = why_not_by(adders, change.history, proofs, rules, now)) return fail(*why);
  Binding binding = bound(offer, BoundBy::kPerson, rules, now);
  binding.added_with = with_what_stands_behind(change.history, adders, rules, now);
  return bind(std::move(change), std::move(binding), offer, rules, now);
}

Changed end(History history, Id source, GoneWhy why, const Rules& rules, WallTime now) {
  Change change = lapse(std::move(history), rules, now);
  Binding* binding = living(change.history, source);
  if (binding == nullptr) return fail(Refused::kUnknownSource);
  end_binding(change, *binding, why, rules, now);
  return change;
}

Changed keep(History history, Id source, const Rules& rules, WallTime now) {
  Change change = lapse(std::move(history), rules, now);
  Binding* binding = living(change.history, source);
  if (binding == nullptr) return fail(Refused::kUnknownSource);
  binding->replaced.reset();
  return change;
}

Changed suspect(History history, Id source, const Rules& rules, WallTime now) {
  Change change = lapse(std::move(history), rules, now);
  Binding* binding = living(change.history, source);
  if (binding == nullptr && binding_of(change.history, source) == nullptr) return fail(Refused::kUnknownSource);
  if (binding != nullptr) wait_anew(change, *binding, rules, now);
  let_added_wait_anew(change, source, rules, now);
  return change;
}

bool is_news_of(const History& history, Id source, WallTime since) {
  const Binding* binding = own_living(history, source);
  if (binding == nullptr || binding->bound_at >= since) return false;
  return binding->waits_anew_since.value_or(WallTime::min()) < since &&
         binding->kept_at.value_or(WallTime::min()) < since && (!binding->vouched || binding->vouched->since < since);
}

Changed object(History history, BindingId id, std::optional<Id> by, const Rules& rules, WallTime now) {
  Change change = lapse(std::move(history), rules, now);
  if (leaving_by(change.history, id) != nullptr) return object_to_leaving(std::move(change), id, by, now);
  Binding* binding = living(change.history, id);
  if (binding == nullptr) return fail(Refused::kUnknownSource);
  if (binding->stopped || binding->kept_at) return fail(Refused::kObjectedBefore);
  if (!by) {
    if (binding->objected_once) return fail(Refused::kObjectedBefore);
    binding->objected_once = true;
  } else {
    if (std::ranges::find(binding->objectors, *by) != binding->objectors.end()) return fail(Refused::kObjectedBefore);
    if (!may_still_object(*binding, *by, rules, now)) return fail(Refused::kNotTold);
    binding->objectors.push_back(*by);
  }
  binding->stopped = Stopped{now, by};
  return change;
}

Changed disown(History history, BindingId id, const Rules& rules, WallTime now) {
  Change change = lapse(std::move(history), rules, now);
  Binding* binding = living(change.history, id);
  if (binding == nullptr) return fail(Refused::kUnknownSource);
  if (binding->stopped || binding->kept_at || binding->waits_anew_since) return fail(Refused::kObjectedBefore);
  binding->stopped = Stopped{now, std::nullopt};
  return change;
}

bool may_decide(const History& history, const Binding& binding, Id source, WallTime now) {
  const Binding* judge = binding_of(history, source);
  return judge != nullptr && !had_a_part(binding, source) && !judge->gone && counts(history, source, now, now).own();
}

Changed decide(History history, BindingId id, std::optional<Id> by, bool keep, const Rules& rules, WallTime now) {
  Change change = lapse(std::move(history), rules, now);
  Binding* binding = living(change.history, id);
  if (binding == nullptr) return fail(Refused::kUnknownSource);
  if (!binding->stopped) return fail(Refused::kNotStopped);
  if (by && !may_decide(change.history, *binding, *by, now)) return fail(Refused::kMayNotDecide);
  binding->stopped.reset();
  binding->kept_at = now;
  if (!keep) end_binding(change, *binding, GoneWhy::kObjected, rules, now);
  return change;
}

Change lapse(History history, const Rules& rules, WallTime now) {
  Change change{std::move(history), {}, {}, {}};
  for (Binding& binding : change.history.bindings) {
    if (binding.gone || binding.shared || !binding.stopped || now - binding.stopped->since < rules.lapse) continue;
    const WallTime at = binding.stopped->since + rules.lapse;
    binding.stopped.reset();
    wait_anew(change, binding, rules, at);
  }
  end_what_is_replaced(change, now);
  let_leave(change, rules, now);
  return change;
}

Changed prove(History history, Id source, WallTime held_at, const Terms& terms, const Rules& rules, WallTime now) {
  Change change = lapse(std::move(history), rules, now);
  const Binding* found = binding_of(change.history, source);
  if (found == nullptr || !counts(change.history, source, held_at, now, terms).any()) {
    return fail(Refused::kDoesNotCount);
  }
  Binding& binding = change.history.bindings[static_cast<std::size_t>(found - change.history.bindings.data())];
  if (!binding.proved_at) binding.proved_at = now;
  if (!change.history.first_proof_at) change.history.first_proof_at = now;
  if (binding.kind == Kind::kRecovery && binding.codes_used.size() < kRecoveryCodes) binding.codes_used.push_back(now);
  return change;
}

Change shared_sources_lost(History history, std::span<const Id> sources, const Rules& rules, WallTime now) {
  Change change = lapse(std::move(history), rules, now);
  for (const Id& source : sources) let_added_wait_anew(change, source, rules, now);
  return change;
}

History with_shared(History history, const History& owner, const Shared& terms) {
  const auto known_since = known_here_since(history);
  const auto bound_before = [&](const Binding& b) { return !known_since || b.bound_at <= *known_since; };
  std::vector<Id> known;  // Contacts that may be told of a change, and are not only known to the other.
  const auto note = [&](const Binding& b) {
    if (is_contact(b.kind) && (b.proved_at || b.founding)) known.push_back(b.source);
  };
  std::ranges::for_each(history.bindings, [&](const Binding& b) {
    if (!b.shared || !b.shared->later) note(b);
  });
  std::ranges::for_each(owner.bindings, [&](const Binding& b) {
    if (!b.shared && bound_before(b)) note(b);
  });
  for (const Binding& binding : owner.bindings) {
    if (binding.shared) continue;
    history.bindings.push_back(binding);
    Shared& shared = history.bindings.back().shared.emplace(terms);
    shared.later = !bound_before(binding);
    shared.can_tell = std::ranges::any_of(known, [&](const Id& contact) { return !had_a_part(binding, contact); });
    shared.told_here = std::ranges::any_of(binding.told, [&](const Id& contact) {
      return std::ranges::find(known, contact) != known.end() && !had_a_part(binding, contact);
    });
  }
  history.known_elsewhere = history.known_elsewhere || owner.first_proof_at || owner.founding_closed_at;
  return history;
}

History without_shared(History history) {
  std::erase_if(history.bindings, [](const Binding& binding) { return binding.shared.has_value(); });
  history.known_elsewhere = false;
  return history;
}

History close_founding(History history, WallTime now) {
  if (!history.founding_closed_at) history.founding_closed_at = now;
  return history;
}

}  // namespace countersign::domain::standing
