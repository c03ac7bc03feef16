#include "store/repository/test_mode.h"

#include "store/repository/due_key.h"
#include "store/repository/risk_people.h"

namespace countersign::store {

namespace {

/// kTestEra. Written out, because a partial index is used where the query says what the index does.
constexpr Token kTestEraText{"test_era", "1152921504606846976"};
static_assert(kTestEra.count() == 1152921504606846976);

/// Runs a query for the keys of what is due: the account, to which key, how many.
template <class Read>
void each_due(Tx& tx, const Sql& sql, const AccountId& account, WallTime now, int limit, Read read) {
  tx.all(sql, {{"account_id", account}, {"now", due_key(account, now)}, {"limit", limit}}, read);
}

/// What `find` still finds of them, in their order. Rows cannot be read while the ids are.
template <class Ids, class Find>
auto found_by(const Ids& ids, const Find& find) {
  std::vector<typename std::invoke_result_t<Find, const typename Ids::value_type&>::value_type> rows;
  for (const auto& id : ids) {
    if (auto found = find(id)) rows.push_back(*std::move(found));
  }
  return rows;
}

}  // namespace

Duration clock_ahead(Tx& tx, const AccountId& account) {
  static constexpr Sql kFind{R"sql(
      SELECT ahead
      FROM test_clocks
      WHERE account_id = :account_id
  )sql"};
  Duration ahead{};
  if (is_test(account))
    tx.one(kFind, {account}, [&](const Row& row) { ahead = Duration(row.integer(kFind["ahead"])); });
  return ahead;
}

void save_clock_ahead(Tx& tx, const AccountId& account, Duration ahead) {
  static constexpr Sql kSave{R"sql(
      INSERT INTO test_clocks (account_id, ahead)
      VALUES (:account_id, :ahead)
      ON CONFLICT (account_id) DO UPDATE
      SET ahead = excluded.ahead
  )sql"};
  tx.put(kSave, {account, ahead.count()});
}

std::optional<WallTime> earliest_test_work(Tx& tx, const AccountId& account) {
  static constexpr Sql kMessages{{kTestEraText}, R"sql(
      SELECT MIN(due_at) AS earliest
      FROM messages {{index(}}messages_of_tests{{)}}
      WHERE account_id = :account_id AND status = 'queued' AND due_at >= {{test_era}}
  )sql"};
  static constexpr Sql kDeliveries{{kTestEraText}, R"sql(
      SELECT MIN(due_at) AS earliest
      FROM deliveries {{index(}}deliveries_of_tests{{)}}
      WHERE account_id = :account_id AND status = 'pending' AND due_at >= {{test_era}}
  )sql"};
  static constexpr Sql kNotices{R"sql(
      SELECT MIN(due_at) AS earliest
      FROM notices
      WHERE account_id = :account_id AND status = 'queued'
  )sql"};
  static constexpr Sql kTransactions{{kTestEraText}, R"sql(
      SELECT MIN(due_at) AS earliest
      FROM transactions {{index(}}transactions_of_tests{{)}}
      WHERE account_id = :account_id AND due_at >= {{test_era}}
  )sql"};
  static constexpr Sql kStandings{{kTestEraText}, R"sql(
      SELECT MIN(due_at) AS earliest
      FROM standings {{index(}}standings_of_tests{{)}}
      WHERE account_id = :account_id AND due_at >= {{test_era}}
  )sql"};
  static constexpr Sql kErasures{{kTestEraText}, R"sql(
      SELECT MIN(acts_at) AS earliest
      FROM erasures {{index(}}erasures_of_tests{{)}}
      WHERE account_id = :account_id AND acts_at >= {{test_era}}
  )sql"};
  std::optional<WallTime> earliest;
  for (const Sql* sql : {&kMessages, &kDeliveries, &kNotices, &kTransactions, &kStandings, &kErasures}) {
    tx.one(*sql, {account}, [&](const Row& row) {
      const auto key = row.optional_time(kMessages["earliest"]);
      if (key && (!earliest || *key < *earliest)) earliest = *key;
    });
  }
  if (earliest) earliest = due_from_key(account, *earliest);
  return earliest;
}

std::vector<MessageRow> due_test_messages(Tx& tx, const AccountId& account, WallTime now, int limit) {
  static constexpr Sql kDue{{kDueMessage, kTestEraText}, R"sql(
      SELECT {{columns}}
      FROM messages {{index(}}messages_of_tests{{)}}
      WHERE account_id = :account_id AND status = 'queued' AND due_at >= {{test_era}} AND due_at <= :now
      ORDER BY due_at
      LIMIT :limit
  )sql"};
  std::vector<MessageRow> rows;
  each_due(tx, kDue, account, now, limit, [&](const Row& row) { rows.push_back(read_due_message(row)); });
  return rows;
}

std::vector<NoticeRow> due_test_notices(Tx& tx, const AccountId& account, WallTime now, int limit) {
  static constexpr Sql kDue{kDueNotice, R"sql(
      SELECT {{columns}}
      FROM notices
      WHERE account_id = :account_id AND status = 'queued' AND due_at <= :now
      ORDER BY due_at
      LIMIT :limit
  )sql"};
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
  static constexpr Sql kDue{{kTestEraText}, R"sql(
      SELECT id
      FROM transactions {{index(}}transactions_of_tests{{)}}
      WHERE account_id = :account_id AND due_at >= {{test_era}} AND due_at <= :now
      ORDER BY due_at
      LIMIT :limit
  )sql"};
  std::vector<TransactionId> ids;
  each_due(tx, kDue, account, now, limit, [&](const Row& row) { ids.push_back(row.id<TransactionId>(kDue["id"])); });
  return found_by(ids, [&](const auto& id) { return find_transaction(tx, account, id); });
}

std::vector<domain::standing::History> due_test_histories(Tx& tx, const AccountId& account, WallTime now, int limit) {
  static constexpr Sql kDue{{kTestEraText}, R"sql(
      SELECT subject_id, service_id
      FROM standings {{index(}}standings_of_tests{{)}}
      WHERE account_id = :account_id AND due_at >= {{test_era}} AND due_at <= :now
      ORDER BY due_at
      LIMIT :limit
  )sql"};
  std::vector<std::pair<SubjectId, ServiceId>> ids;
  each_due(tx, kDue, account, now, limit, [&](const Row& row) {
    ids.emplace_back(row.id<SubjectId>(kDue["subject_id"]), row.id<ServiceId>(kDue["service_id"]));
  });
  return found_by(ids, [&](const auto& id) { return find_history(tx, account, id.first, id.second); });
}

std::vector<ErasureRow> due_test_erasures(Tx& tx, const AccountId& account, WallTime now, int limit) {
  static constexpr Sql kDue{{kTestEraText}, R"sql(
      SELECT subject_id
      FROM erasures {{index(}}erasures_of_tests{{)}}
      WHERE account_id = :account_id AND acts_at >= {{test_era}} AND acts_at <= :now
      ORDER BY acts_at
      LIMIT :limit
  )sql"};
  std::vector<SubjectId> ids;
  each_due(tx, kDue, account, now, limit,
           [&](const Row& row) { ids.push_back(row.id<SubjectId>(kDue["subject_id"])); });
  return found_by(ids, [&](const auto& id) { return find_erasure(tx, account, id); });
}

std::vector<DeliveryRow> lease_test_deliveries(Tx& tx, const AccountId& account, WallTime now, WallTime lease_until,
                                               std::string_view owner, int limit) {
  static constexpr Sql kDue{{kTestEraText}, R"sql(
      SELECT id
      FROM deliveries {{index(}}deliveries_of_tests{{)}}
      WHERE account_id = :account_id AND status = 'pending' AND due_at >= {{test_era}} AND due_at <= :now
      ORDER BY due_at
      LIMIT :limit
      {{skip_locked}}
  )sql"};
  static constexpr Sql kLease{R"sql(
      UPDATE deliveries
      SET due_at = :due_at, lease_owner = :lease_owner
      WHERE account_id = :account_id AND id = :id
  )sql"};
  std::vector<DeliveryId> ids;
  each_due(tx, kDue, account, now, limit, [&](const Row& row) { ids.push_back(row.id<DeliveryId>(kDue["id"])); });
  std::vector<DeliveryRow> rows;
  for (const auto& id : ids) {
    tx.put(kLease,
           {{"due_at", due_key(account, lease_until)}, {"lease_owner", owner}, {"account_id", account}, {"id", id}});
    if (auto found = find_delivery(tx, account, id)) rows.push_back(*std::move(found));
  }
  return rows;
}

void insert_test_message(Tx& tx, const TestMessageRow& row) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO test_messages (account_id, id, transaction_id, verification_id, content_sealed, arrives_at)
      VALUES (:account_id, :id, :transaction_id, :verification_id, :content_sealed, :arrives_at)
  )sql"};
  tx.put(kInsert, {{"account_id", row.account},
                   {"id", row.id},
                   {"transaction_id", row.transaction},
                   {"verification_id", row.verification},
                   {"content_sealed", Blob{row.content_sealed}},
                   {"arrives_at", row.arrives_at}});
}

