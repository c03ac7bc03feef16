#pragma once

#include <span>

#include "base/result.h"
#include "domain/policy.h"
#include "domain/standing/counts.h"

namespace countersign::domain::standing {

/// What happened, for the store and the notices.
struct Change {
  History history;
  /// The binding that was made, or was there already; nothing where the change makes none.
  std::optional<BindingId> binding;
  /// Bindings that begin to wait, or would if their founding were over: notices about each go to `others_to_tell` (and,
  /// so that they know, to the other contacts), and the webhook goes. `told` and `webhook_acknowledged` come back.
  std::vector<BindingId> announce;
  std::vector<BindingId> ended;  ///< Gone with this change. Ask `voided` for open transactions after every change.
};

/// Stable words, for problems and audit events.
enum class Refused : std::uint8_t {
  kUnknownSource,        ///< Nothing living is bound by that.
  kAlreadyBound,         ///< Living already: nothing to add.
  kOtherKind,            ///< A replacement is of the same kind as what it replaces.
  kNewSourceNotProved,   ///< [STD-4] No proof from the new source itself.
  kOperationTooLong,     ///< [STD-4] A proof is older than the operation may last.
  kTooFewKinds,          ///< [STD-4] See `kinds_to_add`.
  kTooWeak,              ///< [STD-4] A mailbox or recovery codes alone add nothing.
  kDoesNotCount,         ///< [STD-1]
  kNotTold,              ///< [STD-11] Only who was told may object, within `remember`.
  kObjectedBefore,       ///< [STD-11] Each contact once, and the application once; not once it was decided.
  kNotStopped,           ///< [STD-11] Nothing to decide.
  kMayNotDecide,         ///< [STD-11] Not established, or part of the change.
  kHasHistory,           ///< [STD-2, STD-6] Only for a subject without any.
  kFoundingTooLong,      ///< [STD-2] `founding_until` more than 30 days ahead.
  kFoundingContradicts,  ///< [STD-2] `verified_at` closes what `founding_until` would keep open.
  kTooManySources,       ///< kBindingsMax of them, and none of them gone for long.
};
[[nodiscard]] std::string_view to_text(Refused refused);
using Changed = Result<Change, Refused>;

/// So many bindings one history has: each change reads and writes all of it, and the person is told of each. Beyond
/// that the oldest that are gone for longer than `remember` are forgotten, and where there are none, nothing is bound.
inline constexpr std::size_t kBindingsMax = 1000;

/// A source to be bound. `id` is new; `replaces` names a living source of the same kind.
struct Offer {
  BindingId id;
  Id source;
  Kind kind = Kind::kPhone;
  std::optional<Id> replaces;
};

// Every change first writes down what time brought about (`lapse`), so that none has to be preceded by it.

/// [STD-2, STD-3] The application gives a contact or enrols a factor. What is living already is kept as it is; with
/// `replaces` it takes that one's place.
[[nodiscard]] Changed give(History history, const Offer& offer, const Rules& rules, WallTime now);

/// [STD-5] As `give`, by a key that may vouch. A source that waits already gets this shorter road too.
[[nodiscard]] Changed vouch(History history, const Offer& offer, const Rules& rules, WallTime now);

struct Import {
  bool verified = false;                   ///< Came with `verified_at`: closes founding.
  std::optional<WallTime> founding_until;  ///< At most 30 days ahead.
};
/// [STD-2] Only for a subject without history. What is imported counts from now; the time it was verified moves
/// nothing.
[[nodiscard]] Changed import(History history, std::span<const Offer> offers, const Import& terms, const Rules& rules,
                             WallTime now);

/// [STD-1, STD-6] The link binds a first factor, under a policy with `trust_on_first_use`: only where nothing was ever
/// given, proved or erased.
[[nodiscard]] Changed found_by_link(History history, const Offer& offer, const Rules& rules, WallTime now);

/// [STD-4] The person adds a source. `proofs`: all of the operation, the one from the new source among them
/// (`Proof::how` is not looked at).
[[nodiscard]] Changed add(History history, const Offer& offer, std::span<const Proof> proofs, const Rules& rules,
                          WallTime now);
/// [STD-4] Of how many kinds the proofs of `add` must be, the new source's apart. At least 1.
[[nodiscard]] int kinds_to_add(const History& history, const Rules& rules, WallTime now);

/// [STD-8] Lost or removed: it ends at once, and what it added within `remember` waits anew.
[[nodiscard]] Changed end(History history, Id source, GoneWhy why, const Rules& rules, WallTime now);

/// [STD-8] The newest list has it: it goes on beside what was to take its place.
[[nodiscard]] Changed keep(History history, Id source, const Rules& rules, WallTime now);

/// [STD-11] The application heard of a swapped SIM or the like: the source waits anew, with what it added;
/// where it is gone, what it added does.
[[nodiscard]] Changed suspect(History history, Id source, const Rules& rules, WallTime now);

/// [STD-11] Stops the change that made this binding. `by`: a contact that was told; nothing for the application. Each
/// of them once, so that nobody uses up the objection of another; not while it is stopped, nor after it was decided.
[[nodiscard]] Changed object(History history, BindingId binding, std::optional<Id> by, const Rules& rules,
                             WallTime now);
/// [STD-11] "It wasn't me", on a page: whoever has the link says so. It uses up nobody's objection, and stops nothing
/// that was stopped before.
[[nodiscard]] Changed disown(History history, BindingId binding, const Rules& rules, WallTime now);
/// [STD-11] Whether that contact was told of it, and not so long ago that a thief's word about it would count for more
/// than the years since.
[[nodiscard]] bool may_still_object(const Binding& binding, Id contact, const Rules& rules, WallTime now);
/// [STD-11] Whether that source may decide about the binding: it counts as its own and had no part in the change.
[[nodiscard]] bool may_decide(const History& history, const Binding& binding, Id source, WallTime now);
/// [STD-11] `by`: an established source that had no part in the change; nothing for the application. Kept, it goes on
/// waiting as before; else it ends as in `end`.
[[nodiscard]] Changed decide(History history, BindingId binding, std::optional<Id> by, bool keep, const Rules& rules,
                             WallTime now);

/// What time brought about: objections that nobody decided lapse and their bindings wait anew [STD-11]; replaced
/// sources whose replacement counts end [STD-8]. Both as of the moment when it was due, however late this runs;
/// `counts` does not need it. Nothing to announce and nothing ended: nothing changed.
[[nodiscard]] Change lapse(History history, const Rules& rules, WallTime now);

/// [STD-1, STD-2] A right answer from that source for a transaction: refused where it does not count, else founding
/// ends. Answers to standalone codes and confirmations of an enrolment are none.
[[nodiscard]] Changed prove(History history, Id source, WallTime held_at, const Terms& terms, const Rules& rules,
                            WallTime now);

/// [STD-14] The tombstone of an erasure: no source of this identity founds anything.
[[nodiscard]] History close_founding(History history, WallTime now);

}  // namespace countersign::domain::standing
