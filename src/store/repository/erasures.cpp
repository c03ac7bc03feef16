#include "store/repository/erasures.h"

#include "base/json.h"
#include "domain/display.h"
#include "store/repository/due_key.h"
#include "store/repository/notices.h"
#include "store/repository/transactions.h"

namespace countersign::store {

namespace {

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

ErasureRow read_erasure(const Row& row) {
  ErasureRow e;
  e.account = row.id<AccountId>(0);
  e.subject = row.id<SubjectId>(1);
  e.asked_at = row.time(2);
  e.acts_at = row.optional_time(3);
  if (e.acts_at) e.acts_at = due_from_key(e.account, *e.acts_at);
  e.told = read_addresses(row.text(4));
  e.stopped_at = row.optional_time(5);
  e.erased_at = row.optional_time(6);
  return e;
}

/// What was shown stays as its hash, in the row and in the receipts.
void empty_what_was_shown(Tx& tx, const Vault& vault, const AccountId& account, const SubjectId& subject,
                          Moment& moment) {
  static const Sql kAll{
      "SELECT id FROM transactions {{index(}}transactions_by_subject{{)}} WHERE account_id = ?1 AND subject_id = ?2"};
  static const Sql kEmpty{
      "UPDATE transactions SET display_sealed = ?3, metadata_sealed = NULL, return_url = '', return_url_sealed = NULL"
      " WHERE account_id = ?1 AND id = ?2"};
  const std::string nothing = canonical_json(domain::to_json(domain::Display{"-", std::nullopt, "", {}}));
  std::vector<TransactionId> all;
  tx.all(kAll, {account, subject}, [&](const Row& row) { all.push_back(row.id<TransactionId>(0)); });
  for (const auto& id : all) {
    tx.put(kEmpty, {account, id, Blob{seal_display(vault, id, nothing, moment.random)}});
  }
}

}  // namespace

std::optional<ErasureRow> find_erasure(Tx& tx, const AccountId& account, const SubjectId& subject) {
  static const Sql kFind{
      "SELECT account_id, subject_id, asked_at, acts_at, told, stopped_at, erased_at FROM erasures"
      " WHERE account_id = ?1 AND subject_id = ?2"};
  std::optional<ErasureRow> found;
  tx.one(kFind, {account, subject}, [&](const Row& row) { found = read_erasure(row); });
  return found;
}

void save_erasure(Tx& tx, const ErasureRow& e) {
  static const Sql kSave{
      "INSERT INTO erasures (account_id, subject_id, asked_at, acts_at, told, stopped_at, erased_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (account_id, subject_id) DO UPDATE SET"
      " asked_at = excluded.asked_at, acts_at = excluded.acts_at, told = excluded.told,"
      " stopped_at = excluded.stopped_at, erased_at = excluded.erased_at"};
  tx.put(kSave, {e.account, e.subject, e.asked_at, due_key(e.account, e.acts_at), addresses_text(e.told), e.stopped_at,
                 e.erased_at});
}

std::vector<ErasureRow> due_erasures(Tx& tx, WallTime now, int limit, const SetAsideKeys& aside) {
  static const Sql kDue{
      "SELECT account_id, subject_id, asked_at, acts_at, told, stopped_at, erased_at FROM erasures"
      " WHERE acts_at <= ?1 ORDER BY acts_at LIMIT ?2"};
  std::vector<ErasureRow> due;
  tx.all(kDue, {now, limit + static_cast<int>(aside.size())}, [&](const Row& row) {
    const std::string key = row.bytes(0) + row.bytes(1);
    if (aside.contains(key)) return;
    naming_row("erasures", key, [&] { due.push_back(read_erasure(row)); });
  });
  return due;
}

void forget_address(Tx& tx, const AccountId& account, const AddressId& address) {
  static const Sql kForget{
      "DELETE FROM addresses WHERE account_id = ?1 AND id = ?2 AND NOT EXISTS (SELECT 1 FROM contacts c WHERE"
      " c.account_id = ?1 AND c.address_id = ?2)"};
  // Nobody finds them without it.
  static const Sql kGuards{
      "DELETE FROM line_guards WHERE account_id = ?1 AND address_id = ?2 AND NOT EXISTS (SELECT 1 FROM addresses a "
      "WHERE"
      " a.account_id = ?1 AND a.id = ?2)"};
  tx.put(kForget, {account, address});
  tx.put(kGuards, {account, address});
}

void erase_personal_data(Tx& tx, const Vault& vault, const AccountId& account, const SubjectId& subject,
                         Moment& moment) {
  static const Sql kOfContacts{
      "SELECT DISTINCT address_id FROM contacts {{index(}}contacts_by_subject{{)}} WHERE account_id = ?1 AND "
      "subject_id "
      "= ?2"};
  static const Sql kContacts{
      "DELETE FROM contacts {{index(}}contacts_by_subject{{)}} WHERE account_id = ?1 AND subject_id = ?2"};
  static const Sql kFactors{
      "DELETE FROM factors {{index(}}factors_by_subject{{)}} WHERE account_id = ?1 AND subject_id = ?2"};
  static const Sql kObjections{"DELETE FROM objections WHERE account_id = ?1 AND subject_id = ?2"};
  // What the Verify-compatible API keeps beside the rows: the entity, its factors and challenges.
  static const Sql kEntities{"DELETE FROM resources WHERE account_id = ?1 AND kind = 'entity' AND id = ?2"};
  static const Sql kOfEntities{
      "DELETE FROM resources WHERE account_id = ?1 AND kind IN ('factor', 'challenge') AND parent_id = ?2"};
  static const Sql kIdentity{
      "UPDATE subjects SET identity_sealed = ?3, erased_at = ?4 WHERE account_id = ?1 AND id = ?2"};
  std::vector<AddressId> addresses;
  tx.all(kOfContacts, {account, subject}, [&](const Row& row) { addresses.push_back(row.id<AddressId>(0)); });
  tx.put(kContacts, {account, subject});
  for (const auto& address : addresses) forget_address(tx, account, address);
  tx.put(kFactors, {account, subject});
  tx.put(kObjections, {account, subject});
  tx.put(kEntities, {account, subject});
  tx.put(kOfEntities, {account, subject});
  drop_notices(tx, account, subject);
  empty_what_was_shown(tx, vault, account, subject, moment);
  tx.put(kIdentity,
         {account, subject, Blob{vault.seal("", "subjects", subject.bytes(), "identity", moment.random)}, moment.now});
}

std::int64_t purge_tombstones(Tx& tx, const AccountId& account, WallTime before, int limit) {
  static const Sql kOld{
      "SELECT subject_id FROM erasures e WHERE e.account_id = ?1 AND e.erased_at < ?2 AND e.acts_at IS NULL"
      " AND NOT EXISTS (SELECT 1 FROM transactions t WHERE t.account_id = ?1 AND t.subject_id = e.subject_id)"
      " AND NOT EXISTS (SELECT 1 FROM contacts c WHERE c.account_id = ?1 AND c.subject_id = e.subject_id)"
      " AND NOT EXISTS (SELECT 1 FROM factors f WHERE f.account_id = ?1 AND f.subject_id = e.subject_id) LIMIT ?3"};
  static const Sql kStandings{"DELETE FROM standings WHERE account_id = ?1 AND subject_id = ?2"};
  static const Sql kSubject{"DELETE FROM subjects WHERE account_id = ?1 AND id = ?2"};
  static const Sql kErasure{"DELETE FROM erasures WHERE account_id = ?1 AND subject_id = ?2"};
  std::vector<SubjectId> old;
  tx.all(kOld, {account, before, limit}, [&](const Row& row) { old.push_back(row.id<SubjectId>(0)); });
  for (const auto& subject : old) {
    tx.put(kStandings, {account, subject});
    tx.put(kSubject, {account, subject});
    tx.put(kErasure, {account, subject});
  }
  return static_cast<std::int64_t>(old.size());
}

void insert_objection(Tx& tx, const ObjectionRow& o) {
  static const Sql kInsert{
      "INSERT INTO objections (account_id, id, subject_id, service_id, binding_id, contact_id, code_digest, attempts,"
      " expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"};
  tx.put(kInsert,
         {o.account, o.id, o.subject, o.service, o.binding, o.contact, Blob{o.code_digest}, o.attempts, o.expires_at});
}

std::optional<ObjectionRow> find_objection(Tx& tx, const AccountId& account, const ObjectionId& id) {
  static const Sql kFind{
      "SELECT subject_id, service_id, binding_id, contact_id, code_digest, attempts, expires_at FROM objections"
      " WHERE account_id = ?1 AND id = ?2"};
  std::optional<ObjectionRow> found;
  tx.one(kFind, {account, id}, [&](const Row& row) {
    found = ObjectionRow{account,
                         id,
                         row.id<SubjectId>(0),
                         row.id<ServiceId>(1),
                         row.optional_id<BindingId>(2),
                         row.id<AddressId>(3),
                         row.optional_bytes(4).value_or(""),
                         static_cast<int>(row.integer(5)),
                         row.time(6)};
  });
  return found;
}

void save_objection(Tx& tx, const ObjectionRow& o) {
  static const Sql kSave{"UPDATE objections SET code_digest = ?3, attempts = ?4 WHERE account_id = ?1 AND id = ?2"};
  tx.put(kSave, {o.account, o.id, Blob{o.code_digest}, o.attempts});
}

}  // namespace countersign::store