std::vector<TestMessageRow> list_test_messages(Tx& tx, const AccountId& account, WallTime now,
                                               const std::optional<TransactionId>& transaction, int limit) {
  static constexpr Sql kList{R"sql(
      SELECT id, transaction_id, verification_id, content_sealed, arrives_at
      FROM test_messages
      WHERE account_id = :account_id AND arrives_at <= :now
        AND (:transaction_id = {{no_id}} OR transaction_id = :transaction_id)
      ORDER BY id DESC
      LIMIT :limit
  )sql"};
  std::vector<TestMessageRow> rows;
  tx.all(kList,
         {{"account_id", account},
          {"now", now},
          {"transaction_id", transaction.value_or(TransactionId{})},
          {"limit", limit}},
         [&](const Row& row) {
           rows.push_back({.account = account,
                           .id = row.id<MessageId>(kList["id"]),
                           .transaction = row.optional_id<TransactionId>(kList["transaction_id"]),
                           .verification = row.optional_id<VerificationId>(kList["verification_id"]),
                           .content_sealed = row.bytes(kList["content_sealed"]),
                           .arrives_at = row.time(kList["arrives_at"])});
         });
  return rows;
}

void prune_test_messages(Tx& tx, const AccountId& account, int keep) {
  static constexpr Sql kPrune{R"sql(
      DELETE FROM test_messages
      WHERE account_id = :account_id
        AND id < (
            SELECT id
            FROM test_messages
            WHERE account_id = :account_id
            ORDER BY id DESC
            LIMIT 1 OFFSET :keep)
  )sql"};
  tx.put(kPrune, {account, keep - 1});
}

