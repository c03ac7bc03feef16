#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "contact/channel.h"
#include "domain/limits.h"
#include "store/repository/vault.h"
#include "store/tx.h"

namespace countersign::store {

/// The subject of that identity.
[[nodiscard]] std::optional<SubjectId> find_subject(Tx& tx, const Vault& vault, const AccountId& account,
                                                    std::string_view identity);
[[nodiscard]] SubjectId ensure_subject(Tx& tx, const Vault& vault, const AccountId& account, std::string_view identity,
                                       Moment& moment);
[[nodiscard]] std::string subject_identity(Tx& tx, const Vault& vault, const AccountId& account,
                                           const SubjectId& subject);

/// A phone number or e-mail address of a subject, by one channel. The address itself is in `addresses`, once per
/// account, so that sends to it are counted across subjects and channels.
struct ContactRow {
  ContactId id;
  SubjectId subject;
  AddressId address_id;
  contact::Channel channel = contact::Channel::kSms;
  std::string address_sealed;
  WallTime known_since;
  bool replaced_another = false;      ///< The subject had another contact on this channel when this one came.
  std::optional<WallTime> proved_at;  ///< When the subject last proved it.
  domain::Window sends;               ///< To this subject by this contact.
  domain::Failures failures;
  domain::Window address_sends;  ///< To the address, whoever asked.
  domain::Window subject_sends;  ///< To this subject, whatever the contact.
};

/// The contact with that channel and address (E.164 or the e-mail's index form), made if there is none.
/// `known_since` of a new one is `moment.now`.
[[nodiscard]] ContactRow ensure_contact(Tx& tx, const Vault& vault, const AccountId& account, const SubjectId& subject,
                                        contact::Channel channel, std::string_view address,
                                        std::string_view address_index_text, Moment& moment);

/// All contacts of a subject, the newest first.
[[nodiscard]] std::vector<ContactRow> contacts_of(Tx& tx, const AccountId& account, const SubjectId& subject);
[[nodiscard]] std::optional<ContactRow> find_contact(Tx& tx, const AccountId& account, const ContactId& id);
/// The newest contact of the subject on that channel.
[[nodiscard]] std::optional<ContactRow> newest_contact(Tx& tx, const AccountId& account, const SubjectId& subject,
                                                       contact::Channel channel);

[[nodiscard]] SecretString open_address(const Vault& vault, const ContactRow& contact);

/// Writes the three windows of sends.
void save_sends(Tx& tx, const AccountId& account, const ContactRow& contact);
/// Writes failures and proved_at.
void save_contact_check(Tx& tx, const AccountId& account, const ContactRow& contact);
[[nodiscard]] bool remove_contact(Tx& tx, const AccountId& account, const SubjectId& subject, const ContactId& id);

}  // namespace countersign::store
