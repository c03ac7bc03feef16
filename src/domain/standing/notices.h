#pragma once

#include <span>

#include "base/function_ref.h"
#include "domain/standing/history.h"

namespace countersign::domain::standing {

/// Whether one of our providers can reach this contact with free text. Called only for telephones and mailboxes.
using Reach = FunctionRef<bool(const Binding&)>;

/// [STD-7] All contacts to notify of a change: those proved or founded, living or ended within `remember`. Sources,
/// each once, in the order of binding. For a loss or an erasure, all of them.
[[nodiscard]] std::vector<Id> contacts_to_tell(const History& history, const Rules& rules, WallTime now, Reach reach);

/// [STD-3] Those of them whose notice begins the wait of `about`: neither itself nor a source that added it.
[[nodiscard]] std::vector<Id> others_to_tell(const History& history, const Binding& about, const Rules& rules,
                                             WallTime now, Reach reach);

/// When the binding was last added, vouched for, made to wait again, or ended.
[[nodiscard]] WallTime changed_at(const Binding& binding);
/// The changes of the binding in that time, both ends included, of which a notice tells: its own id, also if support
/// unlocked it then, and that of its removal if that was asked for then.
[[nodiscard]] std::vector<BindingId> changes_between(const Binding& binding, WallTime since, WallTime until);

/// The person gave the source another name, or support unlocked it: for a notice that tells of several changes. An
/// unknown binding changes nothing.
[[nodiscard]] History renamed(History history, BindingId binding, WallTime at);
[[nodiscard]] History woken(History history, BindingId binding, WallTime at);

/// A notice about `about` that `contact` gets later, because it has had as many as allowed.
struct KeptBack {
  BindingId about;  ///< A binding, or a removal (Leaving::id).
  Id contact;
  WallTime until;  ///< After that it is no longer sent.
};
/// [STD-3, STD-7] The time limit for notices ends later for these bindings, so that they do not begin to count because
/// nobody was told, while somebody still will be. A notice to a contact that took part in the change has no effect.
[[nodiscard]] History kept_back(History history, std::span<const KeptBack> notices);

/// A provider accepted the notice about `change`, a binding or a removal (Leaving::id), to `contact` (2xx, or 250 of
/// SMTP). The first one begins the wait of that change, unless the contact took part in it; every notified contact may
/// object to it, and to no other. An unknown change, or a notice accepted before the wait was to begin, does not affect
/// how sources count.
[[nodiscard]] History told(History history, BindingId change, Id contact, WallTime accepted_at);

/// The application answered 2xx to the webhook about `change`. The first one after the wait was to begin counts.
[[nodiscard]] History webhook_acknowledged(History history, BindingId change, WallTime acknowledged_at);

}  // namespace countersign::domain::standing
