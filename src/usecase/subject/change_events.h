#pragma once

#include "domain/standing/changes.h"
#include "store/repository/webhooks.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Reports a change, in the same database transaction: an audit event for each binding that was added, vouched for,
/// ended, made to wait again, asked to be removed or not removed after all (`source.added`, `.vouched`, `.lost`,
/// `.removed`, `.objected`, `.replaced`, `.waits_anew`, `.leaving`, `.not_removed`), and the webhook
/// `subject.source_added` or `subject.source_leaving` for each binding that must be notified. The very first sources of
/// a subject do not wait and send no webhook. Whom a change can be told only later is written into `change.history`,
/// which is stored afterwards. [STD-7]
void record_source_changes(const Work& work, const SubjectId& subject, const ServiceId& service,
                           domain::standing::Change& change);

/// `phone`, `email`, `authenticator`, `passkey`, `push`, `recovery_codes`.
[[nodiscard]] std::string_view public_kind(domain::Kind kind);

/// The webhook body as sent: the subject's identity and the transaction's metadata are stored sealed, and are added at
/// sending time.
[[nodiscard]] std::string body_to_send(store::Tx& tx, const Context& context, const store::DeliveryRow& row);

/// Whether something follows when an endpoint accepts a webhook of this type: then note_acknowledged() must hear of it.
[[nodiscard]] bool has_consequence(std::string_view event_type);

/// The application answered 2xx: if no contact could be notified, the wait starts now. [STD-3]
void note_acknowledged(store::Tx& tx, const Context& context, const store::DeliveryRow& row, Moment& moment);

}  // namespace countersign::usecase
