#include "store/repository/erasures.h"

#include "base/json.h"
#include "domain/display.h"
#include "store/repository/contacts.h"
#include "store/repository/due_key.h"
#include "store/repository/notices.h"
#include "store/repository/risk_people.h"
#include "store/repository/transactions.h"

namespace countersign::store {

namespace {

// told := the ids of addresses as text, AD…, with a comma between
std::string addresses_text(const std::vector<AddressId>& ids) {
  std::string text;
  for (const auto& id : ids) {
    if (!text.empty()) text += ',';
    text += id.text();
  }
  return text;
}

std::vector<AddressId> read_addresses(std::string_view text) {
  std::vector<AddressId> ids;
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (const auto id = AddressId::parse(text.substr(0, comma))) ids.push_back(*id);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return ids;
}

constexpr Columns kErasure{"account_id, subject_id, asked_at, acts_at, told, stopped_at, erased_at"};

ErasureRow read_erasure(const Row& row) {
  ErasureRow e;
  e.account = row.id<AccountId>(kErasure["account_id"]);
  e.subject = row.id<SubjectId>(kErasure["subject_id"]);
  e.state.asked_at = row.time(kErasure["asked_at"]);
  e.state.acts_at = row.optional_time(kErasure["acts_at"]);
  if (e.state.acts_at) e.state.acts_at = due_from_key(e.account, *e.state.acts_at);
  e.told = read_addresses(row.text(kErasure["told"]));
  e.state.stopped_at = row.optional_time(kErasure["stopped_at"]);
  e.state.erased_at = row.optional_time(kErasure["erased_at"]);
  return e;
}

/// What was shown stays as its hash, in the row and in the receipts.
void empty_what_was_shown(Tx& tx, const Vault& vault, const AccountId& account, const SubjectId& subject,
                          Moment& moment) {
  static constexpr Sql kAll{R"sql(
      SELECT id
      FROM transactions {{index(}}transactions_by_subject{{)}}
      WHERE account_id = :account_id AND subject_id = :subject_id
  )sql"};
  static constexpr Sql kEmpty{R"sql(
      UPDATE transactions
      SET display_sealed = :display_sealed,
          metadata_sealed = NULL,
          ceremonies_sealed = NULL,
          return_url = '',
          return_url_sealed = NULL,
          risk = NULL,
          review_until = NULL
      WHERE account_id = :account_id AND id = :id
  )sql"};
  const std::string nothing = canonical_json(domain::to_json(domain::Display{"-", std::nullopt, "", {}}));
  std::vector<TransactionId> all;
  tx.all(kAll, {account, subject}, [&](const Row& row) { all.push_back(row.id<TransactionId>(kAll["id"])); });
  for (const auto& id : all) {
    tx.put(kEmpty, {{"display_sealed", Blob{seal_display(vault, id, nothing, moment.random)}},
                    {"account_id", account},
                    {"id", id}});
  }
}

}  // namespace

std::optional<ErasureRow> find_erasure(Tx& tx, const AccountId& account, const SubjectId& subject) {
  static constexpr Sql kFind{kErasure, R"sql(
      SELECT {{columns}}
      FROM erasures
      WHERE account_id = :account_id AND subject_id = :subject_id
  )sql"};
  std::optional<ErasureRow> found;
  tx.one(kFind, {account, subject}, [&](const Row& row) { found = read_erasure(row); });
  return found;
}

void save_erasure(Tx& tx, const ErasureRow& e) {
  static constexpr Sql kSave{R"sql(
      INSERT INTO erasures (account_id, subject_id, asked_at, acts_at, told, stopped_at, erased_at)
      VALUES (:account_id, :subject_id, :asked_at, :acts_at, :told, :stopped_at, :erased_at)
      ON CONFLICT (account_id, subject_id) DO UPDATE
      SET asked_at = excluded.asked_at,
          acts_at = excluded.acts_at,
          told = excluded.told,
          stopped_at = excluded.stopped_at,
          erased_at = excluded.erased_at
  )sql"};
  tx.put(kSave, {{"account_id", e.account},
                 {"subject_id", e.subject},
                 {"asked_at", e.state.asked_at},
                 {"acts_at", due_key(e.account, e.state.acts_at)},
                 {"told", addresses_text(e.told)},
                 {"stopped_at", e.state.stopped_at},
                 {"erased_at", e.state.erased_at}});
}

std::vector<ErasureRow> due_erasures(Tx& tx, WallTime now, int limit, const SetAsideKeys& aside) {
  static constexpr Sql kDue{kErasure, R"sql(
      SELECT {{columns}}
      FROM erasures
      WHERE acts_at <= :now
      ORDER BY acts_at
      LIMIT :limit
  )sql"};
  std::vector<ErasureRow> due;
  tx.all(kDue, {now, limit + static_cast<int>(aside.size())}, [&](const Row& row) {
    const std::string key = row.bytes(kDue["account_id"]) + row.bytes(kDue["subject_id"]);
    if (aside.contains(key)) return;
    naming_row("erasures", key, [&] { due.push_back(read_erasure(row)); });
  });
  return due;
}

void forget_address(Tx& tx, const AccountId& account, const AddressId& address) {
  static constexpr Sql kForget{R"sql(
      DELETE FROM addresses
      WHERE account_id = :account_id AND id = :id
        AND NOT EXISTS (
            SELECT 1
            FROM contacts c
            WHERE c.account_id = :account_id AND c.address_id = :id)
  )sql"};
  // Nobody finds them without it.
  static constexpr Sql kGuards{R"sql(
      DELETE FROM line_guards
      WHERE account_id = :account_id AND address_id = :address_id
        AND NOT EXISTS (
            SELECT 1
            FROM addresses a
            WHERE a.account_id = :account_id AND a.id = :address_id)
  )sql"};
  tx.put(kForget, {account, address});
  tx.put(kGuards, {account, address});
}

void empty_address(Tx& tx, const AccountId& account, const AddressId& address, const SubjectId& erased, WallTime now) {
  // Somebody else who lost this contact lately is still told of changes there, and objects to them: whoever has her
  // number erased from an identity of his own must not end that. [STD-7]
  static constexpr Sql kEmpty{R"sql(
      UPDATE addresses
      SET address_sealed = CASE
            WHEN EXISTS (
              SELECT 1
              FROM notices n
              WHERE n.account_id = :account_id AND n.contact_id = :id AND n.subject_id <> :erased)
            THEN address_sealed
            ELSE :address_sealed
          END,
          unused_since = :unused_since
      WHERE account_id = :account_id AND id = :id
        AND NOT EXISTS (
            SELECT 1
            FROM contacts c
            WHERE c.account_id = :account_id AND c.address_id = :id)
  )sql"};
  tx.put(kEmpty, {{"account_id", account},
                  {"id", address},
                  {"erased", erased},
                  {"address_sealed", Blob{""}},
                  {"unused_since", now}});
}

void erase_personal_data(Tx& tx, const Vault& vault, const AccountId& account, const SubjectId& subject,
                         Moment& moment) {
  static constexpr Sql kContacts{R"sql(
      DELETE FROM contacts {{index(}}contacts_by_subject{{)}}
      WHERE account_id = :account_id AND subject_id = :subject_id
  )sql"};
  static constexpr Sql kFactors{R"sql(
      DELETE FROM factors {{index(}}factors_by_subject{{)}}
      WHERE account_id = :account_id AND subject_id = :subject_id
  )sql"};
  static constexpr Sql kObjections{R"sql(
      DELETE FROM objections
      WHERE account_id = :account_id AND subject_id = :subject_id
  )sql"};
  // What the Verify-compatible API keeps beside the rows: the entity, its factors and challenges.
  static constexpr Sql kEntities{R"sql(
      DELETE FROM resources
      WHERE account_id = :account_id AND kind = 'entity' AND id = :id
  )sql"};
  static constexpr Sql kOfEntities{R"sql(
      DELETE FROM resources
      WHERE account_id = :account_id AND kind IN ('factor', 'challenge') AND parent_id = :parent_id
  )sql"};
  static constexpr Sql kIdentity{R"sql(
      UPDATE subjects
      SET identity_sealed = :identity_sealed, erased_at = :erased_at
      WHERE account_id = :account_id AND id = :id
  )sql"};
  const auto contacts = contacts_of(tx, account, subject);
  for (const auto& contact : contacts) keep_sends(tx, account, contact);
  tx.put(kContacts, {account, subject});
  for (const auto& contact : contacts) empty_address(tx, account, contact.address_id, subject, moment.now);
  tx.put(kFactors, {account, subject});
  tx.put(kObjections, {account, subject});
  tx.put(kEntities, {account, subject});
  tx.put(kOfEntities, {account, subject});
  drop_notices(tx, account, subject);
  delete_profile(tx, account, subject);
  empty_what_was_shown(tx, vault, account, subject, moment);
  tx.put(kIdentity, {{"identity_sealed", Blob{vault.seal("", "subjects", subject.bytes(), "identity", moment.random)}},
                     {"erased_at", moment.now},
                     {"account_id", account},
                     {"id", subject}});
}

std::int64_t purge_tombstones(Tx& tx, const AccountId& account, WallTime before, int limit) {
  static constexpr Sql kOld{R"sql(
      SELECT subject_id
      FROM erasures e
      WHERE e.account_id = :account_id AND e.erased_at < :before AND e.acts_at IS NULL
        AND NOT EXISTS (
            SELECT 1
            FROM transactions t
            WHERE t.account_id = :account_id AND t.subject_id = e.subject_id)
        AND NOT EXISTS (
            SELECT 1
            FROM contacts c
            WHERE c.account_id = :account_id AND c.subject_id = e.subject_id)
        AND NOT EXISTS (
            SELECT 1
            FROM factors f
            WHERE f.account_id = :account_id AND f.subject_id = e.subject_id)
      LIMIT :limit
  )sql"};
  static constexpr Sql kStandings{R"sql(
      DELETE FROM standings
      WHERE account_id = :account_id AND subject_id = :subject_id
  )sql"};
  static constexpr Sql kSubject{R"sql(
      DELETE FROM subjects
      WHERE account_id = :account_id AND id = :id
  )sql"};
  static constexpr Sql kErasures{R"sql(
      DELETE FROM erasures
      WHERE account_id = :account_id AND subject_id = :subject_id
  )sql"};
  std::vector<SubjectId> old;
  tx.all(kOld, {{"account_id", account}, {"before", before}, {"limit", limit}},
         [&](const Row& row) { old.push_back(row.id<SubjectId>(kOld["subject_id"])); });
  for (const auto& subject : old) {
    tx.put(kStandings, {account, subject});
    tx.put(kSubject, {account, subject});
    tx.put(kErasures, {account, subject});
  }
  return static_cast<std::int64_t>(old.size());
}

void insert_objection(Tx& tx, const ObjectionRow& o) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO objections (
        account_id, id, subject_id, service_id, binding_id, contact_id, code_digest, attempts, expires_at)
      VALUES (
        :account_id, :id, :subject_id, :service_id, :binding_id, :contact_id, :code_digest, :attempts, :expires_at)
  )sql"};
  tx.put(kInsert, {{"account_id", o.account},
                   {"id", o.id},
                   {"subject_id", o.subject},
                   {"service_id", o.service},
                   {"binding_id", o.binding},
                   {"contact_id", o.contact},
                   {"code_digest", Blob{o.state.digest}},
                   {"attempts", o.state.attempts},
                   {"expires_at", o.state.expires_at}});
}

