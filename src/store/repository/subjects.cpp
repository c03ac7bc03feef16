#include "store/repository/subjects.h"

#include <algorithm>
#include <functional>

#include "store/error.h"
#include "store/repository/counters.h"
#include "store/repository/transactions.h"

namespace countersign::store {

namespace {

// A macro, so that the queries are literals joined by the compiler and cannot drift apart.
#define CS_GUARDS_OF(account, address, subject)                                                                       \
  " LEFT JOIN line_guards o ON o.account_id = " account " AND o.address_id = " address " AND o.subject_id = " subject \
  " LEFT JOIN line_guards s ON s.account_id = " account " AND s.address_id = " address                                \
  " AND s.subject_id = {{no_id}} "
#define CS_GUARD_COLUMNS                                                             \
  " o.in_row, o.locked_until, o.year_start, o.year_count, o.slow_send_at, s.in_row," \
  " s.locked_until, s.year_start, s.year_count, s.slow_send_at "
#define CS_CONTACT_COLUMNS                                                                             \
  "SELECT c.id, c.subject_id, c.address_id, c.channel, c.address_sealed, c.known_since, c.service_id," \
  " c.proved_at, c.sends_start, c.sends_count, c.subject_sends_start, c.subject_sends_count," CS_GUARD_COLUMNS
#define CS_LINE_PROVED                                                                                    \
  ", CAST(CASE WHEN c.proved_at IS NOT NULL THEN 1 WHEN EXISTS (SELECT 1 FROM contacts p"                 \
  " {{index(}}contacts_by_subject{{)}} WHERE p.account_id = c.account_id AND p.subject_id = c.subject_id" \
  " AND p.address_id = c.address_id AND p.proved_at IS NOT NULL) THEN 1 ELSE 0 END AS {{bigint}}) "
#define CS_CONTACT_GUARDS CS_GUARDS_OF("c.account_id", "c.address_id", "c.subject_id")

/// From the column `at` on; nothing where there is no such row.
std::optional<domain::LineGuard> read_guard(const Row& row, int at) {
  const auto in_row = row.optional_integer(at);
  if (!in_row) return std::nullopt;
  domain::LineGuard guard;
  guard.failures = {*in_row, row.optional_time(at + 1), false};
  guard.year = {row.time(at + 2), row.integer(at + 3)};
  guard.slow_send_at = row.optional_time(at + 4);
  return guard;
}

ContactRow read_contact(const Row& row) {
  const auto channel = contact::parse_channel(row.text(3));
  if (!channel) throw StoreFailure({StoreError::Code::kUnreadable, "unknown channel in contacts"});
  ContactRow c;
  c.id = row.id<ContactId>(0);
  c.subject = row.id<SubjectId>(1);
  c.address_id = row.id<AddressId>(2);
  c.channel = *channel;
  c.address_sealed = row.bytes(4);
  c.known_since = row.time(5);
  c.service = row.optional_id<ServiceId>(6);
  c.proved_at = row.optional_time(7);
  c.sends = {row.time(8), row.integer(9)};
  c.subject_sends = {row.time(10), row.integer(11)};
  c.line_proved = c.proved_at.has_value();
  c.own_guard = read_guard(row, 12);
  c.strangers_guard = read_guard(row, 17).value_or(domain::LineGuard{});
  return c;
}

/// All contacts of a subject, or all of one line of hers, the newest first: what the database would need a query in the
/// query, and a table to sort in, for.
void put_in_order(std::vector<ContactRow>& contacts) {
  std::ranges::sort(contacts, std::greater<>(), &ContactRow::id);
  for (auto& contact : contacts) {
    const auto proves = [&](const ContactRow& other) {
      return other.proved_at && other.address_id == contact.address_id;
    };
    contact.line_proved = std::ranges::any_of(contacts, proves);
  }
}

std::string_view kind_of(contact::Channel channel) { return contact::uses_phone(channel) ? "phone" : "email"; }

struct Address {
  AddressId id;
  std::string sealed;
  std::optional<domain::LineGuard> own_guard = {};
  domain::LineGuard strangers_guard = {};
  domain::Window sends = {};  ///< Of that subject to it, from when a contact with it was removed.
};

/// Where the window of a line is kept that the subject has no contact with any more.
std::string kept_sends_key(const SubjectId& subject, std::string_view address_index) {
  return "sends " + subject.text() + " " + std::string(address_index);
}

/// With its guards and what was sent, which a subject meets that has no contact with it (any more).
Address ensure_address(Tx& tx, const Vault& vault, const AccountId& account, const SubjectId& subject,
                       std::string_view kind, std::string_view address, std::string_view index_text, Moment& moment) {
  static const Sql
      kFind{"SELECT a.id, a.address_sealed," CS_GUARD_COLUMNS ", k.window_start, k.count FROM addresses a" CS_GUARDS_OF(
          "a.account_id", "a.id",
          "?4") "LEFT JOIN counters k ON k.account_id = ?1 AND k.counter_key = ?5 WHERE a.account_id = ?1 AND a.kind = "
                "?2 AND a.address_index = ?3"};
  static const Sql kInsert{
      "INSERT INTO addresses (account_id, id, kind, address_index, address_sealed, created_at, sends_start, "
      "sends_count)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0)"};
  const std::string index = vault.digester().blind_index(kind, index_text);
  std::optional<Address> found;
  tx.one(kFind, {account, kind, Blob{index}, subject, Blob{kept_sends_key(subject, index)}}, [&](const Row& row) {
    found = {row.id<AddressId>(0), row.bytes(1), read_guard(row, 2), read_guard(row, 7).value_or(domain::LineGuard{})};
    if (const auto kept = row.optional_integer(13)) found->sends = {row.time(12), *kept};
  });
  if (found) return *std::move(found);
  const auto id = AddressId::make(moment);
  std::string sealed = vault.seal(address, "addresses", id.bytes(), "address", moment.random);
  tx.put(kInsert, {account, id, kind, Blob{index}, Blob{sealed}, moment.now});
  return {id, std::move(sealed)};
}

ContactRow new_contact(const SubjectId& subject, const ServiceId& service, contact::Channel channel, Address address,
                       Moment& moment) {
  ContactRow row;
  row.id = ContactId::make(moment);
  row.subject = subject;
  row.service = service;
  row.address_id = address.id;
  row.channel = channel;
  row.address_sealed = std::move(address.sealed);
  row.own_guard = address.own_guard;
  row.sends = address.sends;
  row.strangers_guard = address.strangers_guard;
  row.known_since = moment.now;
  return row;
}

void insert_contact(Tx& tx, const AccountId& account, const ContactRow& row) {
  static const Sql kInsert{
      "INSERT INTO contacts (account_id, id, subject_id, address_id, channel, address_sealed, known_since,"
      " replaced_another, sends_start, sends_count, failures, disabled, subject_sends_start, subject_sends_count,"
      " service_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, 0, 0, ?10, ?11, ?12)"};
  tx.put(kInsert, {account, row.id, row.subject, row.address_id, contact::to_text(row.channel),
                   Blob{row.address_sealed}, row.known_since, row.sends.start, row.sends.count, row.subject_sends.start,
                   row.subject_sends.count, row.service});
}

/// Of the subject: the same on each of its contacts, kept with itself while it has none.
domain::Window sends_window(Tx& tx, const AccountId& account, const SubjectId& subject) {
  static const Sql kOfContacts{
      "SELECT subject_sends_start, subject_sends_count FROM contacts {{index(}}contacts_by_subject{{)}}"
      " WHERE account_id = ?1 AND subject_id = ?2 LIMIT 1"};
  static const Sql kKept{"SELECT sends_start, sends_count FROM subjects WHERE account_id = ?1 AND id = ?2"};
  domain::Window window;
  const auto read = [&](const Row& row) { window = {row.time(0), row.integer(1)}; };
  if (!tx.one(kOfContacts, {account, subject}, read)) tx.one(kKept, {account, subject}, read);
  return window;
}

}  // namespace

namespace {

std::string index_of_identity(const Vault& vault, std::string_view identity) {
  return vault.digester().blind_index("identity", identity);
}

std::string index_of_recipient(const Vault& vault, const ServiceId& service, std::string_view index_text) {
  return vault.digester().blind_index("recipient", std::string(service.bytes()).append(index_text));
}

std::optional<SubjectId> find_by_index(Tx& tx, const AccountId& account, std::string_view index) {
  static const Sql kFind{"SELECT id FROM subjects WHERE account_id = ?1 AND identity_index = ?2"};
  std::optional<SubjectId> id;
  tx.one(kFind, {account, Blob{index}}, [&](const Row& row) { id = row.id<SubjectId>(0); });
  return id;
}

SubjectId insert_subject(Tx& tx, const Vault& vault, const AccountId& account, std::string_view index,
                         std::string_view identity, Moment& moment) {
  static const Sql kInsert{
      "INSERT INTO subjects (account_id, id, identity_index, identity_sealed, created_at, sends_start, sends_count)"
      " VALUES (?1, ?2, ?3, ?4, ?5, 0, 0)"};
  const auto id = SubjectId::make(moment);
  const std::string sealed = vault.seal(identity, "subjects", id.bytes(), "identity", moment.random);
  tx.put(kInsert, {account, id, Blob{index}, Blob{sealed}, moment.now});
  return id;
}

}  // namespace

std::optional<SubjectId> find_subject(Tx& tx, const Vault& vault, const AccountId& account, std::string_view identity) {
  return find_by_index(tx, account, index_of_identity(vault, identity));
}

SubjectId ensure_subject(Tx& tx, const Vault& vault, const AccountId& account, std::string_view identity,
                         Moment& moment, bool* is_new) {
  const auto index = index_of_identity(vault, identity);
  static const Sql kFind{"SELECT id, erased_at FROM subjects WHERE account_id = ?1 AND identity_index = ?2"};
  static const Sql kReturn{
      "UPDATE subjects SET identity_sealed = ?3, erased_at = NULL WHERE account_id = ?1 AND id = ?2"};
  std::optional<SubjectId> found;
  bool erased = false;
  tx.one(kFind, {account, Blob{index}}, [&](const Row& row) {
    found = row.id<SubjectId>(0);
    erased = row.optional_time(1).has_value();
  });
  if (is_new != nullptr) *is_new = !found;
  if (erased)  // The same person came again: to the same subject, for which nothing founds any more. [STD-14]
    tx.put(kReturn,
           {account, *found, Blob{vault.seal(identity, "subjects", found->bytes(), "identity", moment.random)}});
  if (found) return *found;
  return insert_subject(tx, vault, account, index, identity, moment);
}

std::optional<SubjectId> find_recipient(Tx& tx, const Vault& vault, const AccountId& account, const ServiceId& service,
                                        std::string_view index_text) {
  return find_by_index(tx, account, index_of_recipient(vault, service, index_text));
}

SubjectId insert_recipient(Tx& tx, const Vault& vault, const AccountId& account, const ServiceId& service,
                           std::string_view address, std::string_view index_text, Moment& moment) {
  return insert_subject(tx, vault, account, index_of_recipient(vault, service, index_text), address, moment);
}

std::string subject_identity(Tx& tx, const Vault& vault, const AccountId& account, const SubjectId& subject) {
  static const Sql kFind{"SELECT identity_sealed FROM subjects WHERE account_id = ?1 AND id = ?2"};
  std::string identity;
  tx.one(kFind, {account, subject},
         [&](const Row& row) { identity = vault.open(row.blob(0), "subjects", subject.bytes(), "identity").expose(); });
  return identity;
}

ContactRow ensure_contact(Tx& tx, const Vault& vault, const AccountId& account, const SubjectId& subject,
                          const ServiceId& service, contact::Channel channel, std::string_view address,
                          std::string_view address_index_text, Moment& moment) {
  static const Sql kOfLine{CS_CONTACT_COLUMNS "FROM contacts c {{index(}}contacts_by_subject{{)}}" CS_CONTACT_GUARDS
                                              "WHERE c.account_id = ?1 AND c.subject_id = ?2 AND c.address_id = ?3"};
  Address of = ensure_address(tx, vault, account, subject, kind_of(channel), address, address_index_text, moment);
  std::vector<ContactRow> of_line;
  tx.all(kOfLine, {account, subject, of.id}, [&](const Row& row) { of_line.push_back(read_contact(row)); });
  put_in_order(of_line);
  for (auto& other : of_line) {
    if (other.channel == channel) return std::move(other);
  }
  ContactRow row = new_contact(subject, service, channel, std::move(of), moment);
  if (!of_line.empty()) {
    row.sends = of_line.front().sends;
    row.line_proved = of_line.front().line_proved;
  }
  row.known_since = time_after_holds(tx, account, subject, moment.now);
  row.subject_sends = sends_window(tx, account, subject);
  insert_contact(tx, account, row);
  return row;
}

ContactRow insert_first_contact(Tx& tx, const Vault& vault, const AccountId& account, const SubjectId& subject,
                                const ServiceId& service, contact::Channel channel, std::string_view address,
                                std::string_view address_index_text, Moment& moment) {
  ContactRow row = new_contact(
      subject, service, channel,
      ensure_address(tx, vault, account, subject, kind_of(channel), address, address_index_text, moment), moment);
  insert_contact(tx, account, row);
  return row;
}

std::vector<ContactRow> contacts_of(Tx& tx, const AccountId& account, const SubjectId& subject) {
  static const Sql kAll{CS_CONTACT_COLUMNS "FROM contacts c {{index(}}contacts_by_subject{{)}}" CS_CONTACT_GUARDS
                                           "WHERE c.account_id = ?1 AND c.subject_id = ?2"};
  std::vector<ContactRow> contacts;
  tx.all(kAll, {account, subject}, [&](const Row& row) { contacts.push_back(read_contact(row)); });
  put_in_order(contacts);
  return contacts;
}

std::vector<SubjectId> subjects_with_address(Tx& tx, const AccountId& account, const AddressId& address) {
  static const Sql kAll{
      "SELECT DISTINCT subject_id FROM contacts {{index(}}contacts_by_address{{)}} WHERE account_id = ?1 AND "
      "address_id "
      "= ?2 ORDER BY subject_id"};
  std::vector<SubjectId> subjects;
  tx.all(kAll, {account, address}, [&](const Row& row) { subjects.push_back(row.id<SubjectId>(0)); });
  return subjects;
}

std::optional<ContactRow> find_contact(Tx& tx, const AccountId& account, const ContactId& id) {
  static const Sql kFind{CS_CONTACT_COLUMNS CS_LINE_PROVED "FROM contacts c" CS_CONTACT_GUARDS
                                                           "WHERE c.account_id = ?1 AND c.id = ?2"};
  std::optional<ContactRow> found;
  tx.one(kFind, {account, id}, [&](const Row& row) {
    found = read_contact(row);
    found->line_proved = row.boolean(22);
  });
  return found;
}

std::optional<ContactRow> find_line(Tx& tx, const AccountId& account, const SubjectId& subject,
                                    const AddressId& address, bool proved) {
  static const Sql kFind{"SELECT a.address_sealed," CS_GUARD_COLUMNS "FROM addresses a" CS_GUARDS_OF(
      "a.account_id", "a.id", "?3") "WHERE a.account_id = ?1 AND a.id = ?2"};
  std::optional<ContactRow> found;
  tx.one(kFind, {account, address, subject}, [&](const Row& row) {
    found.emplace();
    found->subject = subject;
    found->address_id = address;
    found->address_sealed = row.bytes(0);
    found->line_proved = proved;
    found->own_guard = read_guard(row, 1);
    found->strangers_guard = read_guard(row, 6).value_or(domain::LineGuard{});
  });
  return found;
}

SecretString open_address(const Vault& vault, const ContactRow& contact) {
  return vault.open(contact.address_sealed, "addresses", contact.address_id.bytes(), "address");
}

bool count_in_address(Tx& tx, const AccountId& account, const AddressId& address, const domain::Rate& rate,
                      WallTime now) {
  static const Sql kCount{
      "UPDATE addresses SET sends_start = CASE WHEN sends_start > ?4 THEN sends_start ELSE ?3 END,"
      " sends_count = CASE WHEN sends_start > ?4 THEN sends_count + 1 ELSE 1 END"
      " WHERE account_id = ?1 AND id = ?2 AND (sends_start <= ?4 OR sends_count < ?5)"};
  return tx.exec(kCount, {account, address, now, now - rate.per, rate.max}) == 1;
}

domain::Window find_address_window(Tx& tx, const AccountId& account, const AddressId& address) {
  static const Sql kFind{"SELECT sends_start, sends_count FROM addresses WHERE account_id = ?1 AND id = ?2"};
  domain::Window window;
  tx.one(kFind, {account, address}, [&](const Row& row) { window = {row.time(0), row.integer(1)}; });
  return window;
}

void save_sends(Tx& tx, const AccountId& account, const ContactRow& contact) {
  static const Sql kSave{
      "UPDATE contacts {{index(}}contacts_by_subject{{)}} SET subject_sends_start = ?4, subject_sends_count = ?5,"
      " sends_start = CASE WHEN address_id = ?3 THEN ?6 ELSE sends_start END,"
      " sends_count = CASE WHEN address_id = ?3 THEN ?7 ELSE sends_count END WHERE account_id = ?1 AND subject_id = "
      "?2"};
  tx.put(kSave, {account, contact.subject, contact.address_id, contact.subject_sends.start, contact.subject_sends.count,
                 contact.sends.start, contact.sends.count});
}

void save_proved(Tx& tx, const AccountId& account, const ContactRow& contact) {
  static const Sql kSave{"UPDATE contacts SET proved_at = ?3 WHERE account_id = ?1 AND id = ?2"};
  tx.put(kSave, {account, contact.id, contact.proved_at});
}

bool remove_contact(Tx& tx, const AccountId& account, const SubjectId& subject, const ContactId& id, WallTime now) {
  // The subject's windows outlive its contacts, or removing them would be a way around the limits.
  static const Sql kKeep{"UPDATE subjects SET sends_start = ?3, sends_count = ?4 WHERE account_id = ?1 AND id = ?2"};
  static const Sql kIndex{"SELECT address_index FROM addresses WHERE account_id = ?1 AND id = ?2"};
  static const Sql kRemove{"DELETE FROM contacts WHERE account_id = ?1 AND id = ?2 AND subject_id = ?3"};
  static const Sql kUnused{"UPDATE addresses SET unused_since = ?3 WHERE account_id = ?1 AND id = ?2"};
  const auto contact = find_contact(tx, account, id);
  if (!contact || contact->subject != subject) return false;
  tx.put(kKeep, {account, subject, contact->subject_sends.start, contact->subject_sends.count});
  if (contact->sends.count > 0) {
    std::string key;
    tx.one(kIndex, {account, contact->address_id}, [&](const Row& row) { key = kept_sends_key(subject, row.blob(0)); });
    keep_window(tx, account, key, contact->sends);
  }
  if (tx.exec(kRemove, {account, id, subject}) != 1) return false;
  // It stays for as long as its owner is told of changes. [STD-7]
  tx.put(kUnused, {account, contact->address_id, now});
  return true;
}

}  // namespace countersign::store
