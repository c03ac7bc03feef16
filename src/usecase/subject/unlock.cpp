#include "usecase/subject/unlock.h"

#include "usecase/audit_log.h"
#include "usecase/verification/guessing.h"

namespace countersign::usecase {

Answer<Done> unlock_contact(const Work& work, std::string_view identity, const ContactId& id) {
  const auto subject = store::find_subject(work.tx, work.context.vault, work.caller.account, identity);
  auto contact = subject ? store::find_contact(work.tx, work.caller.account, id) : std::nullopt;
  if (!contact || contact->subject != *subject) return refuse(Code::kNotFound);
  const Guard guard = guard_of(*contact, false);
  forget_failures(work.tx, work.caller.account, *contact, guard);
  record(work, "contact.unlocked", *subject,
         Facts().text("contact", id.text()).number("failures", guard.state.failures.consecutive));
  return Done{};
}

}  // namespace countersign::usecase
