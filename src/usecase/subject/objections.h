#pragma once

#include <optional>

#include "domain/transaction.h"
#include "usecase/subject/show.h"

namespace countersign::usecase {

/// What an objection is to: `addition`, `removal`; nullopt: whichever is open (domain::standing::objected_to).
using ObjectedTo = std::optional<domain::standing::Objected>;

/// [STD-11] The application objects on behalf of the person. To the addition of this source: it does not count until
/// that is decided; undecided for 72 hours, it waits again; once per application. To its removal: it stays as it is.
/// kObjectedBefore, also where no removal is open.
[[nodiscard]] Answer<SourceView> object_to_source(const Work& work, const SubjectAt& subject, const BindingId& binding,
                                                  ObjectedTo what = std::nullopt);

/// [STD-11] The application decides: a kept source goes on as before; otherwise it ends. Only a key with the scope
/// `vouch` may keep it. kNotStopped, kMayNotVouch.
[[nodiscard]] Answer<SourceView> decide_about_source(const Work& work, const SubjectAt& subject,
                                                     const BindingId& binding, bool keep);

/// [STD-11] Decides with a source of the person that was just proved for this. False, with nothing changed, if nothing
/// is left to decide or the source may not decide.
bool decide_by_source(const Work& work, domain::standing::History& history, const BindingId& binding, const Id& source,
                      bool keep);

struct ObjectionRequest {
  BindingId contact;                 ///< The contact that was notified: a phone number or mailbox, active or removed.
  std::optional<BindingId> binding;  ///< The source whose change is to be stopped; absent: the erasure of the subject.
  ObjectedTo what = std::nullopt;    ///< Only with a source.
};
struct StartedObjection {
  ObjectionId id;
  contact::Channel channel = contact::Channel::kSms;
  std::string masked;
  WallTime expires_at;
  ObjectedTo what;  ///< What the code stops; nullopt: the erasure.
};
/// Sends a code to a contact that was notified of that change, so that its holder can object to it and to nothing else;
/// at most five an hour each. kNotTold (also if the contact cannot be reached any more), kObjectedBefore, kRateLimited.
[[nodiscard]] Answer<StartedObjection> start_objection(const Work& work, const SubjectAt& subject,
                                                       const ObjectionRequest& request);

/// Stops the change if the code is right. An attempt is spent before the code is judged; after five,
/// kAttemptsExhausted.
[[nodiscard]] Answer<Done> confirm_objection(const Work& work, const SubjectAt& subject, const ObjectionId& id,
                                             const SecretString& code);

/// [STD-11] "It wasn't me": a denial also stops the sources bound since the hold that do not count on their own.
void object_to_changes_since(const Work& work, const domain::Transaction& held);

}  // namespace countersign::usecase
