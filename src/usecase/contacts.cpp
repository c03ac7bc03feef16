#include "usecase/contacts.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "contact/email_address.h"
#include "contact/masking.h"
#include "contact/phone_number.h"
#include "domain/display.h"
#include "store/repository/standings.h"
#include "usecase/journal.h"
#include "usecase/standing.h"

namespace countersign::usecase {

namespace {

namespace standing = domain::standing;

constexpr std::size_t kListMax = 100;

ContactView view_of(const store::Vault& vault, const store::ContactRow& contact, const standing::History& history,
                    WallTime now) {
  return {contact.id,          contact.channel,   contact::mask_contact(store::open_address(vault, contact).expose()),
          contact.known_since, contact.proved_at, standing::counts(history, contact.address_id.id, now, now)};
}

bool is_living(const standing::History& history, const Id& source) {
  const auto* binding = binding_of(history, source);
  return binding != nullptr && !binding->gone;
}

/// The living source that a contact of the subject stands for.
Answer<Id> replaced_source(store::Tx& tx, const Caller& caller, const SubjectId& subject, const ContactId& id) {
  const auto contact = store::find_contact(tx, caller.account, id);
  if (!contact || contact->subject != subject)
    return refuse_field("replaces", "must be the id of a contact of the subject");
  return contact->address_id.id;
}

store::ContactRow contact_row(store::Tx& tx, const Context& context, const Caller& caller, const SubjectId& subject,
                              const ServiceSettings& service, contact::Channel channel, const CheckedAddress& address,
                              Moment& moment) {
  const auto contact = store::ensure_contact(tx, context.vault, caller.account, subject, service.id, channel,
                                             address.address, address.index_text, moment);
  record(tx, context, caller, "contact.added", subject,
         Facts().text("contact", contact.id.text()).text("channel", contact::to_text(channel)), moment);
  return contact;
}

/// Ends that source at each of the services where it lives.
void end_source(store::Tx& tx, const Context& context, const Caller& caller, const SubjectId& subject,
                const std::vector<ServiceId>& services, const Id& source, standing::GoneWhy why, Moment& moment) {
  for (const auto& service : services) {
    auto history = load_history(tx, context, caller.account, subject, service);
    const WallTime at = binding_time(tx, caller.account, history, std::nullopt, moment.now);
    auto ended = standing::end(history, source, why, standing_rules(context, caller.account, service), at);
    if (ended) settle(tx, context, caller, history, *std::move(ended), moment);
  }
}

void remove_row(store::Tx& tx, const Context& context, const Caller& caller, const SubjectId& subject,
                const ContactId& id, std::string_view reason, Moment& moment) {
  if (!store::remove_contact(tx, caller.account, subject, id, moment.now)) return;
  record(tx, context, caller, "contact.removed", subject, Facts().text("contact", id.text()).text("reason", reason),
         moment);
}

/// What one list of contacts makes of another.
struct Listed {
  std::vector<store::ContactRow> rows;  ///< Of the new list, in its order.
  [[nodiscard]] bool has_source(const Id& source) const {
    return std::ranges::any_of(rows, [&](const auto& row) { return row.address_id.id == source; });
  }
  [[nodiscard]] bool has_row(const ContactId& id) const {
    return std::ranges::any_of(rows, [&](const auto& row) { return row.id == id; });
  }
};

/// [STD-8] Binds what is new, which takes the place of what is gone and of its kind.
Answer<standing::Change> put_change(store::Tx& tx, const Context& context, const Caller& caller,
                                    const standing::History& history, const Listed& listed, Moment& moment) {
  const auto& rules = standing_rules(context, caller.account, history.service);
  standing::Change change =
      standing::lapse(history, rules, binding_time(tx, caller.account, history, std::nullopt, moment.now));
  const auto then = [&](standing::Changed next) -> std::optional<Problem> {
    if (!next) return problem_of(next.error());
    follow_with(change, *std::move(next));
    return std::nullopt;
  };
  std::vector<standing::Offer> made;  // And what was given before and does not count yet.
  for (const auto& row : listed.rows) {
    const Id source = row.address_id.id;
    const WallTime at = binding_time(tx, caller.account, change.history, row.known_since, moment.now);
    const bool kept = is_living(change.history, source);
    const standing::Offer offer = offer_of(row, moment);
    auto problem = then(kept ? standing::keep(change.history, source, rules, at)
                             : standing::give(change.history, offer, rules, at));
    if (problem) return fail(*std::move(problem));
    if (!kept || !standing::counts(change.history, source, at, at).own()) made.push_back(offer);
  }
  const auto before = change.history.bindings;
  for (const auto& old : before) {
    if (!domain::is_contact(old.kind) || old.gone || listed.has_source(old.source)) continue;
    const auto same_kind = std::ranges::find(made, old.kind, &standing::Offer::kind);
    const WallTime at = binding_time(tx, caller.account, change.history, std::nullopt, moment.now);
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

/// [STD-2] The whole list as an import.
Answer<standing::Change> import_change(store::Tx& tx, const Context& context, const Caller& caller,
                                       const standing::History& history, const Listed& listed,
                                       const ContactTerms& terms, Moment& moment) {
  std::vector<standing::Offer> offers;
  for (const auto& row : listed.rows) offers.push_back(offer_of(row, moment));
  const WallTime at = binding_time(tx, caller.account, history, std::nullopt, moment.now);
  auto change = standing::import(history, offers, {terms.verified, terms.founding_until},
                                 standing_rules(context, caller.account, history.service), at);
  if (!change) return fail(problem_of(change.error()));
  return *std::move(change);
}

/// Answers after an abandoned transaction: what was written for it goes.
template <class T>
Answer<T> undo(store::Tx& tx, Problem problem) {
  tx.abandon();
  return fail(std::move(problem));
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

Answer<ContactView> add_contact(store::Tx& tx, const Context& context, const Caller& caller,
                                const SubjectAt& subject_at, const GivenContact& given, const ContactTerms& terms,
                                Moment& moment) {
  if (auto fault = identity_fault(subject_at.identity)) return fail(*std::move(fault));
  if (terms.vouch && !caller.may_vouch) return refuse(Code::kMayNotVouch, "use an API key with the scope vouch");
  if (terms.is_import() && (terms.vouch || terms.replaces))
    return refuse_field("verified_at", "an import neither vouches nor replaces");
  const auto service = service_named(context, caller, subject_at.service);
  if (!service) return fail(service.error());
  const auto address = check_address(given, **service, "address");
  if (!address) return fail(address.error());
  const SubjectId subject = store::ensure_subject(tx, context.vault, caller.account, subject_at.identity, moment);
  auto history = load_history(tx, context, caller.account, subject, (*service)->id);
  const auto contact = contact_row(tx, context, caller, subject, **service, given.channel, *address, moment);
  if (terms.is_import()) {
    auto change = import_change(tx, context, caller, history, {{contact}}, terms, moment);
    if (!change) return undo<ContactView>(tx, change.error());
    settle(tx, context, caller, history, *std::move(change), moment);
    return view_of(context.vault, contact, history, moment.now);
  }
  standing::Offer offer = offer_of(contact, moment);
  if (terms.replaces) {
    const auto replaced = replaced_source(tx, caller, subject, *terms.replaces);
    if (!replaced) return undo<ContactView>(tx, replaced.error());
    offer.replaces = *replaced;
  }
  const WallTime at = binding_time(tx, caller.account, history, contact.known_since, moment.now);
  auto change = (terms.vouch ? standing::vouch : standing::give)(history, offer, (*service)->standing, at);
  if (!change) return undo<ContactView>(tx, problem_of(change.error()));
  settle(tx, context, caller, history, *std::move(change), moment);
  return view_of(context.vault, contact, history, standing_now(history, moment.now));
}

Answer<std::vector<ContactView>> put_contacts(store::Tx& tx, const Context& context, const Caller& caller,
                                              const SubjectAt& subject_at, const std::vector<GivenContact>& given,
                                              const ContactTerms& terms, Moment& moment) {
  if (auto fault = identity_fault(subject_at.identity)) return fail(*std::move(fault));
  if (given.size() > kListMax) return refuse_field("contacts", "must have at most 100 entries");
  const auto service = service_named(context, caller, subject_at.service);
  if (!service) return fail(service.error());
  std::vector<CheckedAddress> addresses;
  for (std::size_t i = 0; i < given.size(); ++i) {
    auto address = check_address(given[i], **service, fmt::format("contacts[{}].address", i));
    if (!address) return fail(address.error());
    addresses.push_back(*std::move(address));
  }
  const SubjectId subject = store::ensure_subject(tx, context.vault, caller.account, subject_at.identity, moment);
  auto history = load_history(tx, context, caller.account, subject, (*service)->id);
  const auto before = store::contacts_of(tx, caller.account, subject);
  Listed listed;
  for (std::size_t i = 0; i < given.size(); ++i) {
    listed.rows.push_back(contact_row(tx, context, caller, subject, **service, given[i].channel, addresses[i], moment));
  }
  auto change = terms.is_import() ? import_change(tx, context, caller, history, listed, terms, moment)
                                  : put_change(tx, context, caller, history, listed, moment);
  if (!change) return undo<std::vector<ContactView>>(tx, change.error());
  settle(tx, context, caller, history, *std::move(change), moment);
  std::vector<standing::History> elsewhere;  // Read before any row goes, from which an old one is made.
  for (const auto& other : services_to_change(tx, context, caller.account, subject)) {
    if (other != history.service) elsewhere.push_back(load_history(tx, context, caller.account, subject, other));
  }
  for (const auto& row : before) {  // What is replaced stays in use, and what another service knows stays there.
    const Id& source = row.address_id.id;
    const bool used = listed.has_row(row.id) || (is_living(history, source) && !listed.has_source(source)) ||
                      std::ranges::any_of(elsewhere, [&](const auto& other) { return is_living(other, source); });
    if (!used) remove_row(tx, context, caller, subject, row.id, "removed", moment);
  }
  return list_contacts(tx, context, caller, subject_at, standing_now(history, moment.now));
}

Answer<std::vector<ContactView>> list_contacts(store::Tx& tx, const Context& context, const Caller& caller,
                                               const SubjectAt& subject_at, WallTime now) {
  const auto service = service_named(context, caller, subject_at.service);
  if (!service) return fail(service.error());
  std::vector<ContactView> views;
  const auto subject = store::find_subject(tx, context.vault, caller.account, subject_at.identity);
  if (!subject) return views;
  const auto history = load_history(tx, context, caller.account, *subject, (*service)->id);
  for (const auto& contact : store::contacts_of(tx, caller.account, *subject)) {
    if (is_living(history, contact.address_id.id)) views.push_back(view_of(context.vault, contact, history, now));
  }
  return views;
}

Answer<Done> delete_contact(store::Tx& tx, const Context& context, const Caller& caller, const SubjectAt& subject_at,
                            const ContactId& id, standing::GoneWhy why, Moment& moment) {
  const auto service = service_named(context, caller, subject_at.service);
  if (!service) return fail(service.error());
  const auto subject = store::find_subject(tx, context.vault, caller.account, subject_at.identity);
  const auto contact = subject ? store::find_contact(tx, caller.account, id) : std::nullopt;
  if (!contact || contact->subject != *subject) return refuse(Code::kNotFound);
  const auto all = services_to_change(tx, context, caller.account, *subject);
  const auto is_of_line = [&](const auto& other) { return other.address_id == contact->address_id; };
  auto rows = store::contacts_of(tx, caller.account, *subject);
  std::erase_if(rows, std::not_fn(is_of_line));
  // What is lost is lost whole: whoever has the phone also answers its calls. Removed, a line ends with its last
  // channel.
  const bool whole = why == standing::GoneWhy::kLost || rows.size() == 1;
  if (!whole) std::erase_if(rows, [&](const auto& other) { return other.id != id; });
  bool keep = false;
  if (whole) {
    const auto where = subject_at.service.empty() ? all : std::vector{(*service)->id};
    end_source(tx, context, caller, *subject, where, contact->address_id.id, why, moment);
    keep = std::ranges::any_of(all, [&](const ServiceId& other) {
      return is_living(load_history(tx, context, caller.account, *subject, other), contact->address_id.id);
    });
  }
  if (keep) return Done{};
  for (const auto& row : rows) remove_row(tx, context, caller, *subject, row.id, standing::to_text(why), moment);
  return Done{};
}

Answer<Done> suspect_contact(store::Tx& tx, const Context& context, const Caller& caller, std::string_view identity,
                             const ContactId& id, Moment& moment) {
  const auto subject = store::find_subject(tx, context.vault, caller.account, identity);
  const auto contact = subject ? store::find_contact(tx, caller.account, id) : std::nullopt;
  if (!contact || contact->subject != *subject) return refuse(Code::kNotFound);
  for (const auto& other : store::subjects_with_address(tx, caller.account, contact->address_id))
    suspect_source(tx, context, caller, other, contact->address_id.id, moment);
  return Done{};
}

}  // namespace countersign::usecase
