#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/standing/changes.h"
#include "store/repository/subjects.h"
#include "usecase/context.h"
#include "usecase/hold.h"
#include "usecase/problem.h"

namespace countersign::usecase {

/// An address in its one form, checked for its channel.
struct CheckedAddress {
  std::string address;     ///< E.164, or the e-mail address to send to.
  std::string index_text;  ///< What it is looked up and counted by.
};

/// `field` names the offending member in errors.
[[nodiscard]] Answer<CheckedAddress> check_address(const GivenContact& given, const ServiceSettings& service,
                                                   std::string_view field);

struct ContactView {
  ContactId id;
  contact::Channel channel = contact::Channel::kSms;
  std::string masked;
  WallTime known_since;
  std::optional<WallTime> proved_at;
  domain::standing::Counts counts;  ///< For what is held now, at the service that was asked.
};

/// A subject at one of the account's services. `service` by name; empty: the account's first.
struct SubjectAt {
  std::string identity;
  std::string service = {};
};

/// By which right a contact is given. [STD-2, STD-5]
struct ContactTerms {
  bool vouch = false;                           ///< By a key that may.
  std::optional<ContactId> replaces = {};       ///< Stays in use until the new one counts. [STD-8]
  bool verified = false;                        ///< An import: known to be hers already.
  std::optional<WallTime> founding_until = {};  ///< An import: her other sources come later.

  [[nodiscard]] bool is_import() const { return verified || founding_until.has_value(); }
};

/// Adds a contact, or answers the one that is there already. It counts at once for a new person, and waits else.
[[nodiscard]] Answer<ContactView> add_contact(store::Tx& tx, const Context& context, const Caller& caller,
                                              const SubjectAt& subject, const GivenContact& given,
                                              const ContactTerms& terms, Moment& moment);

/// The whole list of them: what is unchanged is kept, and the rest replaced by what is new of the same kind, or else
/// removed. [STD-8] `terms`: of an import only.
[[nodiscard]] Answer<std::vector<ContactView>> put_contacts(store::Tx& tx, const Context& context, const Caller& caller,
                                                            const SubjectAt& subject,
                                                            const std::vector<GivenContact>& given,
                                                            const ContactTerms& terms, Moment& moment);

/// Those that live at that service, the newest first. Empty for an unknown subject, as for one without contacts.
[[nodiscard]] Answer<std::vector<ContactView>> list_contacts(store::Tx& tx, const Context& context,
                                                             const Caller& caller, const SubjectAt& subject,
                                                             WallTime now);

/// It ends at once, with its line or mailbox when that has no other channel, and voids what it proved. [STD-8] At
/// `subject.service`; empty: at every service of the account.
[[nodiscard]] Answer<Done> delete_contact(store::Tx& tx, const Context& context, const Caller& caller,
                                          const SubjectAt& subject, const ContactId& id, domain::standing::GoneWhy why,
                                          Moment& moment);

/// The application heard of a swapped SIM or the like: the line waits anew for every subject of the account that has
/// it, at every service. [STD-11]
[[nodiscard]] Answer<Done> suspect_contact(store::Tx& tx, const Context& context, const Caller& caller,
                                           std::string_view identity, const ContactId& id, Moment& moment);

/// The service of that name, or the account's first.
[[nodiscard]] Answer<const ServiceSettings*> service_named(const Context& context, const Caller& caller,
                                                           std::string_view name);

/// Identities are the application's own: 1 to 255 bytes of showable text.
[[nodiscard]] std::optional<Problem> identity_fault(std::string_view identity);

}  // namespace countersign::usecase
