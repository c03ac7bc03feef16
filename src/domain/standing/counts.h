#pragma once

#include <span>

#include "domain/policy.h"
#include "domain/standing/counted.h"
#include "domain/standing/history.h"

namespace countersign::domain::standing {

/// What a policy adds to the service's rules.
struct Terms {
  Duration wait{};                  ///< Lengthens the waits of STD-3, never shortens them; 0: no change.
  bool trust_on_first_use = false;  ///< [STD-1] A first source bound by the link also counts for earlier holds.
};
[[nodiscard]] Terms terms_of(const Policy& policy);

/// `unknown`: never bound. `bound_later`: bound after the hold. `gone`: ended. `stopped`: objected to and undecided.
/// `not_told`: its wait has not begun. `waits`. `waits_anew`: after a loss, a suspicion, or a lapsed objection.
enum class WhyNot : std::uint8_t { kUnknown, kBoundLater, kGone, kStopped, kNotTold, kWaits, kWaitsAnew };

[[nodiscard]] std::string_view to_text(WhyNot why);

/// How a source counts for a transaction with one hold time and one time of judgement.
struct Counts {
  Counted counted = Counted::kNot;
  WallTime since;                     ///< If it counts: the earliest hold for which it counts like this.
  std::optional<Method> repeat_of;    ///< Only with kRepeat: the method of the source that added it.
  WhyNot why_not = WhyNot::kUnknown;  ///< Only with kNot.
  /// With kNot, the earliest hold for which it will count; with kRepeat, as its own. nullopt if unknown, until a
  /// notice, a webhook or vouching.
  std::optional<WallTime> counts_from;
  std::string shared_by = {};  ///< If it counts by what another service shares: that one's name. [STD-12]

  [[nodiscard]] bool own() const { return counted != Counted::kNot && counted != Counted::kRepeat; }
  [[nodiscard]] bool any() const { return counted != Counted::kNot; }
  [[nodiscard]] HowCounted how() const { return {counted, since, repeat_of, shared_by}; }
  friend bool operator==(const Counts&, const Counts&) = default;
};

/// [STD-1 to STD-5] Gains as of the hold, losses as of now: with `held_at` fixed, a later `now` never increases the
/// result.
[[nodiscard]] Counts counts(const History& history, const Binding& binding, WallTime held_at, WallTime now,
                            const Terms& terms = {});
/// By source: by its living binding, or its last one, or by what another service shares, whichever counts more. Not by
/// what was shared before this service itself ended or stopped the source.
[[nodiscard]] Counts counts(const History& history, Id source, WallTime held_at, WallTime now, const Terms& terms = {});

/// Of one source by two bindings: the result that counts more, or sooner. [STD-12]
[[nodiscard]] Counts better(const Counts& a, const Counts& b);

/// When a replaced binding ended because its replacement began to count as its own; nullopt before. [STD-8]
[[nodiscard]] std::optional<WallTime> replaced_at(const History& history, const Binding& binding, WallTime now);

/// When the removal that the person asked for takes place, if nobody objects; nullopt before anybody was told, and if
/// none was asked for. [STD-8]
[[nodiscard]] std::optional<WallTime> leaves_at(const Binding& binding);

/// [STD-8] The sources whose proofs for that transaction are void. Call it after every change, for each unclaimed
/// transaction of the subject: one voided proof cancels it, with `proof_voided`.
[[nodiscard]] std::vector<Id> voided(const History& history, std::span<const Proof> proofs, WallTime held_at,
                                     WallTime now, const Terms& terms);

}  // namespace countersign::domain::standing
