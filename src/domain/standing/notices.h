#pragma once

#include "base/function_ref.h"
#include "domain/standing/history.h"

namespace countersign::domain::standing {

/// Whether a provider of ours can reach this contact with free text. Asked only of telephones and mailboxes.
using Reach = FunctionRef<bool(const Binding&)>;

/// [STD-7] Everybody who is told of a change: contacts that were proved or founded, living or gone within `remember`.
/// Sources, each once, in the order of binding. For a loss or an erasure, all of them.
[[nodiscard]] std::vector<Id> contacts_to_tell(const History& history, const Rules& rules, WallTime now, Reach reach);

/// [STD-3] Those of them whose notice begins the wait of `about`: neither itself nor what added it.
[[nodiscard]] std::vector<Id> others_to_tell(const History& history, const Binding& about, const Rules& rules,
                                             WallTime now, Reach reach);

/// A provider accepted the notice about `binding` to `contact` (2xx, or 250 of SMTP). The first one begins the wait,
/// unless the contact had a part in the change; whoever was told may object. An unknown binding, and a notice accepted
/// before the wait was to begin, change nothing that counts.
[[nodiscard]] History told(History history, BindingId binding, Id contact, WallTime accepted_at);

/// The application answered 2xx to the webhook about `binding`. The first one since the wait was to begin counts.
[[nodiscard]] History webhook_acknowledged(History history, BindingId binding, WallTime acknowledged_at);

}  // namespace countersign::domain::standing
