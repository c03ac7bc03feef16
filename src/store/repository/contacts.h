#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "contact/channel.h"
#include "domain/line_guard.h"
#include "domain/obstacle.h"
#include "store/repository/vault.h"
#include "store/tx.h"

namespace countersign::store {

/// A phone number or e-mail address of a subject, by one channel. What is sent to the address is counted across
/// subjects and channels in `addresses`, where it stands once per account; its ciphertext is copied here, and the
/// subject's window kept here, so that a contact is one row to read and one to write. The guards of its line come with
/// it (line_guards.h).
struct ContactRow {
  ContactId id;
  SubjectId subject;
  AddressId address_id;
  contact::Channel channel = contact::Channel::kSms;
  std::string address_sealed;
  WallTime known_since;
  std::optional<WallTime> proved_at;  ///< When the subject first proved it.
  domain::Window sends;               ///< To this subject by this line, whatever the channel;
                                      ///< outlives the contact.
  domain::Window subject_sends;       ///< To this subject, whatever the contact; the same on each of its contacts.
  bool line_proved = false;           ///< The subject has proved the line, by this channel or another.
  std::optional<domain::LineGuard> own_guard;  ///< Of this subject alone; nothing before its first failure as one who
                                               ///< has proved the line.
  domain::LineGuard strangers_guard;           ///< Of all who have never proved it.
  std::optional<ServiceId> service;            ///< That made it; nothing for one from before there was a history.
  domain::Obstacles obstacles = {};            ///< Of its address, for whoever asks for it.
  bool is_only = false;                        ///< The subject is known to have no other contact.
  /// To its address, whoever asks for it, where it was read with the contact (find_transaction_to_send).
  std::optional<domain::Window> address_sends = {};
};

/// A contact to find or to make. Borrows; lives for the call.
struct NewContact {
  const AccountId& account;
  const SubjectId& subject;
  const ServiceId& service;  ///< That makes it.
  contact::Channel channel;
  std::string_view address;     ///< E.164, or the e-mail address to send to.
  std::string_view index_text;  ///< The form that it is looked up by.
};

/// The contact with that channel and address (E.164 or the e-mail's index form), made if there is none.
/// `known_since` of a new one is now, and after the subject's transactions (time_after_holds).
[[nodiscard]] ContactRow ensure_contact(Tx& tx, const Vault& vault, const NewContact& contact, Moment& moment);

/// The same for a subject that was made a moment ago: there is nothing to look for.
[[nodiscard]] ContactRow insert_first_contact(Tx& tx, const Vault& vault, const NewContact& contact, Moment& moment);

/// All contacts of a subject, the newest first.
[[nodiscard]] std::vector<ContactRow> contacts_of(Tx& tx, const AccountId& account, const SubjectId& subject);
/// The subjects of the account that have this address by any channel, each once.
[[nodiscard]] std::vector<SubjectId> subjects_with_address(Tx& tx, const AccountId& account, const AddressId& address);
/// The one with that id; null if there is none.
[[nodiscard]] const ContactRow* contact_in(const std::vector<ContactRow>& contacts, const ContactId& id);
[[nodiscard]] std::optional<ContactRow> find_contact(Tx& tx, const AccountId& account, const ContactId& id);

/// The line of a subject as guesses meet it, also where no contact has it any more: its guards, and nothing of a
/// contact. Nothing where the address is gone. `proved`: the subject has proved it at some time.
[[nodiscard]] std::optional<ContactRow> find_line(Tx& tx, const AccountId& account, const SubjectId& subject,
                                                  const AddressId& address, bool proved);

[[nodiscard]] SecretString open_address(const Vault& vault, const ContactRow& contact);

/// Counts one sending to the address as domain::count_event would, in one statement. False, and nothing written, when
/// the rate is used up. `rate.max` is not 0.
[[nodiscard]] bool count_in_address(Tx& tx, const AccountId& account, const AddressId& address,
                                    const domain::Rate& rate, WallTime now);
/// The same, and nothing to wait for, where the rate is known to allow it: the caller has judged the address's window,
/// which it has read under the key of the address.
void put_in_address(Tx& tx, const AccountId& account, const AddressId& address, const domain::Rate& rate, WallTime now);
[[nodiscard]] domain::Window find_address_window(Tx& tx, const AccountId& account, const AddressId& address);

/// Replaces what is in the way to the address.
void save_obstacles(Tx& tx, const AccountId& account, const AddressId& address, const domain::Obstacles& obstacles);
/// An address that is known, and what is in the way to it.
struct KnownAddress {
  AddressId id;
  domain::Obstacles obstacles;
};
/// By the form that it is looked up by; it may be of nobody any more. nullopt: never seen, or forgotten.
[[nodiscard]] std::optional<KnownAddress> find_known_address(Tx& tx, const Vault& vault, const AccountId& account,
                                                             contact::Channel channel, std::string_view index_text);

/// Keeps the windows of a contact that is about to be deleted where they are found again: its subject's, and that of
/// its line. Otherwise deleting contacts would be a way around the limits.
void keep_sends(Tx& tx, const AccountId& account, const ContactRow& contact);
/// Writes the windows of the contact's line and of its subject.
void save_sends(Tx& tx, const AccountId& account, const ContactRow& contact);
/// Writes proved_at.
void save_proved(Tx& tx, const AccountId& account, const ContactRow& contact);
[[nodiscard]] bool remove_contact(Tx& tx, const AccountId& account, const SubjectId& subject, const ContactId& id,
                                  WallTime now);

}  // namespace countersign::store
