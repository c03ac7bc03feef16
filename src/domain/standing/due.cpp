#include "domain/standing/due.h"

#include <algorithm>

#include "domain/standing/counts.h"

namespace countersign::domain::standing {

namespace {

/// When the replacement will count as its own if nothing else happens.
std::optional<WallTime> replacement_from(const History& history, const Replaced& replaced, WallTime now) {
  const Binding* next = find(history, replaced.by);
  if (next == nullptr || next->gone || next->stopped) return std::nullopt;
  const Counts as_of_now = counts(history, *next, now, now);
  if (as_of_now.own()) return std::max(as_of_now.since, replaced.since);
  if (!as_of_now.counts_from) return std::nullopt;
  return std::max(*as_of_now.counts_from, replaced.since);
}

}  // namespace

std::optional<WallTime> next_due(const History& history, const Rules& rules, WallTime now) {
  std::optional<WallTime> due;
  const auto note = [&](std::optional<WallTime> at) {
    if (at && (!due || *at < *due)) due = at;
  };
  for (const Binding& binding : history.bindings) {
    if (binding.gone || binding.shared) continue;
    if (binding.stopped) note(binding.stopped->since + rules.lapse);
    note(leaves_at(binding));
    if (binding.replaced) note(replacement_from(history, *binding.replaced, now));
    const bool waits = !binding.founding || binding.waits_anew_since;
    for (const auto* waiting : {&binding.waiting, binding.vouched ? &*binding.vouched : nullptr}) {
      if (waiting == nullptr || !waits || waiting->told_at || waiting->webhook_at) continue;
      if (waiting->tell_until > now) note(waiting->tell_until);
    }
  }
  return due;
}

WallTime not_before(const History& history, WallTime now) {
  WallTime latest = now;
  const auto note = [&](std::optional<WallTime> at) {
    if (at) latest = std::max(latest, *at);
  };
  note(history.first_proof_at);
  note(history.founding_closed_at);
  for (const Binding& b : history.bindings) {
    note(b.bound_at);
    note(b.waits_anew_since);
    note(b.kept_at);
    note(b.proved_at);
    if (b.stopped) note(b.stopped->since);
    if (b.gone) note(b.gone->at);
    if (b.leaving) note(b.leaving->waiting.since);
    note(b.stays_since);
    note(b.not_removed_at);
  }
  return latest;
}

}  // namespace countersign::domain::standing
