#include "store/repository/contacts.h"

#include <algorithm>
#include <functional>

#include "store/error.h"
#include "store/repository/contact_columns.h"
#include "store/repository/counters.h"
#include "store/repository/transactions.h"

namespace countersign::store {

namespace {

/// What kLineGuards needs beside `addresses a`, for that subject.
constexpr Token kAddressGuards{"guards_of_address", R"sql(
      LEFT JOIN line_guards own
        ON own.account_id = a.account_id AND own.address_id = a.id AND own.subject_id = :subject_id
      LEFT JOIN line_guards strangers
        ON strangers.account_id = a.account_id AND strangers.address_id = a.id
        AND strangers.subject_id = {{no_id}}
)sql"};

/// Where the columns of a guard stand in kLineGuards.
struct GuardColumns {
  int in_row;
  int locked_until;
  int year_start;
  int year_count;
  int slow_send_at;
};
constexpr GuardColumns kOwn{kLineGuards["own_in_row"], kLineGuards["own_locked_until"], kLineGuards["own_year_start"],
                            kLineGuards["own_year_count"], kLineGuards["own_slow_send_at"]};
constexpr GuardColumns kStrangers{kLineGuards["strangers_in_row"], kLineGuards["strangers_locked_until"],
                                  kLineGuards["strangers_year_start"], kLineGuards["strangers_year_count"],
                                  kLineGuards["strangers_slow_send_at"]};

/// Nothing where there is no such row. `from`: where kLineGuards begins in the statement.
std::optional<domain::LineGuard> read_guard(const Row& row, const GuardColumns& at, int from) {
  const auto in_row = row.optional_integer(from + at.in_row);
  if (!in_row) return std::nullopt;
  domain::LineGuard guard;
  guard.failures = {*in_row, row.optional_time(from + at.locked_until), false};
  guard.year = {row.time(from + at.year_start), row.integer(from + at.year_count)};
  guard.slow_send_at = row.optional_time(from + at.slow_send_at);
  return guard;
}

domain::Obstacles read_obstacles(const Row& row, int from) {
  const auto text = row.optional_string(from + kLineGuards["obstacles"]);
  return text ? domain::parse_obstacles(*text) : domain::Obstacles();
}

}  // namespace

ContactRow read_contact(const Row& row, int from) {
  const auto at = [from](int column) { return from + column; };
  const auto channel = contact::parse_channel(row.text(at(kContact["channel"])));
  if (!channel) throw StoreFailure({StoreError::Code::kUnreadable, "unknown channel in contacts"});
  ContactRow c;
  c.id = row.id<ContactId>(at(kContact["id"]));
  c.subject = row.id<SubjectId>(at(kContact["subject_id"]));
  c.address_id = row.id<AddressId>(at(kContact["address_id"]));
  c.channel = *channel;
  c.address_sealed = row.bytes(at(kContact["address_sealed"]));
  c.known_since = row.time(at(kContact["known_since"]));
  c.service = row.optional_id<ServiceId>(at(kContact["service_id"]));
  c.proved_at = row.optional_time(at(kContact["proved_at"]));
  c.sends = {row.time(at(kContact["sends_start"])), row.integer(at(kContact["sends_count"]))};
  c.subject_sends = {row.time(at(kContact["subject_sends_start"])), row.integer(at(kContact["subject_sends_count"]))};
  c.line_proved = c.proved_at.has_value();
  c.own_guard = read_guard(row, kOwn, at(kContact.count()));
  c.strangers_guard = read_guard(row, kStrangers, at(kContact.count())).value_or(domain::LineGuard{});
  c.obstacles = read_obstacles(row, at(kContact.count()));
  return c;
}

namespace {

/// All contacts of a subject, or all of one line of hers.
void put_in_order(std::vector<ContactRow>& contacts) {
  std::ranges::sort(contacts, std::greater<>(), &ContactRow::id);
  for (auto& contact : contacts) {
    const auto proves = [&](const ContactRow& other) {
      return other.proved_at && other.address_id == contact.address_id;
    };
    contact.line_proved = std::ranges::any_of(contacts, proves);
  }
}

}  // namespace

void put_all_in_order(std::vector<ContactRow>& contacts) {
  put_in_order(contacts);
  if (contacts.size() == 1) contacts.front().is_only = true;
}

namespace {

std::string_view kind_of(contact::Channel channel) { return contact::uses_phone(channel) ? "phone" : "email"; }

struct Address {
  AddressId id;
  std::string sealed;
  std::optional<domain::LineGuard> own_guard = {};
  domain::LineGuard strangers_guard = {};
  domain::Window sends = {};  ///< Of that subject to it, from when a contact with it was removed.
  domain::Obstacles obstacles = {};
};

/// Where the window of a line is kept that the subject has no contact with any more.
///
/// key :=
///    "sends "
///    subject          its id as text, YE…
///    " "
///    address index    16 bytes
std::string kept_sends_key(const SubjectId& subject, std::string_view address_index) {
  return "sends " + subject.text() + " " + std::string(address_index);
}

/// With its guards and what was sent, which a subject meets that has no contact with it (any more); `of_line` gets
/// those that it has.
Address ensure_address(Tx& tx, const Vault& vault, const NewContact& contact, Moment& moment,
                       std::vector<ContactRow>& of_line) {
  constexpr int kContactAt = 4;
  static constexpr Sql kFind{{kContact.as("contact"), kLineGuards.as("guards"), kAddressGuards}, R"sql(
      SELECT a.id, a.address_sealed, kept.window_start, kept.count, {{contact}}, {{guards}}
      FROM addresses a
      {{guards_of_address}}
      LEFT JOIN counters kept ON kept.account_id = :account_id AND kept.counter_key = :kept_key
      LEFT JOIN contacts c {{index(}}contacts_by_subject{{)}}
        ON c.account_id = a.account_id AND c.subject_id = :subject_id AND c.address_id = a.id
      WHERE a.account_id = :account_id AND a.kind = :kind AND a.address_index = :address_index
  )sql"};
  static constexpr Sql kInsert{R"sql(
      INSERT INTO addresses (
        account_id, id, kind, address_index, address_sealed, created_at, sends_start, sends_count)
      VALUES (:account_id, :id, :kind, :address_index, :address_sealed, :created_at, 0, 0)
  )sql"};
  static constexpr Sql kReturn{R"sql(
      UPDATE addresses
      SET address_sealed = :address_sealed, unused_since = NULL
      WHERE account_id = :account_id AND id = :id
  )sql"};
  const auto& account = contact.account;
  const std::string_view kind = kind_of(contact.channel);
  const std::string index = vault.digester().blind_index(kind, contact.index_text);
  std::optional<Address> found;
  const std::string kept_key = kept_sends_key(contact.subject, index);
  tx.all(kFind,
         {{"subject_id", contact.subject},
          {"account_id", account},
          {"kept_key", Blob{kept_key}},
          {"kind", kind},
          {"address_index", Blob{index}}},
         [&](const Row& row) {
           if (!row.is_null(kContactAt + kContact["id"])) of_line.push_back(read_contact(row, kContactAt));
           if (found) return;
           found = {row.id<AddressId>(kFind["id"]), row.bytes(kFind["address_sealed"]),
                    read_guard(row, kOwn, kFind["own_in_row"]),
                    read_guard(row, kStrangers, kFind["own_in_row"]).value_or(domain::LineGuard{})};
           found->obstacles = read_obstacles(row, kFind["own_in_row"]);
           if (const auto kept = row.optional_integer(kFind["count"]))
             found->sends = {row.time(kFind["window_start"]), *kept};
         });
  if (found && !found->sealed.empty()) return *std::move(found);
  const auto id = found ? found->id : AddressId::make(moment);
  std::string sealed = vault.seal(contact.address, "addresses", id.bytes(), "address", moment.random);
  if (found) {  // It was deleted, but for what was counted there.
    tx.alone();
    tx.put(kReturn, {{"address_sealed", Blob{sealed}}, {"account_id", account}, {"id", id}});
    found->sealed = std::move(sealed);
    return *std::move(found);
  }
  tx.put(kInsert, {{"account_id", account},
                   {"id", id},
                   {"kind", kind},
                   {"address_index", Blob{index}},
                   {"address_sealed", Blob{sealed}},
                   {"created_at", moment.now}});
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
  row.obstacles = std::move(address.obstacles);
  row.known_since = moment.now;
  return row;
}

void insert_contact(Tx& tx, const AccountId& account, const ContactRow& row) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO contacts (
        account_id, id, subject_id, address_id, channel, address_sealed, known_since, replaced_another,
        sends_start, sends_count, failures, disabled, subject_sends_start, subject_sends_count, service_id)
      VALUES (
        :account_id, :id, :subject_id, :address_id, :channel, :address_sealed, :known_since, 0, :sends_start,
        :sends_count, 0, 0, :subject_sends_start, :subject_sends_count, :service_id)
  )sql"};
  tx.put(kInsert, {{"account_id", account},
                   {"id", row.id},
                   {"subject_id", row.subject},
                   {"address_id", row.address_id},
                   {"channel", contact::to_text(row.channel)},
                   {"address_sealed", Blob{row.address_sealed}},
                   {"known_since", row.known_since},
                   {"sends_start", row.sends.start},
                   {"sends_count", row.sends.count},
                   {"subject_sends_start", row.subject_sends.start},
                   {"subject_sends_count", row.subject_sends.count},
                   {"service_id", row.service}});
}