std::int64_t purge_test_people(Tx& tx, const AccountId& account, WallTime before, int limit) {
  static constexpr Sql kOld{R"sql(
      SELECT id
      FROM subjects s
      WHERE s.account_id = :account_id AND s.id < :end
        AND NOT EXISTS (
            SELECT 1
            FROM transactions t
            WHERE t.account_id = :account_id AND t.subject_id = s.id)
      ORDER BY id
      LIMIT :limit
  )sql"};
  static constexpr Sql kMessages{R"sql(
      DELETE FROM test_messages
      WHERE account_id = :account_id AND id < :end
  )sql"};
  static constexpr Sql kContacts{R"sql(
      DELETE FROM contacts
      WHERE account_id = :account_id AND subject_id = :subject_id
  )sql"};
  static constexpr Sql kFactors{R"sql(
      DELETE FROM factors
      WHERE account_id = :account_id AND subject_id = :subject_id
  )sql"};
  static constexpr Sql kStandings{R"sql(
      DELETE FROM standings
      WHERE account_id = :account_id AND subject_id = :subject_id
  )sql"};
  static constexpr Sql kErasures{R"sql(
      DELETE FROM erasures
      WHERE account_id = :account_id AND subject_id = :subject_id
  )sql"};
  static constexpr Sql kSubject{R"sql(
      DELETE FROM subjects
      WHERE account_id = :account_id AND id = :id
  )sql"};
  static constexpr Sql kAddresses{R"sql(
      SELECT id
      FROM addresses a
      WHERE a.account_id = :account_id AND a.id < :end
        AND NOT EXISTS (
            SELECT 1
            FROM contacts c
            WHERE c.account_id = :account_id AND c.address_id = a.id)
      ORDER BY id
      LIMIT :limit
  )sql"};
  const Id end = Id::floor_of(before);
  tx.put(kMessages, {account, end});
  std::vector<SubjectId> subjects;
  tx.all(kOld, {{"account_id", account}, {"end", end}, {"limit", limit}},
         [&](const Row& row) { subjects.push_back(row.id<SubjectId>(kOld["id"])); });
  for (const auto& subject : subjects) {
    drop_notices(tx, account, subject);
    for (const Sql* sql : {&kContacts, &kFactors, &kStandings, &kErasures, &kSubject}) tx.put(*sql, {account, subject});
    delete_profile(tx, account, subject);
  }
  std::vector<AddressId> addresses;
  tx.all(kAddresses, {{"account_id", account}, {"end", end}, {"limit", limit}},
         [&](const Row& row) { addresses.push_back(row.id<AddressId>(kAddresses["id"])); });
  for (const auto& address : addresses) forget_address(tx, account, address);
  return static_cast<std::int64_t>(subjects.size() + addresses.size());
}

}  // namespace countersign::store
