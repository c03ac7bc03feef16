#include "domain/standing/counts.h"

#include <algorithm>
#include <array>

#include "base/names.h"

namespace countersign::domain::standing {

namespace {

constexpr std::array<std::string_view, 5> kCountedNames{"not", "founding", "waited", "vouched", "repeat"};
constexpr std::array<std::string_view, 7> kWhyNotNames{"unknown",  "bound_later", "gone",      "stopped",
                                                       "not_told", "waits",       "waits_anew"};

struct Way {
  Counted counted = Counted::kNot;
  std::optional<WallTime> from;
};

std::optional<WallTime> earlier(std::optional<WallTime> a, std::optional<WallTime> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

/// [STD-3] From the notice; from the webhook only if nobody was notified in time.
std::optional<WallTime> end_of(const Waiting& waiting, Duration at_least) {
  std::optional<WallTime> from;
  if (waiting.told_at) from = *waiting.told_at + std::max(waiting.wait, at_least);
  const bool told_in_time = waiting.told_at && *waiting.told_at <= waiting.tell_until;
  if (waiting.webhook_at && !told_in_time) {
    const WallTime alone = *waiting.webhook_at + std::max(waiting.wait_alone, at_least);
    from = earlier(from, std::max(alone, waiting.tell_until));
  }
  return from;
}

/// [STD-12] Who was told there may be nobody here: the first notice begins the wait only if somebody known here had
/// one.
Waiting as_seen_here(Waiting waiting, const std::optional<Shared>& shared) {
  if (!shared || !shared->later || shared->told_here) return waiting;
  waiting.told_at.reset();
  if (shared->can_tell) waiting.webhook_at.reset();
  return waiting;
}

/// When it will count as its own if nothing else happens, and by which rule. What another service shares waits as long
/// as it says, whatever it counts by there. [STD-12]
Way own_way(const Binding& binding, const Terms& terms) {
  const Duration shared = binding.shared ? binding.shared->wait : Duration::zero();
  const bool founds = binding.founding && !binding.waits_anew_since && !(binding.shared && binding.shared->later);
  if (founds) return {Counted::kFounding, binding.bound_at + shared};
  const auto waited = end_of(as_seen_here(binding.waiting, binding.shared), std::max(terms.wait, shared));
  // A policy lengthens the wait of a change; it does not block vouching by customer support. [STD-5]
  const auto vouched = binding.vouched ? end_of(as_seen_here(*binding.vouched, binding.shared), shared) : std::nullopt;
  if (vouched && (!waited || *vouched <= *waited)) return {Counted::kVouched, vouched};
  return {Counted::kWaited, waited};
}

Counts not_yet(WhyNot why, std::optional<WallTime> from = std::nullopt) {
  Counts out;
  out.why_not = why;
  out.counts_from = from;
  return out;
}

/// [STD-8] Its replacement counts, but not for this hold or not yet for this policy: then the replaced source
/// continues.
bool still_in_use(const History& history, const Binding& binding, WallTime held_at, const Terms& terms) {
  if (!binding.replaced) return false;
  const Binding* next = find(history, binding.replaced->by);
  if (next == nullptr || next->gone || next->stopped || next->waits_anew_since) return false;
  const auto from = own_way(*next, terms).from;
  return from && std::max(*from, binding.replaced->since) > held_at;
}

bool ended(const History& history, const Binding& binding, WallTime held_at, WallTime now, const Terms& terms) {
  if (binding.gone && binding.gone->why != GoneWhy::kReplaced) return binding.gone->at <= now;
  const auto at = replaced_at(history, binding, now);
  return at && !still_in_use(history, binding, held_at, terms);
}

Counts counts_alone(const History& history, const Binding& binding, WallTime held_at, WallTime now,
                    const Terms& terms) {
  if (ended(history, binding, held_at, now, terms)) return not_yet(WhyNot::kGone);
  if (binding.stopped) return not_yet(WhyNot::kStopped);
  const Way own = own_way(binding, terms);
  const bool repeats = !binding.added_with.empty() && !binding.waits_anew_since && !binding.shared;
  const bool by_first_link = binding.by == BoundBy::kLink && binding.founding && terms.trust_on_first_use;
  if (binding.bound_at > held_at && !(by_first_link && !binding.waits_anew_since)) {
    return not_yet(WhyNot::kBoundLater, repeats ? binding.bound_at : own.from);
  }
  // Losses as of now: what an objection removed inside a transaction does not return inside it. [STD-1]
  if (binding.kept_at && *binding.kept_at > held_at) {
    const auto from = repeats ? std::optional(binding.bound_at) : own.from;
    return not_yet(WhyNot::kStopped, from ? std::optional(std::max(*from, *binding.kept_at)) : std::nullopt);
  }
  Counts out;
  const bool at_once = own.counted == Counted::kFounding && !binding.shared;
  if (own.from && (*own.from <= held_at || at_once)) {
    out.counted = own.counted;
    out.since = *own.from;
    if (binding.shared) out.shared_by = binding.shared->owner;
    return out;
  }
  if (repeats) {
    out.counted = Counted::kRepeat;
    out.since = binding.bound_at;
    out.repeat_of = binding.added_with.front().method;
    out.counts_from = own.from;
    return out;
  }
  if (!own.from) return not_yet(WhyNot::kNotTold);
  return not_yet(binding.waits_anew_since ? WhyNot::kWaitsAnew : WhyNot::kWaits, own.from);
}

/// How what another service shares counts here. What this service ended, stopped or let wait anew itself, it does not
/// count by what was bound there before. [STD-12]
Counts beside_own(const History& history, const Binding& shared, Counts out, WallTime held_at, WallTime now) {
  for (const Binding& own : history.bindings) {
    if (own.shared || own.source != shared.source) continue;
    const auto end = own.gone ? std::optional(own.gone->at) : replaced_at(history, own, now);
    if (end && *end <= now && shared.bound_at <= *end) return not_yet(WhyNot::kGone);
    if (own.gone) continue;
    if (own.stopped) return not_yet(WhyNot::kStopped);
    std::optional<WallTime> not_before = own.kept_at;
    if (own.waits_anew_since)
      not_before = std::max(*own.waits_anew_since + own.waiting.wait, own.kept_at.value_or(WallTime{}));
    if (!not_before || (!out.any() && !out.counts_from)) continue;
    const WallTime from = std::max(*not_before, out.any() ? out.since : *out.counts_from);
    if (!out.any() || from > held_at) out = not_yet(own.waits_anew_since ? WhyNot::kWaitsAnew : WhyNot::kStopped, from);
  }
  return out;
}

}  // namespace

std::string_view to_text(Counted counted) { return kCountedNames.at(static_cast<std::size_t>(counted)); }
std::optional<Counted> parse_counted(std::string_view text) { return value_named<Counted>(kCountedNames, text); }
std::string_view to_text(WhyNot why) { return kWhyNotNames.at(static_cast<std::size_t>(why)); }

Terms terms_of(const Policy& policy) { return {policy.wait, policy.trust_on_first_use}; }

std::optional<WallTime> leaves_at(const Binding& binding) {
  return binding.leaving && !binding.gone ? end_of(binding.leaving->waiting, Duration::zero()) : std::nullopt;
}

std::optional<WallTime> replaced_at(const History& history, const Binding& binding, WallTime now) {
  if (binding.gone) {
    return binding.gone->why == GoneWhy::kReplaced && binding.gone->at <= now ? std::optional(binding.gone->at)
                                                                              : std::nullopt;
  }
  if (!binding.replaced) return std::nullopt;
  const Binding* next = find(history, binding.replaced->by);
  if (next == nullptr || next->gone || next->stopped) return std::nullopt;
  const auto from = own_way(*next, {}).from;
  if (!from) return std::nullopt;
  const WallTime at = std::max(*from, binding.replaced->since);
  return at <= now ? std::optional(at) : std::nullopt;
}

Counts counts(const History& history, const Binding& binding, WallTime held_at, WallTime now, const Terms& terms) {
  const Counts alone = counts_alone(history, binding, held_at, now, terms);
  return binding.shared ? beside_own(history, binding, alone, held_at, now) : alone;
}

Counts counts(const History& history, Id source, WallTime held_at, WallTime now, const Terms& terms) {
  std::optional<Counts> best;
  const auto take = [&](const Counts& one) { best = best ? better(*best, one) : one; };
  const Binding* own = nullptr;  // The living one, or the last one.
  for (const Binding& binding : history.bindings) {
    if (binding.source == source && !binding.shared) own = &binding;
  }
  for (const Binding& binding : history.bindings) {
    if (&binding == own || (binding.source == source && binding.shared))
      take(counts(history, binding, held_at, now, terms));
  }
  return best.value_or(not_yet(WhyNot::kUnknown));
}

Counts better(const Counts& a, const Counts& b) {
  const auto rank = [](const Counts& c) { return c.own() ? 2 : c.any() ? 1 : 0; };
  if (rank(a) != rank(b)) return rank(a) > rank(b) ? a : b;
  if (a.own()) return a.since <= b.since ? a : b;
  return !b.counts_from || (a.counts_from && *a.counts_from <= *b.counts_from) ? a : b;
}

std::vector<Id> voided(const History& history, std::span<const Proof> proofs, WallTime held_at, WallTime now,
                       const Terms& terms) {
  std::vector<Id> out;
  for (const Proof& proof : proofs) {
    if (!counts(history, proof.source, held_at, now, terms).any()) out.push_back(proof.source);
  }
  return out;
}

}  // namespace countersign::domain::standing
