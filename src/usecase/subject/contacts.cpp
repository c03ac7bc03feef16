#include "usecase/subject/contacts.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "contact/email_address.h"
#include "contact/masking.h"
#include "contact/phone_number.h"
#include "domain/display.h"
#include "store/repository/standings.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/obstacles.h"
#include "usecase/subject/standing.h"

namespace countersign::usecase {

namespace {

namespace standing = domain::standing;

constexpr std::size_t kListMax = 100;

ContactView view_of(const store::Vault& vault, const store::ContactRow& contact, const standing::History& history,
                    WallTime now) {
  return {contact.id,
          contact.channel,
          contact::mask_contact(store::open_address(vault, contact).expose()),
          contact.known_since,
          contact.proved_at,
          standing::counts(history, contact.address_id.id, now, now),
          obstacle_of(contact, now)};
}

bool is_living(const standing::History& history, const Id& source) {
  const auto* binding = binding_of(history, source);
  return binding != nullptr && !binding->gone;
}

/// The active source of one of the subject's contacts.
Answer<Id> replaced_source(store::Tx& tx, const Caller& caller, const SubjectId& subject, const ContactId& id) {
  const auto contact = store::find_contact(tx, caller.account, id);
  if (!contact || contact->subject != subject)
    return refuse_field("replaces", "must be the id of a contact of the subject");
  return contact->address_id.id;
}

store::ContactRow contact_row(const Work& work, const SubjectId& subject, const ServiceSettings& service,
                              contact::Channel channel, const CheckedAddress& address) {
  const auto contact = store::ensure_contact(
      work.tx, work.context.vault,
      {work.caller.account, subject, service.id, channel, address.address, address.index_text}, work.moment);
  record(work, "contact.added", subject,
         Facts().text("contact", contact.id.text()).text("channel", contact::to_text(channel)));
  return contact;
}

bool is_only_shared(const Work& work, const SubjectId& subject, const ServiceId& service, const Id& source) {
  const auto history = load_history(work.tx, work.context, work.caller.account, subject, service);
  return own_living(history, source) == nullptr && is_living(history, source);
}

/// Ends the source at each service where it is active.
void end_source(const Work& work, const SubjectId& subject, const std::vector<ServiceId>& services, const Id& source,
                standing::GoneWhy why) {
  for (const auto& service : services) {
    auto history = load_history(work.tx, work.context, work.caller.account, subject, service);
    const WallTime at = binding_time(work, history, std::nullopt);
    auto ended = standing::end(history, source, why, standing_rules(work.context, work.caller.account, service), at);
    if (ended) settle(work, history, *std::move(ended));
  }
}

void remove_row(const Work& work, const SubjectId& subject, const ContactId& id, std::string_view reason) {
  if (!store::remove_contact(work.tx, work.caller.account, subject, id, work.moment.now)) return;
  record(work, "contact.removed", subject, Facts().text("contact", id.text()).text("reason", reason));
}

/// The result of replacing one list of contacts by another.
struct Listed {
  std::vector<store::ContactRow> rows;  ///< In the order of the new list.
  [[nodiscard]] bool has_source(const Id& source) const {
    return std::ranges::any_of(rows, [&](const auto& row) { return row.address_id.id == source; });
  }
  [[nodiscard]] bool has_row(const ContactId& id) const {
    return std::ranges::any_of(rows, [&](const auto& row) { return row.id == id; });
  }
};

/// [STD-8] Binds new contacts; each replaces an ended one of its kind.
Answer<standing::Change> put_change(const Work& work, const standing::History& history, const Listed& listed) {
  const auto& rules = standing_rules(work.context, work.caller.account, history.service);
  standing::Change change = standing::lapse(history, rules, binding_time(work, history, std::nullopt));
  const auto then = [&](standing::Changed next) -> std::optional<Problem> {
    if (!next) return problem_of(next.error());
    follow_with(change, *std::move(next));
    return std::nullopt;
  };
  std::vector<standing::Offer> made;  // Includes earlier contacts that do not count yet.
  for (const auto& row : listed.rows) {
    const Id source = row.address_id.id;
    const WallTime at = binding_time(work, change.history, row.known_since);
    const bool kept = own_living(change.history, source) != nullptr;
    const standing::Offer offer = offer_of(row, work.moment);
    auto problem = then(kept ? standing::keep(change.history, source, rules, at)
                             : standing::give(change.history, offer, rules, at));
    if (problem) return fail(*std::move(problem));
    if (!kept || !standing::counts(change.history, source, at, at).own()) made.push_back(offer);
  }
  const auto before = change.history.bindings;
  for (const auto& old : before) {
    if (!domain::is_contact(old.kind) || old.gone || old.shared || listed.has_source(old.source)) continue;
    const auto same_kind = std::ranges::find(made, old.kind, &standing::Offer::kind);
    const WallTime at = binding_time(work, change.history, std::nullopt);
    std::optional<Problem> problem;
    if (same_kind == made.end()) {
      problem = then(standing::end(change.history, old.source, standing::GoneWhy::kRemoved, rules, at));
    } else {
      standing::Offer offer = *same_kind;
      offer.replaces = old.source;
      problem = then(standing::give(change.history, offer, rules, at));
    }
    if (problem) return fail(*std::move(problem));
  }
  return change;
}

/// [STD-2] Imports the whole list.
Answer<standing::Change> import_change(const Work& work, const standing::History& history, const Listed& listed,
                                       const ContactTerms& terms) {
  std::vector<standing::Offer> offers;
  for (const auto& row : listed.rows) offers.push_back(offer_of(row, work.moment));
  const WallTime at = binding_time(work, history, std::nullopt);
  auto change = standing::import(history, offers, {terms.verified, terms.founding_until},
                                 standing_rules(work.context, work.caller.account, history.service), at);
  if (!change) return fail(problem_of(change.error()));
  return *std::move(change);
}

/// Rolls back and refuses: everything written in the transaction is undone.
template <class T>
Answer<T> undo(store::Tx& tx, Problem problem) {
  tx.abandon();
  return fail(std::move(problem));
}

/// Of the subject, and whether each counts at that time.
Answer<std::vector<ContactView>> contacts_at(const Work& work, const SubjectAt& subject_at, WallTime at) {
  const auto service = service_named(work.context, work.caller, subject_at.service);
  if (!service) return fail(service.error());
  std::vector<ContactView> views;
  const auto subject = store::find_subject(work.tx, work.context.vault, work.caller.account, subject_at.identity);
  if (!subject) return views;
  const auto history = load_history(work.tx, work.context, work.caller.account, *subject, (*service)->id);
  for (const auto& contact : store::contacts_of(work.tx, work.caller.account, *subject)) {
    if (is_living(history, contact.address_id.id)) views.push_back(view_of(work.context.vault, contact, history, at));
  }
  return views;
}

}  // namespace

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

Answer<const ServiceSettings*> service_named(const Context& context, const Caller& caller, std::string_view name) {
  const auto& account = context.settings.account(caller.account);
  const ServiceSettings* service = name.empty() ? &account.services.front() : account.service(name);
  if (service == nullptr) return refuse_field("service", "no service of that name is configured");
  return service;
}

Answer<ContactView> add_contact(const Work& work, const SubjectAt& subject_at, const GivenContact& given,
                                const ContactTerms& terms) {
  if (auto fault = identity_fault(subject_at.identity)) return fail(*std::move(fault));
  if (terms.vouch && !work.caller.may_vouch) return refuse(Code::kMayNotVouch, "use an API key with the scope vouch");
  if (terms.is_import() && (terms.vouch || terms.replaces))
    return refuse_field("verified_at", "an import neither vouches nor replaces");
  const auto service = service_named(work.context, work.caller, subject_at.service);
  if (!service) return fail(service.error());
  const auto address = check_address(given, **service, "address");
  if (!address) return fail(address.error());
  const SubjectId subject =
      store::ensure_subject(work.tx, work.context.vault, work.caller.account, subject_at.identity, work.moment);
  auto history = load_history(work.tx, work.context, work.caller.account, subject, (*service)->id);
  const auto contact = contact_row(work, subject, **service, given.channel, *address);
  if (terms.is_import()) {
    auto change = import_change(work, history, {{contact}}, terms);
    if (!change) return undo<ContactView>(work.tx, change.error());
    settle(work, history, *std::move(change));
    return view_of(work.context.vault, contact, history, work.moment.now);
  }
  standing::Offer offer = offer_of(contact, work.moment);
  if (terms.replaces) {
    const auto replaced = replaced_source(work.tx, work.caller, subject, *terms.replaces);
    if (!replaced) return undo<ContactView>(work.tx, replaced.error());
    offer.replaces = *replaced;
  }
  const WallTime at = binding_time(work, history, contact.known_since);
  auto change = (terms.vouch ? standing::vouch : standing::give)(history, offer, (*service)->standing, at);
  if (!change) return undo<ContactView>(work.tx, problem_of(change.error()));
  settle(work, history, *std::move(change));
  return view_of(work.context.vault, contact, history, standing_now(history, work.moment.now));
}

Answer<std::vector<ContactView>> put_contacts(const Work& work, const SubjectAt& subject_at,
                                              const std::vector<GivenContact>& given, const ContactTerms& terms) {
  if (auto fault = identity_fault(subject_at.identity)) return fail(*std::move(fault));
  if (given.size() > kListMax) return refuse_field("contacts", "must have at most 100 entries");
  const auto service = service_named(work.context, work.caller, subject_at.service);
  if (!service) return fail(service.error());
  std::vector<CheckedAddress> addresses;
  for (std::size_t i = 0; i < given.size(); ++i) {
    auto address = check_address(given[i], **service, fmt::format("contacts[{}].address", i));
    if (!address) return fail(address.error());
    addresses.push_back(*std::move(address));
  }
  const SubjectId subject =
      store::ensure_subject(work.tx, work.context.vault, work.caller.account, subject_at.identity, work.moment);
  auto history = load_history(work.tx, work.context, work.caller.account, subject, (*service)->id);
  const auto before = store::contacts_of(work.tx, work.caller.account, subject);
  Listed listed;
  for (std::size_t i = 0; i < given.size(); ++i) {
    listed.rows.push_back(contact_row(work, subject, **service, given[i].channel, addresses[i]));
  }
  auto change = terms.is_import() ? import_change(work, history, listed, terms) : put_change(work, history, listed);
  if (!change) return undo<std::vector<ContactView>>(work.tx, change.error());
  settle(work, history, *std::move(change));
  std::vector<standing::History> elsewhere;  // Read before rows are deleted, because an old history is made from rows.
  for (const auto& other : services_to_change(work.tx, work.context, work.caller.account, subject)) {
    if (other != history.service)
      elsewhere.push_back(load_history(work.tx, work.context, work.caller.account, subject, other));
  }
  for (const auto& row : before) {  // A replaced contact stays in use, and so does one that another service knows.
    const Id& source = row.address_id.id;
    const bool used = listed.has_row(row.id) || (is_living(history, source) && !listed.has_source(source)) ||
                      std::ranges::any_of(elsewhere, [&](const auto& other) { return is_living(other, source); });
    if (!used) remove_row(work, subject, row.id, "removed");
  }
  return contacts_at(work, subject_at, standing_now(history, work.moment.now));
}

Answer<std::vector<ContactView>> list_contacts(const Work& work, const SubjectAt& subject_at) {
  return contacts_at(work, subject_at, work.moment.now);
}

Answer<Done> delete_contact(const Work& work, const SubjectAt& subject_at, const ContactId& id, standing::GoneWhy why) {
  const auto service = service_named(work.context, work.caller, subject_at.service);
  if (!service) return fail(service.error());
  const auto subject = store::find_subject(work.tx, work.context.vault, work.caller.account, subject_at.identity);
  const auto contact = subject ? store::find_contact(work.tx, work.caller.account, id) : std::nullopt;
  if (!contact || contact->subject != *subject) return refuse(Code::kNotFound);
  const auto all = services_to_change(work.tx, work.context, work.caller.account, *subject);
  const auto is_of_line = [&](const auto& other) { return other.address_id == contact->address_id; };
  auto rows = store::contacts_of(work.tx, work.caller.account, *subject);
  std::erase_if(rows, std::not_fn(is_of_line));
  // A lost line is lost with all channels: the holder of the phone also answers its calls. A removed line ends with its
  // last channel.
  const bool whole = why == standing::GoneWhy::kLost || rows.size() == 1;
  if (!whole) std::erase_if(rows, [&](const auto& other) { return other.id != id; });
  bool keep = false;
  if (whole) {
    const auto where = subject_at.service.empty() ? all : std::vector{(*service)->id};
    // Otherwise it would go on to count there, after an answer that says the contrary. [STD-12]
    if (!subject_at.service.empty() && is_only_shared(work, *subject, (*service)->id, contact->address_id.id))
      return refuse(Code::kNotFound, "another service bound it and shares it; name that one, or none");
    end_source(work, *subject, where, contact->address_id.id, why);
    keep = std::ranges::any_of(all, [&](const ServiceId& other) {
      return is_living(load_history(work.tx, work.context, work.caller.account, *subject, other),
                       contact->address_id.id);
    });
  }
  if (keep) return Done{};
  for (const auto& row : rows) remove_row(work, *subject, row.id, standing::to_text(why));
  return Done{};
}

Answer<Done> suspect_contact(const Work& work, std::string_view identity, const ContactId& id) {
  const auto subject = store::find_subject(work.tx, work.context.vault, work.caller.account, identity);
  const auto contact = subject ? store::find_contact(work.tx, work.caller.account, id) : std::nullopt;
  if (!contact || contact->subject != *subject) return refuse(Code::kNotFound);
  for (const auto& other : store::subjects_with_address(work.tx, work.caller.account, contact->address_id))
    suspect_source(work, other, contact->address_id.id);
  return Done{};
}

}  // namespace countersign::usecase
