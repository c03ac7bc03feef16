#pragma once

#include <optional>
#include <set>
#include <span>
#include <vector>

#include "base/function_ref.h"
#include "domain/standing/changes.h"

// What the changes of domain/standing/changes.h are made of, shared by their files.
namespace countersign::domain::standing {

/// A kind that adds nothing alone. [STD-4]
[[nodiscard]] bool is_weak(Kind kind);
/// The same of one proof: also of a push whose answer carried no number. [PUSH-8]
[[nodiscard]] bool is_weak(const Proof& proof);

/// The living binding of this service itself; null if there is none.
[[nodiscard]] Binding* living(History& history, BindingId id);

[[nodiscard]] Waiting waiting_from(WallTime since, Duration wait, Duration wait_alone, const Rules& rules);

/// [STD-10] Of a set of recovery codes that ended before it could replace the one before: the set that was to replace
/// it replaces that one, too, so that no old set is left beside the newest. Whether there was one.
bool pass_on_replacing(History& history, const Binding& ended);

/// The proofs of an operation from established sources, strong kinds first, each source once.
[[nodiscard]] std::vector<AddedWith> established_proofs(const History& history, Id but, std::span<const Proof> proofs,
                                                        WallTime now);
/// [STD-4] The kinds of the sources that count on their own, as far as `wanted` takes them. Recovery codes may be shown
/// beside another kind, but are never required. [STD-10]
[[nodiscard]] std::set<Kind> established_kinds(const History& history, FunctionRef<bool(const Binding&)> wanted,
                                               WallTime now);
/// [STD-4] Why `adders`, those of the proofs that are from established sources, are not enough.
[[nodiscard]] std::optional<Refused> why_not_by(const std::vector<AddedWith>& adders, const History& history,
                                                std::span<const Proof> proofs, const Rules& rules, WallTime now);

/// [STD-8] Ends what the person asked to remove, if enough is left. It was announced for as long as a new source is, so
/// what it added goes on as it is.
void let_leave(Change& change, const Rules& rules, WallTime now);

/// The living binding whose removal that is; null if it is over.
[[nodiscard]] Binding* leaving_by(History& history, BindingId removal);

/// [STD-11] It stays. By a contact that was told of that removal, or the application.
[[nodiscard]] Changed object_to_leaving(Change change, BindingId removal, std::optional<Id> by, WallTime now);

}  // namespace countersign::domain::standing
