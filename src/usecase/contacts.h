#pragma once

#include <string>
#include <vector>

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
};

/// Adds a contact, or answers the one that is there already. It comes from the application's back end; one that is
/// added while a transaction is held does not carry that transaction's decision alone.
[[nodiscard]] Answer<ContactView> add_contact(store::Tx& tx, const Context& context, const Caller& caller,
                                              std::string_view identity, const GivenContact& given, Moment& moment);

/// Empty for an unknown subject, as for one without contacts.
[[nodiscard]] std::vector<ContactView> list_contacts(store::Tx& tx, const Context& context, const Caller& caller,
                                                     std::string_view identity);

[[nodiscard]] Answer<Done> delete_contact(store::Tx& tx, const Context& context, const Caller& caller,
                                          std::string_view identity, const ContactId& id, Moment& moment);

/// Identities are the application's own: 1 to 255 bytes of showable text.
[[nodiscard]] std::optional<Problem> identity_fault(std::string_view identity);

[[nodiscard]] ContactView view_of(const store::Vault& vault, const store::ContactRow& contact);

}  // namespace countersign::usecase