/// Of the subject: the same on each of its contacts, kept with itself while it has none.
domain::Window sends_window(Tx& tx, const AccountId& account, const SubjectId& subject) {
  static constexpr Sql kOfContacts{R"sql(
      SELECT subject_sends_start, subject_sends_count
      FROM contacts {{index(}}contacts_by_subject{{)}}
      WHERE account_id = :account_id AND subject_id = :subject_id
      LIMIT 1
  )sql"};
  static constexpr Sql kKept{R"sql(
      SELECT sends_start, sends_count
      FROM subjects
      WHERE account_id = :account_id AND id = :id
  )sql"};
  domain::Window window;
  const bool has_contact = tx.one(kOfContacts, {account, subject}, [&](const Row& row) {
    window = {row.time(kOfContacts["subject_sends_start"]), row.integer(kOfContacts["subject_sends_count"])};
  });
  if (has_contact) return window;
  tx.one(kKept, {account, subject},
         [&](const Row& row) { window = {row.time(kKept["sends_start"]), row.integer(kKept["sends_count"])}; });
  return window;
}

}  // namespace

ContactRow ensure_contact(Tx& tx, const Vault& vault, const NewContact& contact, Moment& moment) {
  const auto& account = contact.account;
  const auto& subject = contact.subject;
  std::vector<ContactRow> of_line;
  Address of = ensure_address(tx, vault, contact, moment, of_line);
  put_in_order(of_line);
  for (auto& other : of_line) {
    if (other.channel == contact.channel) return std::move(other);
  }
  ContactRow row = new_contact(subject, contact.service, contact.channel, std::move(of), moment);
  if (!of_line.empty()) {
    row.sends = of_line.front().sends;
    row.line_proved = of_line.front().line_proved;
  }
  row.known_since = time_after_holds(tx, account, subject, moment.now);
  row.subject_sends = sends_window(tx, account, subject);
  insert_contact(tx, account, row);
  return row;
}

