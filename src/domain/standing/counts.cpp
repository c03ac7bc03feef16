#include "domain/standing/counts.h"

#include <algorithm>
#include <array>

namespace countersign::domain::standing {

namespace {

constexpr std::array<std::string_view, 5> kCountedNames{"not", "founding", "waited", "vouched", "repeat"};
constexpr std::array<std::string_view, 7> kWhyNotNames{"unknown",  "bound_later", "gone",      "stopped",
                                                       "not_told", "waits",       "waits_anew"};

struct Road {
  Counted counted = Counted::kNot;
  std::optional<WallTime> from;
};

std::optional<WallTime> earlier(std::optional<WallTime> a, std::optional<WallTime> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

/// [STD-3] From the notice; from the webhook only where nobody was told in time.
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

/// When it counts as its own, if nothing else happens, and by which rule.
Road own_road(const Binding& binding, const Terms& terms) {
  if (binding.founding && !binding.waits_anew_since) return {Counted::kFounding, binding.bound_at};
  const auto waited = end_of(binding.waiting, terms.wait);
  // A policy lengthens what a change waits for; it does not close the road of support. [STD-5]
  const auto vouched = binding.vouched ? end_of(*binding.vouched, Duration::zero()) : std::nullopt;
  if (vouched && (!waited || *vouched <= *waited)) return {Counted::kVouched, vouched};
  return {Counted::kWaited, waited};
}

Counts not_yet(WhyNot why, std::optional<WallTime> from = std::nullopt) {
  Counts out;
  out.why_not = why;
  out.counts_from = from;
  return out;
}

/// [STD-8] Its replacement counts, but not for this hold or not yet for this policy: then the replaced one goes on.
bool still_in_use(const History& history, const Binding& binding, WallTime held_at, const Terms& terms) {
  if (!binding.replaced) return false;
  const Binding* next = find(history, binding.replaced->by);
  if (next == nullptr || next->gone || next->stopped || next->waits_anew_since) return false;
  const auto from = own_road(*next, terms).from;
  return from && std::max(*from, binding.replaced->since) > held_at;
}

bool ended(const History& history, const Binding& binding, WallTime held_at, WallTime now, const Terms& terms) {
  if (binding.gone && binding.gone->why != GoneWhy::kReplaced) return binding.gone->at <= now;
  const auto at = replaced_at(history, binding, now);
  return at && !still_in_use(history, binding, held_at, terms);
}

}  // namespace

std::string_view to_text(Counted counted) { return kCountedNames.at(static_cast<std::size_t>(counted)); }
std::optional<Counted> parse_counted(std::string_view text) {
  const auto found = std::ranges::find(kCountedNames, text);
  if (found == kCountedNames.end()) return std::nullopt;
  return static_cast<Counted>(found - kCountedNames.begin());
}
std::string_view to_text(WhyNot why) { return kWhyNotNames.at(static_cast<std::size_t>(why)); }

Terms terms_of(const Policy& policy) { return {policy.wait, policy.trust_on_first_use}; }

std::optional<WallTime> replaced_at(const History& history, const Binding& binding, WallTime now) {
  if (binding.gone) {
    return binding.gone->why == GoneWhy::kReplaced && binding.gone->at <= now ? std::optional(binding.gone->at)
                                                                              : std::nullopt;
  }
  if (!binding.replaced) return std::nullopt;
  const Binding* next = find(history, binding.replaced->by);
  if (next == nullptr || next->gone || next->stopped) return std::nullopt;
  const auto from = own_road(*next, {}).from;
  if (!from) return std::nullopt;
  const WallTime at = std::max(*from, binding.replaced->since);
  return at <= now ? std::optional(at) : std::nullopt;
}

Counts counts(const History& history, const Binding& binding, WallTime held_at, WallTime now, const Terms& terms) {
  if (ended(history, binding, held_at, now, terms)) return not_yet(WhyNot::kGone);
  if (binding.stopped) return not_yet(WhyNot::kStopped);
  const Road own = own_road(binding, terms);
  const bool repeats = !binding.added_with.empty() && !binding.waits_anew_since;
  const bool by_first_link = binding.by == BoundBy::kLink && binding.founding && terms.trust_on_first_use;
  if (binding.bound_at > held_at && !(by_first_link && !binding.waits_anew_since)) {
    return not_yet(WhyNot::kBoundLater, repeats ? binding.bound_at : own.from);
  }
  // Losses as of now: what an objection took inside a transaction does not come back inside it. [STD-1]
  if (binding.kept_at && *binding.kept_at > held_at) {
    const auto from = repeats ? std::optional(binding.bound_at) : own.from;
    return not_yet(WhyNot::kStopped, from ? std::optional(std::max(*from, *binding.kept_at)) : std::nullopt);
  }
  Counts out;
  if (own.from && (*own.from <= held_at || own.counted == Counted::kFounding)) {
    out.counted = own.counted;
    out.since = *own.from;
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

Counts counts(const History& history, Id source, WallTime held_at, WallTime now, const Terms& terms) {
  const Binding* binding = binding_of(history, source);
  return binding == nullptr ? not_yet(WhyNot::kUnknown) : counts(history, *binding, held_at, now, terms);
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
