#include "store/repository/retention.h"

#include "store/repository/erasures.h"
#include "store/repository/notices.h"

namespace countersign::store {

std::int64_t purge(Tx& tx, const AccountId& account, const Retention& retention, WallTime now, int limit) {
  // A transaction that is still claimed and unacknowledged is not over, however old. What hangs on a transaction is
  // younger than it, so its own rows go first and nothing is left without an owner.
  static const Sql kMessages{
      "DELETE FROM messages WHERE account_id = ?1 AND id IN (SELECT id FROM messages WHERE account_id = ?1 AND id < ?2"
      " AND status <> 'queued' ORDER BY id LIMIT ?3)"};
  static const Sql kNotices{
      "DELETE FROM notices WHERE account_id = ?1 AND id IN (SELECT id FROM notices WHERE account_id = ?1 AND id < ?2"
      " AND status <> 'queued' ORDER BY id LIMIT ?3)"};
  static const Sql kObjections{"DELETE FROM objections WHERE account_id = ?1 AND id < ?2"};
  static const Sql kAttempts{
      "DELETE FROM delivery_attempts WHERE account_id = ?1 AND delivery_id IN (SELECT id FROM deliveries WHERE "
      "account_id = ?1"
      " AND id < ?2 AND status <> 'pending' ORDER BY id LIMIT ?3)"};
  static const Sql kDeliveries{
      "DELETE FROM deliveries WHERE account_id = ?1 AND id IN (SELECT id FROM deliveries WHERE account_id = ?1 AND id "
      "< ?2"
      " AND status <> 'pending' ORDER BY id LIMIT ?3)"};
  static const Sql kVerifications{
      "DELETE FROM verifications WHERE account_id = ?1 AND transaction_id IN (SELECT id FROM transactions"
      " WHERE account_id = ?1 AND id < ?2 AND ended_at < ?4 ORDER BY id LIMIT ?3)"};
  static const Sql kTransactions{
      "DELETE FROM transactions WHERE account_id = ?1 AND id IN (SELECT id FROM transactions WHERE account_id = ?1 AND "
      "id < ?2"
      " AND ended_at < ?4 ORDER BY id LIMIT ?3)"};
  static const Sql kEvents{
      "DELETE FROM events WHERE account_id = ?1 AND id IN (SELECT id FROM events WHERE account_id = ?1 AND id < ?2"
      " ORDER BY id LIMIT ?3)"};
  static const Sql kIdempotency{
      "DELETE FROM idempotency WHERE account_id = ?1 AND key_digest IN (SELECT key_digest FROM idempotency"
      " {{index(}}idempotency_by_age{{)}} WHERE account_id = ?1 AND created_at < ?2 ORDER BY created_at LIMIT ?3)"};

  // What a provider keeps pending it forgets after a day at the latest.
  static const Sql kUpstream{"DELETE FROM upstream_claims WHERE account_id = ?1 AND expires_at < ?2"};
  static const Sql kResources{"DELETE FROM resources WHERE account_id = ?1 AND due_at < ?2"};

  const WallTime over = now - retention.transactions;
  const Id before = Id::floor_of(over);
  std::int64_t deleted = tx.exec(kMessages, {account, Id::floor_of(now - retention.messages), limit});
  deleted += tx.exec(kNotices, {account, Id::floor_of(now - retention.messages), limit});
  tx.put(kObjections, {account, Id::floor_of(now - retention.idempotency)});
  deleted += purge_tombstones(tx, account, over, limit);
  deleted += purge_addresses(tx, account, now - retention.addresses, limit);
  tx.put(kAttempts, {account, before, limit});
  deleted += tx.exec(kDeliveries, {account, before, limit});
  tx.put(kVerifications, {account, before, limit, over});
  deleted += tx.exec(kTransactions, {account, before, limit, over});
  tx.put(kResources, {account, now});
  tx.put(kUpstream, {account, now - std::chrono::hours(24)});
  deleted += tx.exec(kEvents, {account, Id::floor_of(now - retention.events), limit});
  deleted += tx.exec(kIdempotency, {account, now - retention.idempotency, limit});
  return deleted;
}

std::string purge_counters(Tx& tx, const AccountId& account, const Retention& retention, std::string_view after,
                           WallTime now, int limit) {
  static const Sql kLast{
      "SELECT counter_key FROM counters WHERE account_id = ?1 AND counter_key > ?2 ORDER BY counter_key LIMIT 1 OFFSET "
      "?3"};
  static const Sql kUpTo{
      "DELETE FROM counters WHERE account_id = ?1 AND counter_key > ?2 AND counter_key <= ?3 AND window_start < ?4"};
  static const Sql kRest{"DELETE FROM counters WHERE account_id = ?1 AND counter_key > ?2 AND window_start < ?3"};
  const WallTime over = now - retention.counters;
  std::string last;
  if (tx.one(kLast, {account, Blob{after}, limit - 1}, [&](const Row& row) { last = row.bytes(0); }))
    tx.put(kUpTo, {account, Blob{after}, Blob{last}, over});
  else
    tx.put(kRest, {account, Blob{after}, over});
  return last;
}

}  // namespace countersign::store
