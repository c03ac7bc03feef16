#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/obstacle.h"
#include "domain/standing/changes.h"
#include "store/repository/subjects.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// A contact as the application sends it.
struct GivenContact {
  contact::Channel channel = contact::Channel::kSms;
  std::string address;
};

/// An address in canonical form, valid for its channel.
struct CheckedAddress {
  std::string address;     ///< E.164, or the e-mail address to send to.
  std::string index_text;  ///< Key for lookups and rate limits.
};

/// `field`: name of the member, for errors.
[[nodiscard]] Answer<CheckedAddress> check_address(const GivenContact& given, const ServiceSettings& service,
                                                   std::string_view field);

struct ContactView {
  ContactId id;
  contact::Channel channel = contact::Channel::kSms;
  std::string masked;
  WallTime known_since;
  std::optional<WallTime> proved_at;
  domain::standing::Counts counts;                       ///< For what is held now, at the requested service.
  std::optional<domain::ObstacleKind> unreachable = {};  ///< Why messages do not arrive, as far as is known.
};

/// A subject at one of the account's services. `service`: a name; empty: the account's first.
struct SubjectAt {
  std::string identity;
  std::string service = {};
};

/// The authority with which a contact is added. [STD-2, STD-5]
struct ContactTerms {
  bool vouch = false;                           ///< By a key with the scope `vouch`.
  std::optional<ContactId> replaces = {};       ///< Stays in use until the new one counts. [STD-8]
  bool verified = false;                        ///< Import: known to be the person's already.
  std::optional<WallTime> founding_until = {};  ///< Import: the person's other sources follow until then.

  [[nodiscard]] bool is_import() const { return verified || founding_until.has_value(); }
};

/// Adds a contact, or returns the existing one. It counts at once for a new person, and waits otherwise.
[[nodiscard]] Answer<ContactView> add_contact(const Work& work, const SubjectAt& subject, const GivenContact& given,
                                              const ContactTerms& terms);

/// Replaces the whole list: unchanged contacts are kept; each other is replaced by a new one of the same kind, or else
/// removed. [STD-8] `terms`: only for an import.
[[nodiscard]] Answer<std::vector<ContactView>> put_contacts(const Work& work, const SubjectAt& subject,
                                                            const std::vector<GivenContact>& given,
                                                            const ContactTerms& terms);

/// The active contacts at that service, newest first. Empty for an unknown subject and for one without contacts.
[[nodiscard]] Answer<std::vector<ContactView>> list_contacts(const Work& work, const SubjectAt& subject);

/// Ends the contact at once, and its line or mailbox too if that has no other channel; voids what it proved. [STD-8] At
/// `subject.service`; empty: at every service of the account.
[[nodiscard]] Answer<Done> delete_contact(const Work& work, const SubjectAt& subject, const ContactId& id,
                                          domain::standing::GoneWhy why);

/// The application reports a swapped SIM or the like: the line waits again for every subject of the account that has
/// it, at every service. [STD-11]
[[nodiscard]] Answer<Done> suspect_contact(const Work& work, std::string_view identity, const ContactId& id);

/// The service with that name; empty: the account's first.
[[nodiscard]] Answer<const ServiceSettings*> service_named(const Context& context, const Caller& caller,
                                                           std::string_view name);

/// Identities are chosen by the application: 1 to 255 bytes of printable text.
[[nodiscard]] std::optional<Problem> identity_fault(std::string_view identity);

}  // namespace countersign::usecase
