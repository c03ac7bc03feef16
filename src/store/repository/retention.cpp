#include "store/repository/retention.h"

#include "store/repository/conversion.h"
#include "store/repository/erasures.h"
#include "store/repository/notices.h"
#include "store/repository/risk_counts.h"
#include "store/repository/risk_people.h"

namespace countersign::store {

std::int64_t purge(Tx& tx, const AccountId& account, const Retention& retention, WallTime now, int limit) {
  // A transaction that is still claimed and unacknowledged is not over, however old. What hangs on a transaction is
  // younger than it, so its own rows go first and nothing is left without an owner.
  static constexpr Sql kMessages{R"sql(
      DELETE FROM messages
      WHERE account_id = :account_id
        AND id IN (
            SELECT id
            FROM messages
            WHERE account_id = :account_id AND id < :before AND status <> 'queued'
            ORDER BY id
            LIMIT :limit)
  )sql"};
  static constexpr Sql kNotices{R"sql(
      DELETE FROM notices
      WHERE account_id = :account_id
        AND id IN (
            SELECT id
            FROM notices
            WHERE account_id = :account_id AND id < :before AND status <> 'queued'
            ORDER BY id
            LIMIT :limit)
  )sql"};
  static constexpr Sql kObjections{R"sql(
      DELETE FROM objections
      WHERE account_id = :account_id AND id < :before
  )sql"};
  static constexpr Sql kAttempts{R"sql(
      DELETE FROM delivery_attempts
      WHERE account_id = :account_id
        AND delivery_id IN (
            SELECT id
            FROM deliveries
            WHERE account_id = :account_id AND id < :before AND status <> 'pending'
            ORDER BY id
            LIMIT :limit)
  )sql"};
  static constexpr Sql kDeliveries{R"sql(
      DELETE FROM deliveries
      WHERE account_id = :account_id
        AND id IN (
            SELECT id
            FROM deliveries
            WHERE account_id = :account_id AND id < :before AND status <> 'pending'
            ORDER BY id
            LIMIT :limit)
  )sql"};
  static constexpr Sql kVerifications{R"sql(
      DELETE FROM verifications
      WHERE account_id = :account_id
        AND transaction_id IN (
            SELECT id
            FROM transactions
            WHERE account_id = :account_id AND id < :before AND ended_at < :over
            ORDER BY id
            LIMIT :limit)
  )sql"};
  static constexpr Sql kTransactions{R"sql(
      DELETE FROM transactions
      WHERE account_id = :account_id
        AND id IN (
            SELECT id
            FROM transactions
            WHERE account_id = :account_id AND id < :before AND ended_at < :over
            ORDER BY id
            LIMIT :limit)
  )sql"};
  static constexpr Sql kEvents{R"sql(
      DELETE FROM events
      WHERE account_id = :account_id
        AND id IN (
            SELECT id
            FROM events
            WHERE account_id = :account_id AND id < :before
            ORDER BY id
            LIMIT :limit)
  )sql"};
  static constexpr Sql kBundles{R"sql(
      DELETE FROM event_bundles
      WHERE account_id = :account_id
        AND first_id IN (
            SELECT first_id
            FROM event_bundles
            WHERE account_id = :account_id AND first_id < :before
            ORDER BY first_id
            LIMIT :limit)
  )sql"};
  static constexpr Sql kIdempotency{R"sql(
      DELETE FROM idempotency
      WHERE account_id = :account_id
        AND key_digest IN (
            SELECT key_digest
            FROM idempotency {{index(}}idempotency_by_age{{)}}
            WHERE account_id = :account_id AND created_at < :before
            ORDER BY created_at
            LIMIT :limit)
  )sql"};

  // What a provider keeps pending it forgets after a day at the latest.
  static constexpr Sql kUpstream{R"sql(
      DELETE FROM upstream_claims
      WHERE account_id = :account_id AND expires_at < :before
  )sql"};
  static constexpr Sql kResources{R"sql(
      DELETE FROM resources
      WHERE account_id = :account_id AND due_at < :now
  )sql"};

  static constexpr Sql kConversion{R"sql(
      DELETE FROM conversion
      WHERE account_id = :account_id AND day < :before
  )sql"};

  static constexpr Sql kDecisions{R"sql(
      DELETE FROM risk_decisions
      WHERE account_id = :account_id
        AND last_id IN (
            SELECT last_id
            FROM risk_decisions
            WHERE account_id = :account_id AND last_id < :before
            ORDER BY last_id
            LIMIT :limit)
  )sql"};

  const WallTime over = now - retention.transactions;
  const Id before = Id::floor_of(over);
  std::int64_t deleted = tx.exec(
      kMessages, {{"account_id", account}, {"before", Id::floor_of(now - retention.messages)}, {"limit", limit}});
  deleted += tx.exec(kNotices,
                     {{"account_id", account}, {"before", Id::floor_of(now - retention.messages)}, {"limit", limit}});
  tx.put(kObjections, {account, Id::floor_of(now - retention.idempotency)});
  deleted += purge_tombstones(tx, account, over, limit);
  deleted += purge_addresses(tx, account, now - retention.addresses, now, limit);
  tx.put(kAttempts, {{"account_id", account}, {"before", before}, {"limit", limit}});
  deleted += tx.exec(kDeliveries, {{"account_id", account}, {"before", before}, {"limit", limit}});
  tx.put(kVerifications, {{"account_id", account}, {"before", before}, {"over", over}, {"limit", limit}});
  deleted += tx.exec(kTransactions, {{"account_id", account}, {"before", before}, {"over", over}, {"limit", limit}});
  tx.put(kResources, {account, now});
  tx.put(kConversion, {account, day_of(now - retention.conversion)});
  tx.put(kUpstream, {account, now - std::chrono::hours(24)});
  deleted += purge_risk(tx, account, now, limit);
  deleted += tx.exec(kDecisions,
                     {{"account_id", account}, {"before", Id::floor_of(now - retention.decisions)}, {"limit", limit}});
  deleted += purge_risk_people(tx, account, day_of(now), limit);
  deleted +=
      tx.exec(kEvents, {{"account_id", account}, {"before", Id::floor_of(now - retention.events)}, {"limit", limit}});
  deleted +=
      tx.exec(kBundles, {{"account_id", account}, {"before", Id::floor_of(now - retention.events)}, {"limit", limit}});
  deleted +=
      tx.exec(kIdempotency, {{"account_id", account}, {"before", now - retention.idempotency}, {"limit", limit}});
  return deleted;
}

std::string purge_counters(Tx& tx, const AccountId& account, const Retention& retention, std::string_view after,
                           WallTime now, int limit) {
  static constexpr Sql kLast{R"sql(
      SELECT counter_key
      FROM counters
      WHERE account_id = :account_id AND counter_key > :after
      ORDER BY counter_key
      LIMIT 1 OFFSET :others
  )sql"};
  static constexpr Sql kUpTo{R"sql(
      DELETE FROM counters
      WHERE account_id = :account_id AND counter_key > :after AND counter_key <= :last AND window_start < :over
  )sql"};
  static constexpr Sql kRest{R"sql(
      DELETE FROM counters
      WHERE account_id = :account_id AND counter_key > :after AND window_start < :over
  )sql"};
  const WallTime over = now - retention.counters;
  std::string last;
  if (tx.one(kLast, {{"account_id", account}, {"after", Blob{after}}, {"others", limit - 1}},
             [&](const Row& row) { last = row.bytes(kLast["counter_key"]); }))
    tx.put(kUpTo, {{"account_id", account}, {"after", Blob{after}}, {"last", Blob{last}}, {"over", over}});
  else
    tx.put(kRest, {{"account_id", account}, {"after", Blob{after}}, {"over", over}});
  return last;
}

}  // namespace countersign::store
