#pragma once

#include "domain/standing/changes.h"
#include "store/repository/webhooks.h"
#include "usecase/context.h"

namespace countersign::usecase {

/// Says what a change did, in the database transaction that makes it: an audit event for each binding that was made,
/// vouched for, ended or made to wait anew (`source.added`, `.vouched`, `.lost`, `.removed`, `.objected`, `.replaced`,
/// `.waits_anew`), and the webhook `subject.source_added` for each that is to be announced, but for the very first
/// sources of a subject, which nobody waits for. [STD-7]
void announce_changes(store::Tx& tx, const Context& context, const Caller& caller, const SubjectId& subject,
                      const ServiceId& service, const domain::standing::Change& change, Moment& moment);

/// `phone`, `email`, `authenticator`, `passkey`, `push`, `recovery_codes`.
[[nodiscard]] std::string_view public_kind(domain::Kind kind);

/// The body as it is sent: a subject's identity and a transaction's metadata stand nowhere in clear, and are put in
/// when the webhook goes.
[[nodiscard]] std::string body_to_send(store::Tx& tx, const Context& context, const store::DeliveryRow& row);

/// The application answered 2xx: where nobody could be told, the wait begins with that. [STD-3]
void note_acknowledged(store::Tx& tx, const Context& context, const store::DeliveryRow& row, Moment& moment);

}  // namespace countersign::usecase
