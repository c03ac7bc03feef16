#include "store/repository/upstream_ends.h"

namespace countersign::store {

void insert_upstream_end(Tx& tx, const UpstreamEndRow& e) {
  static const Sql kInsert{
      "INSERT INTO upstream_ends (account_id, verification_id, provider, provider_ref, attempts, due_at, expires_at)"
      " VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6) ON CONFLICT (account_id, verification_id, provider_ref) DO NOTHING"};
  tx.put(kInsert, {e.account, e.verification, e.provider, e.provider_ref, e.due_at, e.expires_at});
}

Leased<UpstreamEndRow> lease_upstream_ends(Tx& tx, WallTime now, WallTime lease_until, int limit,
                                           const SetAsideKeys& aside) {
  static const Sql kDue{
      "SELECT account_id, verification_id, provider, provider_ref, attempts, expires_at FROM upstream_ends"
      " WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2 {{skip_locked}}"};
  static const Sql kLease{
      "UPDATE upstream_ends SET due_at = ?4, attempts = ?5"
      " WHERE account_id = ?1 AND verification_id = ?2 AND provider_ref = ?3"};
  Leased<UpstreamEndRow> leased;
  tx.all(kDue, {now, limit + static_cast<int>(aside.size())}, [&](const Row& row) {
    std::string key = row.bytes(0) + row.bytes(1) + row.string(3);
    if (aside.contains(key) || static_cast<int>(leased.jobs.size()) >= limit) return;
    const auto why = why_unreadable([&] {
      leased.jobs.push_back({row.id<AccountId>(0), row.id<VerificationId>(1), row.string(2), row.string(3),
                             row.integer(4) + 1, lease_until, row.time(5)});
    });
    if (why) leased.set_aside.push_back({std::string(kUpstreamEndsTable), std::move(key), *why});
  });
  for (const auto& e : leased.jobs)
    tx.put(kLease, {e.account, e.verification, e.provider_ref, lease_until, e.attempts});
  return leased;
}

void retry_upstream_end(Tx& tx, const UpstreamEndRow& e, WallTime due_at) {
  static const Sql kRetry{
      "UPDATE upstream_ends SET due_at = ?4 WHERE account_id = ?1 AND verification_id = ?2 AND provider_ref = ?3"};
  tx.put(kRetry, {e.account, e.verification, e.provider_ref, due_at});
}

void forget_upstream_end(Tx& tx, const UpstreamEndRow& e) {
  static const Sql kForget{
      "DELETE FROM upstream_ends WHERE account_id = ?1 AND verification_id = ?2 AND provider_ref = ?3"};
  tx.put(kForget, {e.account, e.verification, e.provider_ref});
}

}  // namespace countersign::store
