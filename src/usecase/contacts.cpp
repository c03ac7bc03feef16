#include "usecase/contacts.h"

#include <fmt/format.h>

#include "contact/email_address.h"
#include "contact/masking.h"
#include "contact/phone_number.h"
#include "domain/display.h"
#include "usecase/journal.h"

namespace countersign::usecase {

std::optional<Problem> identity_fault(std::string_view identity) {
  if (!identity.empty() && identity.size() <= 255 && domain::is_showable(identity, 255)) return std::nullopt;
  return Problem{Code::kInvalidField, "must be 1 to 255 bytes of plain text", "subject.identity"};
}

Answer<CheckedAddress> check_address(const GivenContact& given, const ServiceSettings& service,
                                     std::string_view field) {
  if (given.channel == contact::Channel::kPush) {
    return refuse_field(std::string(field), "push is not reached by an address but by a factor");
  }
  if (!contact::uses_phone(given.channel)) {
    const auto email = contact::EmailAddress::parse(given.address);
    if (!email)
      return refuse_field(std::string(field),
                          fmt::format("is no e-mail address ({})", contact::to_text(email.error())));
    return CheckedAddress{email->text(), email->index_text()};
  }
  const auto phone = contact::PhoneNumber::parse(given.address, service.default_region);
  if (!phone) {
    return refuse_field(std::string(field), fmt::format("is no phone number, such as +5511987654321 ({})",
                                                        contact::to_text(phone.error())));
  }
  if (contact::is_costly(phone->kind()))
    return refuse(Code::kAddressRefused, "numbers that cost extra are not served");  // [THR-11]
  if (given.channel == contact::Channel::kSms && !contact::can_receive_sms(phone->kind())) {
    return refuse(Code::kAddressRefused,
                  fmt::format("a {} number cannot receive text messages", contact::to_text(phone->kind())));
  }
  return CheckedAddress{std::string(phone->text()), std::string(phone->text())};
}

ContactView view_of(const store::Vault& vault, const store::ContactRow& contact) {
  return {contact.id, contact.channel, contact::mask_contact(store::open_address(vault, contact).expose()),
          contact.known_since, contact.proved_at};
}

Answer<ContactView> add_contact(store::Tx& tx, const Context& context, const Caller& caller, std::string_view identity,
                                const GivenContact& given, Moment& moment) {
  if (auto fault = identity_fault(identity)) return fail(*std::move(fault));
  const auto& account = context.settings.account(caller.account);
  const auto address = check_address(given, account.services.front(), "address");
  if (!address) return fail(address.error());
  const SubjectId subject = store::ensure_subject(tx, context.vault, caller.account, identity, moment);
  const auto contact = store::ensure_contact(tx, context.vault, caller.account, subject, given.channel,
                                             address->address, address->index_text, moment);
  record(tx, context, caller, "contact.added", subject,
         Facts().text("contact", contact.id.text()).text("channel", contact::to_text(given.channel)), moment);
  return view_of(context.vault, contact);
}

std::vector<ContactView> list_contacts(store::Tx& tx, const Context& context, const Caller& caller,
                                       std::string_view identity) {
  std::vector<ContactView> views;
  const auto subject = store::find_subject(tx, context.vault, caller.account, identity);
  if (!subject) return views;
  for (const auto& contact : store::contacts_of(tx, caller.account, *subject))
    views.push_back(view_of(context.vault, contact));
  return views;
}

Answer<Done> delete_contact(store::Tx& tx, const Context& context, const Caller& caller, std::string_view identity,
                            const ContactId& id, Moment& moment) {
  const auto subject = store::find_subject(tx, context.vault, caller.account, identity);
  if (!subject || !store::remove_contact(tx, caller.account, *subject, id)) return refuse(Code::kNotFound);
  record(tx, context, caller, "contact.removed", *subject, Facts().text("contact", id.text()), moment);
  return Done{};
}

}  // namespace countersign::usecase
