#include "store/repository/test_mode.h"

#include <array>

#include "store/repository/due_key.h"

namespace countersign::store {

namespace {

// kTestEra. Written out, because a partial index is used where the query says what the index does.
#define CS_TEST_ERA "1152921504606846976"
static_assert(kTestEra.count() == 1152921504606846976);

/// Runs a query for the keys of what is due: the account, to which key, how many.
template <class Read>
void each_due(Tx& tx, const Sql& sql, const AccountId& account, WallTime now, int limit, Read read) {
  tx.all(sql, {account, due_key(account, now), limit}, read);
}

}  // namespace

Duration clock_ahead(Tx& tx, const AccountId& account) {
  static const Sql kFind{"SELECT ahead FROM test_clocks WHERE account_id = ?1"};
  Duration ahead{};
  if (is_test(account)) tx.one(kFind, {account}, [&](const Row& row) { ahead = Duration(row.integer(0)); });
  return ahead;
}

void save_clock_ahead(Tx& tx, const AccountId& account, Duration ahead) {
  static const Sql kSave{
      "INSERT INTO test_clocks (account_id, ahead) VALUES (?1, ?2)"
      " ON CONFLICT (account_id) DO UPDATE SET ahead = excluded.ahead"};
  tx.put(kSave, {account, ahead.count()});
}

std::optional<WallTime> earliest_test_work(Tx& tx, const AccountId& account) {
#define CS_EARLIEST(table, column, condition)              \
  "SELECT MIN(" column ") FROM " table " {{index(}}" table \
  "_of_tests{{)}} WHERE account_id = ?1 AND " condition column " >= " CS_TEST_ERA
  static const std::array<Sql, 6> kEarliest{
      Sql{CS_EARLIEST("messages", "due_at", "status = 'queued' AND ")},
      Sql{CS_EARLIEST("deliveries", "due_at", "status = 'pending' AND ")},
      Sql{"SELECT MIN(due_at) FROM notices WHERE account_id = ?1 AND status = 'queued'"},
      Sql{CS_EARLIEST("transactions", "due_at", "")},
      Sql{CS_EARLIEST("standings", "due_at", "")},
      Sql{CS_EARLIEST("erasures", "acts_at", "")}};
#undef CS_EARLIEST
  std::optional<WallTime> earliest;
  for (const auto& sql : kEarliest) {
    tx.one(sql, {account}, [&](const Row& row) {
      if (const auto key = row.optional_time(0); key && (!earliest || *key < *earliest)) earliest = *key;
    });
  }
  if (earliest) earliest = due_from_key(account, *earliest);
  return earliest;
}

std::vector<MessageRow> due_test_messages(Tx& tx, const AccountId& account, WallTime now, int limit) {
  static const Sql kDue{
      "SELECT account_id, id, transaction_id, verification_id, channel, provider, content_sealed, attempts, expires_at,"
      " NULL FROM messages {{index(}}messages_of_tests{{)}} WHERE account_id = ?1 AND status = 'queued'"
      " AND due_at >= " CS_TEST_ERA " AND due_at <= ?2 ORDER BY due_at LIMIT ?3"};
  std::vector<MessageRow> rows;
  each_due(tx, kDue, account, now, limit, [&](const Row& row) { rows.push_back(read_due_message(row)); });
  return rows;
}

std::vector<NoticeRow> due_test_notices(Tx& tx, const AccountId& account, WallTime now, int limit) {
  static const Sql kDue{
      "SELECT account_id, id, subject_id, service_id, contact_id, about, channel, provider, content_sealed, attempts,"
      " expires_at, due_at FROM notices WHERE account_id = ?1 AND status = 'queued' AND due_at <= ?2 ORDER BY due_at "
      "LIMIT ?3"};
  std::vector<NoticeRow> rows;
  each_due(tx, kDue, account, now, limit, [&](const Row& row) {
    NoticeRow n = read_due_notice(row);
    ++n.attempts;
    n.due_at = due_from_key(account, n.due_at);
    rows.push_back(std::move(n));
  });
  return rows;
}

std::vector<TransactionRow> lapsed_test_transactions(Tx& tx, const AccountId& account, WallTime now, int limit) {
  static const Sql kDue{
      "SELECT id FROM transactions {{index(}}transactions_of_tests{{)}} WHERE account_id = ?1 AND due_at "
      ">= " CS_TEST_ERA " AND due_at <= ?2 ORDER BY due_at LIMIT ?3"};
  std::vector<TransactionId> ids;
  each_due(tx, kDue, account, now, limit, [&](const Row& row) { ids.push_back(row.id<TransactionId>(0)); });
  std::vector<TransactionRow> rows;
  for (const auto& id : ids) {
    if (auto found = find_transaction(tx, account, id)) rows.push_back(*std::move(found));
  }
  return rows;
}

std::vector<domain::standing::History> due_test_histories(Tx& tx, const AccountId& account, WallTime now, int limit) {
  static const Sql kDue{
      "SELECT subject_id, service_id FROM standings {{index(}}standings_of_tests{{)}} WHERE account_id = ?1"
      " AND due_at >= " CS_TEST_ERA " AND due_at <= ?2 ORDER BY due_at LIMIT ?3"};
  std::vector<std::pair<SubjectId, ServiceId>> ids;
  each_due(tx, kDue, account, now, limit,
           [&](const Row& row) { ids.emplace_back(row.id<SubjectId>(0), row.id<ServiceId>(1)); });
  std::vector<domain::standing::History> histories;
  for (const auto& [subject, service] : ids) {
    if (auto found = find_history(tx, account, subject, service)) histories.push_back(*std::move(found));
  }
  return histories;
}

std::vector<ErasureRow> due_test_erasures(Tx& tx, const AccountId& account, WallTime now, int limit) {
  static const Sql kDue{
      "SELECT subject_id FROM erasures {{index(}}erasures_of_tests{{)}} WHERE account_id = ?1"
      " AND acts_at >= " CS_TEST_ERA " AND acts_at <= ?2 ORDER BY acts_at LIMIT ?3"};
  std::vector<SubjectId> ids;
  each_due(tx, kDue, account, now, limit, [&](const Row& row) { ids.push_back(row.id<SubjectId>(0)); });
  std::vector<ErasureRow> rows;
  for (const auto& id : ids) {
    if (auto found = find_erasure(tx, account, id)) rows.push_back(*std::move(found));
  }
  return rows;
}

std::vector<DeliveryRow> lease_test_deliveries(Tx& tx, const AccountId& account, WallTime now, WallTime lease_until,
                                               std::string_view owner, int limit) {
  static const Sql kDue{
      "SELECT id FROM deliveries {{index(}}deliveries_of_tests{{)}} WHERE account_id = ?1 AND status = 'pending'"
      " AND due_at >= " CS_TEST_ERA " AND due_at <= ?2 ORDER BY due_at LIMIT ?3 {{skip_locked}}"};
  static const Sql kLease{"UPDATE deliveries SET due_at = ?3, lease_owner = ?4 WHERE account_id = ?1 AND id = ?2"};
  std::vector<DeliveryId> ids;
  each_due(tx, kDue, account, now, limit, [&](const Row& row) { ids.push_back(row.id<DeliveryId>(0)); });
  std::vector<DeliveryRow> rows;
  for (const auto& id : ids) {
    tx.put(kLease, {account, id, due_key(account, lease_until), owner});
    if (auto found = find_delivery(tx, account, id)) rows.push_back(*std::move(found));
  }
  return rows;
}

void insert_test_message(Tx& tx, const TestMessageRow& row) {
  static const Sql kInsert{
      "INSERT INTO test_messages (account_id, id, transaction_id, verification_id, content_sealed, arrives_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"};
  tx.put(kInsert, {row.account, row.id, row.transaction, row.verification, Blob{row.content_sealed}, row.arrives_at});
}

std::vector<TestMessageRow> list_test_messages(Tx& tx, const AccountId& account, WallTime now,
                                               const std::optional<TransactionId>& transaction, int limit) {
  static const Sql kList{
      "SELECT id, transaction_id, verification_id, content_sealed, arrives_at FROM test_messages WHERE account_id = ?1"
      " AND arrives_at <= ?2 AND (?3 = {{no_id}} OR transaction_id = ?3) ORDER BY id DESC LIMIT ?4"};
  std::vector<TestMessageRow> rows;
  tx.all(kList, {account, now, transaction.value_or(TransactionId{}), limit}, [&](const Row& row) {
    rows.push_back({account, row.id<MessageId>(0), row.optional_id<TransactionId>(1),
                    row.optional_id<VerificationId>(2), row.bytes(3), row.time(4)});
  });
  return rows;
}

void prune_test_messages(Tx& tx, const AccountId& account, int keep) {
  static const Sql kPrune{
      "DELETE FROM test_messages WHERE account_id = ?1 AND id < (SELECT id FROM test_messages WHERE account_id = ?1"
      " ORDER BY id DESC LIMIT 1 OFFSET ?2)"};
  tx.put(kPrune, {account, keep - 1});
}

std::int64_t purge_test_people(Tx& tx, const AccountId& account, WallTime before, int limit) {
  static const Sql kOld{
      "SELECT id FROM subjects s WHERE s.account_id = ?1 AND s.id < ?2 AND NOT EXISTS (SELECT 1 FROM transactions t"
      " WHERE t.account_id = ?1 AND t.subject_id = s.id) ORDER BY id LIMIT ?3"};
  static const Sql kMessages{"DELETE FROM test_messages WHERE account_id = ?1 AND id < ?2"};
  static const Sql kContacts{"DELETE FROM contacts WHERE account_id = ?1 AND subject_id = ?2"};
  static const Sql kFactors{"DELETE FROM factors WHERE account_id = ?1 AND subject_id = ?2"};
  static const Sql kStandings{"DELETE FROM standings WHERE account_id = ?1 AND subject_id = ?2"};
  static const Sql kErasures{"DELETE FROM erasures WHERE account_id = ?1 AND subject_id = ?2"};
  static const Sql kSubject{"DELETE FROM subjects WHERE account_id = ?1 AND id = ?2"};
  static const Sql kAddresses{
      "SELECT id FROM addresses a WHERE a.account_id = ?1 AND a.id < ?2 AND NOT EXISTS (SELECT 1 FROM contacts c"
      " WHERE c.account_id = ?1 AND c.address_id = a.id) ORDER BY id LIMIT ?3"};
  const Id end = Id::floor_of(before);
  tx.put(kMessages, {account, end});
  std::vector<SubjectId> subjects;
  tx.all(kOld, {account, end, limit}, [&](const Row& row) { subjects.push_back(row.id<SubjectId>(0)); });
  for (const auto& subject : subjects) {
    drop_notices(tx, account, subject);
    for (const Sql* sql : {&kContacts, &kFactors, &kStandings, &kErasures, &kSubject}) tx.put(*sql, {account, subject});
  }
  std::vector<AddressId> addresses;
  tx.all(kAddresses, {account, end, limit}, [&](const Row& row) { addresses.push_back(row.id<AddressId>(0)); });
  for (const auto& address : addresses) forget_address(tx, account, address);
  return static_cast<std::int64_t>(subjects.size() + addresses.size());
}

}  // namespace countersign::store
