#pragma once

#include <span>

#include "domain/policy.h"
#include "domain/standing/counted.h"
#include "domain/standing/history.h"

namespace countersign::domain::standing {

/// What a policy adds to the rules of the service.
struct Terms {
  Duration wait{};                  ///< Lengthens the waits of STD-3, never shortens them; 0 leaves them.
  bool trust_on_first_use = false;  ///< [STD-1] A first source bound by the link counts for what was held before.
};
[[nodiscard]] Terms terms_of(const Policy& policy);

/// `unknown`: never bound. `bound_later`: after the hold. `gone`. `stopped`: objected to and undecided. `not_told`:
/// nothing began its wait yet. `waits`. `waits_anew`: after a loss, a suspicion, or an objection that lapsed.
enum class WhyNot : std::uint8_t { kUnknown, kBoundLater, kGone, kStopped, kNotTold, kWaits, kWaitsAnew };

[[nodiscard]] std::string_view to_text(WhyNot why);

/// What a source counts as, for a transaction held at one moment and judged at another.
struct Counts {
  Counted counted = Counted::kNot;
  WallTime since;                     ///< Where it counts: the earliest hold that it counts for like this.
  std::optional<Method> repeat_of;    ///< With kRepeat alone: the method of what added it.
  WhyNot why_not = WhyNot::kUnknown;  ///< With kNot alone.
  /// With kNot, the earliest hold that would count it; with kRepeat, as its own. Nothing where that is not known, and
  /// only a notice, a webhook or vouching helps.
  std::optional<WallTime> counts_from;

  [[nodiscard]] bool own() const { return counted != Counted::kNot && counted != Counted::kRepeat; }
  [[nodiscard]] bool any() const { return counted != Counted::kNot; }
  [[nodiscard]] HowCounted how() const { return {counted, since, repeat_of}; }
  friend bool operator==(const Counts&, const Counts&) = default;
};

/// [STD-1 to STD-5] Gains as of the hold, losses as of now: with `held_at` fixed, a later `now` never makes it more.
[[nodiscard]] Counts counts(const History& history, const Binding& binding, WallTime held_at, WallTime now,
                            const Terms& terms = {});
/// By its source: the binding that is living, or was last.
[[nodiscard]] Counts counts(const History& history, Id source, WallTime held_at, WallTime now, const Terms& terms = {});

/// Of the same source at two services that share it: what counts more, or sooner. [STD-12]
[[nodiscard]] Counts better(const Counts& a, const Counts& b);

/// When a replaced binding ended because its replacement came to count as its own; nothing before. [STD-8]
[[nodiscard]] std::optional<WallTime> replaced_at(const History& history, const Binding& binding, WallTime now);

/// [STD-8] The sources whose proofs for that transaction do not stand any more. To be asked after every change, for
/// each transaction of the subject that nobody has claimed: one voided proof cancels it, with `proof_voided`.
[[nodiscard]] std::vector<Id> voided(const History& history, std::span<const Proof> proofs, WallTime held_at,
                                     WallTime now, const Terms& terms);

}  // namespace countersign::domain::standing