ContactRow insert_first_contact(Tx& tx, const Vault& vault, const NewContact& contact, Moment& moment) {
  std::vector<ContactRow> none;
  ContactRow row = new_contact(contact.subject, contact.service, contact.channel,
                               ensure_address(tx, vault, contact, moment, none), moment);
  row.is_only = true;
  insert_contact(tx, contact.account, row);
  return row;
}

std::vector<ContactRow> contacts_of(Tx& tx, const AccountId& account, const SubjectId& subject) {
  static constexpr Sql kAll{{kContact, kLineGuards.as("guards"), kContactGuards}, R"sql(
      SELECT {{columns}}, {{guards}}
      FROM contacts c {{index(}}contacts_by_subject{{)}}
      {{guards_of_contact}}
      WHERE c.account_id = :account_id AND c.subject_id = :subject_id
  )sql"};
  std::vector<ContactRow> contacts;
  tx.all(kAll, {account, subject}, [&](const Row& row) { contacts.push_back(read_contact(row)); });
  put_all_in_order(contacts);
  return contacts;
}

std::vector<SubjectId> subjects_with_address(Tx& tx, const AccountId& account, const AddressId& address) {
  static constexpr Sql kAll{R"sql(
      SELECT DISTINCT subject_id
      FROM contacts {{index(}}contacts_by_address{{)}}
      WHERE account_id = :account_id AND address_id = :address_id
      ORDER BY subject_id
  )sql"};
  std::vector<SubjectId> subjects;
  tx.all(kAll, {account, address}, [&](const Row& row) { subjects.push_back(row.id<SubjectId>(kAll["subject_id"])); });
  return subjects;
}