std::optional<ObjectionRow> find_objection(Tx& tx, const AccountId& account, const ObjectionId& id) {
  static constexpr Sql kFind{R"sql(
      SELECT subject_id, service_id, binding_id, contact_id, code_digest, attempts, expires_at
      FROM objections
      WHERE account_id = :account_id AND id = :id
  )sql"};
  std::optional<ObjectionRow> found;
  tx.one(kFind, {account, id}, [&](const Row& row) {
    found = ObjectionRow{.account = account,
                         .id = id,
                         .subject = row.id<SubjectId>(kFind["subject_id"]),
                         .service = row.id<ServiceId>(kFind["service_id"]),
                         .binding = row.optional_id<BindingId>(kFind["binding_id"]),
                         .contact = row.id<AddressId>(kFind["contact_id"]),
                         .state = {row.optional_bytes(kFind["code_digest"]).value_or(""),
                                   static_cast<int>(row.integer(kFind["attempts"])), row.time(kFind["expires_at"])}};
  });
  return found;
}

void save_objection(Tx& tx, const ObjectionRow& o) {
  static constexpr Sql kSave{R"sql(
      UPDATE objections
      SET code_digest = :code_digest, attempts = :attempts
      WHERE account_id = :account_id AND id = :id
  )sql"};
  tx.put(
      kSave,
      {{"code_digest", Blob{o.state.digest}}, {"attempts", o.state.attempts}, {"account_id", o.account}, {"id", o.id}});
}

}  // namespace countersign::store
