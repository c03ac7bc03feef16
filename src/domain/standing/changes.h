#pragma once

#include <span>

#include "base/result.h"
#include "domain/policy.h"
#include "domain/standing/counts.h"

namespace countersign::domain::standing {

/// The result of a change, for the store and the notices.
struct Change {
  History history;
  /// The new or existing binding; nullopt if the change makes none.
  std::optional<BindingId> binding;
  /// Bindings that begin to wait, or would after their founding. Notices about each go to `others_to_tell` (and, for
  /// information, to the other contacts), and the webhook is sent. `told` and `webhook_acknowledged` report back.
  std::vector<BindingId> announce;
  std::vector<BindingId> ended;  ///< Ended by this change. Check open transactions with `voided` after every change.
  std::vector<BindingId> leaving = {};      ///< Removals that were asked for: announced as `announce` is. [STD-8]
  std::vector<BindingId> not_removed = {};  ///< Removals that were due, but too little would have been left. [STD-8]
};

/// Stable names, for problems and audit events.
enum class Refused : std::uint8_t {
  kUnknownSource,        ///< No living binding of that source.
  kAlreadyBound,         ///< Already living: nothing to add.
  kOtherKind,            ///< A replacement must be of the same kind.
  kNewSourceNotProved,   ///< [STD-4] No proof by the new source itself.
  kOperationTooLong,     ///< [STD-4] A proof is older than the operation's time limit.
  kTooFewKinds,          ///< [STD-4] See `kinds_to_add`.
  kTooWeak,              ///< [STD-4] A mailbox or recovery codes alone cannot add anything.
  kDoesNotCount,         ///< [STD-1]
  kNotTold,              ///< [STD-11] Only notified contacts may object, within `remember`.
  kObjectedBefore,       ///< [STD-11] Each contact once, and the application once; not after a decision.
  kNotStopped,           ///< [STD-11] There is nothing to decide.
  kMayNotDecide,         ///< [STD-11] Not established, or took part in the change.
  kHasHistory,           ///< [STD-2, STD-6] Only for a subject without history.
  kFoundingTooLong,      ///< [STD-2] `founding_until` more than 30 days ahead.
  kFoundingContradicts,  ///< [STD-2] `verified_at` closes what `founding_until` would keep open.
  kTooManySources,       ///< kBindingsMax is reached, and none ended long enough ago.
  kLastOne,              ///< [STD-8] What is left would not be enough to confirm and to add others.
  kStays,                ///< [STD-11] Its removal was objected to within `remember`: only the application removes it.
  kLeaves,               ///< [STD-8] Its removal was asked for already.
};
[[nodiscard]] std::string_view to_text(Refused refused);
using Changed = Result<Change, Refused>;

/// Maximum of bindings in a history: each change reads and writes all of them, and the person is notified of each.
/// Above it, the oldest bindings that ended longer than `remember` ago are dropped; if there are none, the change is
/// refused.
inline constexpr std::size_t kBindingsMax = 1000;

/// A source to be bound. `id` is new; `replaces` names a living source of the same kind.
struct Offer {
  BindingId id;
  Id source;
  Kind kind = Kind::kPhone;
  std::optional<Id> replaces;
};

// Every change first applies `lapse`, so callers need not do so.

/// [STD-2, STD-3] The application gives a contact or enrols a factor. A living binding is kept unchanged; with
/// `replaces` it replaces that one.
[[nodiscard]] Changed give(History history, const Offer& offer, const Rules& rules, WallTime now);

/// [STD-5] Like `give`, with a key that may vouch. A source that waits already gets this shorter wait too.
[[nodiscard]] Changed vouch(History history, const Offer& offer, const Rules& rules, WallTime now);

struct Import {
  bool verified = false;                   ///< Came with `verified_at`: closes founding.
  std::optional<WallTime> founding_until;  ///< At most 30 days ahead.
};
/// [STD-2] Only for a subject without history. Imported sources count from now, whatever the time of their
/// verification.
[[nodiscard]] Changed import(History history, std::span<const Offer> offers, const Import& terms, const Rules& rules,
                             WallTime now);

/// [STD-1, STD-6] The link binds a first factor, under a policy with `trust_on_first_use`: only if nothing was ever
/// given, proved or erased.
[[nodiscard]] Changed found_by_link(History history, const Offer& offer, const Rules& rules, WallTime now);

/// [STD-4] The person adds a source. `proofs`: all proofs of the operation, including the new source's (`Proof::how` is
/// ignored).
[[nodiscard]] Changed add(History history, const Offer& offer, std::span<const Proof> proofs, const Rules& rules,
                          WallTime now);
/// [STD-4] How many kinds the proofs of `add` need, not counting the new source. At least 1.
[[nodiscard]] int kinds_to_add(const History& history, const Rules& rules, WallTime now);

/// [STD-8] A lost or removed source: it ends at once, and what it added within `remember` waits again.
[[nodiscard]] Changed end(History history, Id source, GoneWhy why, const Rules& rules, WallTime now);

/// [STD-4] Why the person, with these proofs of one operation, may not change their own sources; nullopt if they may:
/// established sources of as many kinds as `kinds_to_add`, not a mailbox or recovery codes alone, in time.
[[nodiscard]] std::optional<Refused> may_not_change(const History& history, std::span<const Proof> proofs,
                                                    const Rules& rules, WallTime now);

/// [STD-8] The person asks, with these proofs, that a source be removed. It counts until then, for otherwise whoever
/// holds one source could take the others from the person: the removal takes place as late as a new source would count,
/// and whoever was told can object. kLastOne also if what would be left is leaving itself. `removal`: a new id.
[[nodiscard]] Changed ask_to_leave(History history, BindingId binding, BindingId removal, std::span<const Proof> proofs,
                                   const Rules& rules, WallTime now);
/// [STD-8] Why the removal of that living binding cannot be asked for, whatever the proofs; nullopt if it can.
[[nodiscard]] std::optional<Refused> may_not_leave(const History& history, const Binding& binding, const Rules& rules,
                                                   WallTime now);
/// [STD-8] Whether enough is left without that source: as many kinds that count as the service asks for, and one that
/// can add others. What is leaving itself is not counted.
[[nodiscard]] bool may_leave(const History& history, const Binding& binding, const Rules& rules, WallTime now);
/// [STD-11] The source stays, by an established one. If that had no part in asking for the removal, the page removes it
/// no more for `remember`. kNotStopped if it is not leaving.
[[nodiscard]] Changed stay(History history, BindingId binding, Id by, const Rules& rules, WallTime now);

/// [STD-8] The newest list contains the source: it continues beside its intended replacement.
[[nodiscard]] Changed keep(History history, Id source, const Rules& rules, WallTime now);

/// [STD-11] The application reports a SIM swap or the like: the source waits again, with what it added; if it has
/// ended, only what it added.
[[nodiscard]] Changed suspect(History history, Id source, const Rules& rules, WallTime now);

/// [STD-11] Whether it is news for the source that something happened to it at `since`, such as a swap of its SIM: it
/// was bound before, and was neither made to wait again, nor vouched for, nor kept after an objection since. Otherwise
/// each report of one swap would begin the wait anew.
[[nodiscard]] bool is_news_of(const History& history, Id source, WallTime since);

/// What an objection is to. `addition`: that the source was added, vouched for, or waits; `removal`.
enum class Objected : std::uint8_t { kAddition, kRemoval };
[[nodiscard]] std::string_view to_text(Objected what);
[[nodiscard]] std::optional<Objected> parse_objected(std::string_view text);
/// [STD-11] What somebody who names only the source objects to: its addition, while that may be objected to and the
/// source does not count as its own, for whoever asks for its removal must not be able to prevent that; else its
/// removal, if that was asked for; else its addition.
[[nodiscard]] Objected objected_to(const History& history, const Binding& binding, std::optional<Id> by,
                                   const Rules& rules, WallTime now);
/// [STD-11] `change`: of a binding, whose addition is stopped; or of a removal (Leaving::id), which is stopped: then
/// the source stays as it is, and there is nothing to decide. `by`: a contact that was notified of that change; nullopt
/// for the application. Each may object once, so that nobody uses up another's objection; to an addition not while it
/// is stopped, nor after a decision. kUnknownSource also for a removal that is over.
[[nodiscard]] Changed object(History history, BindingId change, std::optional<Id> by, const Rules& rules, WallTime now);
/// [STD-11] "It wasn't me", on a page, by anybody who has the link. It uses up nobody's objection, and does not stop a
/// change that was stopped before.
[[nodiscard]] Changed disown(History history, BindingId binding, const Rules& rules, WallTime now);
/// [STD-11] Whether that contact was notified recently enough: otherwise a thief's objection would outweigh the years
/// since.
[[nodiscard]] bool may_still_object(const Binding& binding, Id contact, const Rules& rules, WallTime now);
/// [STD-11] Whether that source may decide about the binding: it counts as its own and took no part in the change.
[[nodiscard]] bool may_decide(const History& history, const Binding& binding, Id source, WallTime now);
/// [STD-11] `by`: an established source that took no part in the change; nullopt for the application. If kept, the
/// binding continues to wait as before; otherwise it ends as in `end`.
[[nodiscard]] Changed decide(History history, BindingId binding, std::optional<Id> by, bool keep, const Rules& rules,
                             WallTime now);

/// Applies the passage of time: undecided objections lapse and their bindings wait again [STD-11]; replaced sources end
/// once their replacement counts, and removals take place where enough is left [STD-8]. All take effect at their due
/// time, however late this runs; `counts` does not need it. If `announce` and `ended` are empty, nothing changed.
[[nodiscard]] Change lapse(History history, const Rules& rules, WallTime now);

/// [STD-1, STD-2] A right answer from that source for a transaction: refused if the source does not count, otherwise it
/// ends founding. Not for standalone codes or the confirmation of an enrolment.
[[nodiscard]] Changed prove(History history, Id source, WallTime held_at, const Terms& terms, const Rules& rules,
                            WallTime now);

/// [STD-8, STD-12] At the service that shares them these sources ended or wait again: what they added here waits again.
[[nodiscard]] Change shared_sources_lost(History history, std::span<const Id> sources, const Rules& rules,
                                         WallTime now);

/// [STD-12] With what `owner` shares on these terms. Only for judging: without_shared() before it is stored.
[[nodiscard]] History with_shared(History history, const History& owner, const Shared& terms);
[[nodiscard]] History without_shared(History history);

/// [STD-14] Marks an erasure: no source of this identity can count as founding afterwards.
[[nodiscard]] History close_founding(History history, WallTime now);

}  // namespace countersign::domain::standing
