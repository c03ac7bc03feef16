#include "usecase/unlock.h"

#include "usecase/guessing.h"
#include "usecase/journal.h"

namespace countersign::usecase {

Answer<Done> unlock_contact(store::Tx& tx, const Context& context, const Caller& caller, std::string_view identity,
                            const ContactId& id, Moment& moment) {
  const auto subject = store::find_subject(tx, context.vault, caller.account, identity);
  auto contact = subject ? store::find_contact(tx, caller.account, id) : std::nullopt;
  if (!contact || contact->subject != *subject) return refuse(Code::kNotFound);
  const Guard guard = guard_of(*contact, false);
  forget_failures(tx, caller.account, *contact, guard);
  record(tx, context, caller, "contact.unlocked", *subject,
         Facts().text("contact", id.text()).number("failures", guard.state.failures.consecutive), moment);
  return Done{};
}

}  // namespace countersign::usecase