const ContactRow* contact_in(const std::vector<ContactRow>& contacts, const ContactId& id) {
  const auto found = std::ranges::find(contacts, id, &ContactRow::id);
  return found == contacts.end() ? nullptr : &*found;
}

std::optional<ContactRow> find_contact(Tx& tx, const AccountId& account, const ContactId& id) {
  static constexpr Sql kFind{{kContact, kLineGuards.as("guards"), kContactGuards}, R"sql(
      SELECT {{columns}}, {{guards}},
        CAST(
          CASE
            WHEN c.proved_at IS NOT NULL THEN 1
            WHEN EXISTS (
              SELECT 1
              FROM contacts p {{index(}}contacts_by_subject{{)}}
              WHERE p.account_id = c.account_id AND p.subject_id = c.subject_id
                AND p.address_id = c.address_id AND p.proved_at IS NOT NULL)
            THEN 1
            ELSE 0
          END
        AS {{bigint}}) AS line_proved
      FROM contacts c
      {{guards_of_contact}}
      WHERE c.account_id = :account_id AND c.id = :id
  )sql"};
  std::optional<ContactRow> found;
  tx.one(kFind, {account, id}, [&](const Row& row) {
    found = read_contact(row);
    found->line_proved = row.boolean(kFind["line_proved"]);
  });
  return found;
}

std::optional<ContactRow> find_line(Tx& tx, const AccountId& account, const SubjectId& subject,
                                    const AddressId& address, bool proved) {
  static constexpr Sql kFind{{kLineGuards.as("guards"), kAddressGuards}, R"sql(
      SELECT a.address_sealed, {{guards}}
      FROM addresses a
      {{guards_of_address}}
      WHERE a.account_id = :account_id AND a.id = :id
  )sql"};
  std::optional<ContactRow> found;
  tx.one(kFind, {{"subject_id", subject}, {"account_id", account}, {"id", address}}, [&](const Row& row) {
    if (row.blob(kFind["address_sealed"]).empty()) return;
    found.emplace();
    found->subject = subject;
    found->address_id = address;
    found->address_sealed = row.bytes(kFind["address_sealed"]);
    found->line_proved = proved;
    found->own_guard = read_guard(row, kOwn, kFind["own_in_row"]);
    found->strangers_guard = read_guard(row, kStrangers, kFind["own_in_row"]).value_or(domain::LineGuard{});
    found->obstacles = read_obstacles(row, kFind["own_in_row"]);
  });
  return found;
}

SecretString open_address(const Vault& vault, const ContactRow& contact) {
  return vault.open(contact.address_sealed, "addresses", contact.address_id.bytes(), "address");
}

namespace {

// domain::count_event in SQL, as in counters.cpp.
constexpr Sql kCountInAddress{R"sql(
    UPDATE addresses
    SET sends_start = CASE WHEN sends_start > :window_gone AND sends_count > 0 THEN sends_start ELSE :now END,
        sends_count = CASE WHEN sends_start > :window_gone THEN sends_count + 1 ELSE 1 END
    WHERE account_id = :account_id AND id = :id AND (sends_start <= :window_gone OR sends_count < :max)
)sql"};

}  // namespace

bool count_in_address(Tx& tx, const AccountId& account, const AddressId& address, const domain::Rate& rate,
                      WallTime now) {
  return tx.exec(kCountInAddress, {{"window_gone", now - rate.per},
                                   {"now", now},
                                   {"account_id", account},
                                   {"id", address},
                                   {"max", rate.max}}) == 1;
}

void put_in_address(Tx& tx, const AccountId& account, const AddressId& address, const domain::Rate& rate,
                    WallTime now) {
  tx.put(kCountInAddress,
         {{"window_gone", now - rate.per}, {"now", now}, {"account_id", account}, {"id", address}, {"max", rate.max}});
}

