#pragma once

#include <optional>

#include "domain/transaction.h"
#include "usecase/show_subject.h"

namespace countersign::usecase {

/// [STD-11] The application objects for the person: stops the change that made this source. It does not count until
/// somebody decides; undecided for 72 hours, it waits anew. The application does so once. kObjectedBefore.
[[nodiscard]] Answer<SourceView> object_to_source(store::Tx& tx, const Context& context, const Caller& caller,
                                                  const SubjectAt& subject, const BindingId& binding, Moment& moment);

/// [STD-11] The application decides: kept, it goes on as before; else it ends. Only a key that may vouch keeps it.
/// kNotStopped, kMayNotVouch.
[[nodiscard]] Answer<SourceView> decide_about_source(store::Tx& tx, const Context& context, const Caller& caller,
                                                     const SubjectAt& subject, const BindingId& binding, bool keep,
                                                     Moment& moment);

/// [STD-11] A source of the person decides, which has just been proved for it. False, and nothing changed: there is
/// nothing to decide any more, or it may not.
bool decide_by_source(store::Tx& tx, const Context& context, const Caller& caller, domain::standing::History& history,
                      const BindingId& binding, const Id& source, bool keep, Moment& moment);

struct ObjectionRequest {
  BindingId contact;                 ///< Who was told: a telephone or mailbox, living or removed.
  std::optional<BindingId> binding;  ///< The change to stop; nothing: the erasure of the subject.
};
struct StartedObjection {
  ObjectionId id;
  contact::Channel channel = contact::Channel::kSms;
  std::string masked;
  WallTime expires_at;
};
/// Sends a code to a contact that was told, so that whoever holds it can object; five an hour to each.
/// kNotTold (also where it cannot be reached any more), kObjectedBefore, kRateLimited.
[[nodiscard]] Answer<StartedObjection> start_objection(store::Tx& tx, const Context& context, const Caller& caller,
                                                       const SubjectAt& subject, const ObjectionRequest& request,
                                                       Moment& moment);

/// With the right code the change is stopped. An attempt is spent before it is judged; five, then kAttemptsExhausted.
[[nodiscard]] Answer<Done> confirm_objection(store::Tx& tx, const Context& context, const Caller& caller,
                                             const SubjectAt& subject, const ObjectionId& id, const SecretString& code,
                                             Moment& moment);

/// [STD-11] "It wasn't me": stops what was bound since the transaction was held and does not count as its own, with it.
void object_to_changes_since(store::Tx& tx, const Context& context, const Caller& caller,
                             const domain::Transaction& held, Moment& moment);

}  // namespace countersign::usecase