domain::Window find_address_window(Tx& tx, const AccountId& account, const AddressId& address) {
  static constexpr Sql kFind{R"sql(
      SELECT sends_start, sends_count
      FROM addresses
      WHERE account_id = :account_id AND id = :id
  )sql"};
  domain::Window window;
  tx.one(kFind, {account, address},
         [&](const Row& row) { window = {row.time(kFind["sends_start"]), row.integer(kFind["sends_count"])}; });
  return window;
}

void save_sends(Tx& tx, const AccountId& account, const ContactRow& contact) {
  static constexpr Sql kSave{R"sql(
      UPDATE contacts {{index(}}contacts_by_subject{{)}}
      SET subject_sends_start = :subject_sends_start,
          subject_sends_count = :subject_sends_count,
          sends_start = CASE WHEN address_id = :address_id THEN :sends_start ELSE sends_start END,
          sends_count = CASE WHEN address_id = :address_id THEN :sends_count ELSE sends_count END
      WHERE account_id = :account_id AND subject_id = :subject_id
  )sql"};
  // By its own key: one look-up less than by the subject's.
  static constexpr Sql kSaveOnly{R"sql(
      UPDATE contacts
      SET subject_sends_start = :subject_sends_start,
          subject_sends_count = :subject_sends_count,
          sends_start = :sends_start,
          sends_count = :sends_count
      WHERE account_id = :account_id AND id = :id
  )sql"};
  if (contact.is_only) {
    return tx.put(kSaveOnly, {{"subject_sends_start", contact.subject_sends.start},
                              {"subject_sends_count", contact.subject_sends.count},
                              {"sends_start", contact.sends.start},
                              {"sends_count", contact.sends.count},
                              {"account_id", account},
                              {"id", contact.id}});
  }
  tx.put(kSave, {{"subject_sends_start", contact.subject_sends.start},
                 {"subject_sends_count", contact.subject_sends.count},
                 {"address_id", contact.address_id},
                 {"sends_start", contact.sends.start},
                 {"sends_count", contact.sends.count},
                 {"account_id", account},
                 {"subject_id", contact.subject}});
}

void save_proved(Tx& tx, const AccountId& account, const ContactRow& contact) {
  static constexpr Sql kSave{R"sql(
      UPDATE contacts
      SET proved_at = :proved_at
      WHERE account_id = :account_id AND id = :id
  )sql"};
  tx.put(kSave, {{"proved_at", contact.proved_at}, {"account_id", account}, {"id", contact.id}});
}

void keep_sends(Tx& tx, const AccountId& account, const ContactRow& contact) {
  static constexpr Sql kKeep{R"sql(
      UPDATE subjects
      SET sends_start = :sends_start, sends_count = :sends_count
      WHERE account_id = :account_id AND id = :id
  )sql"};
  static constexpr Sql kIndex{R"sql(
      SELECT address_index
      FROM addresses
      WHERE account_id = :account_id AND id = :id
  )sql"};
  tx.put(kKeep, {{"sends_start", contact.subject_sends.start},
                 {"sends_count", contact.subject_sends.count},
                 {"account_id", account},
                 {"id", contact.subject}});
  if (contact.sends.count == 0) return;
  std::string key;
  tx.one(kIndex, {account, contact.address_id},
         [&](const Row& row) { key = kept_sends_key(contact.subject, row.blob(kIndex["address_index"])); });
  keep_window(tx, account, key, contact.sends);
}

bool remove_contact(Tx& tx, const AccountId& account, const SubjectId& subject, const ContactId& id, WallTime now) {
  static constexpr Sql kRemove{R"sql(
      DELETE FROM contacts
      WHERE account_id = :account_id AND id = :id AND subject_id = :subject_id
  )sql"};
  static constexpr Sql kUnused{R"sql(
      UPDATE addresses
      SET unused_since = :unused_since
      WHERE account_id = :account_id AND id = :id
  )sql"};
  const auto contact = find_contact(tx, account, id);
  if (!contact || contact->subject != subject) return false;
  keep_sends(tx, account, *contact);
  if (tx.exec(kRemove, {{"account_id", account}, {"id", id}, {"subject_id", subject}}) != 1) return false;
  // It stays for as long as its owner is told of changes. [STD-7]
  tx.put(kUnused, {{"unused_since", now}, {"account_id", account}, {"id", contact->address_id}});
  return true;
}

}  // namespace countersign::store
