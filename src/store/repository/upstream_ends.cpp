#include "store/repository/upstream_ends.h"

namespace countersign::store {

void insert_upstream_end(Tx& tx, const UpstreamEndRow& e) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO upstream_ends (
        account_id, verification_id, provider, provider_ref, attempts, due_at, expires_at)
      VALUES (:account_id, :verification_id, :provider, :provider_ref, 0, :due_at, :expires_at)
      ON CONFLICT (account_id, verification_id, provider_ref) DO NOTHING
  )sql"};
  tx.put(kInsert, {{"account_id", e.account},
                   {"verification_id", e.verification},
                   {"provider", e.provider},
                   {"provider_ref", e.provider_ref},
                   {"due_at", e.due_at},
                   {"expires_at", e.expires_at}});
}

Leased<UpstreamEndRow> lease_upstream_ends(Tx& tx, WallTime now, WallTime lease_until, int limit,
                                           const SetAsideKeys& aside) {
  static constexpr Sql kDue{R"sql(
      SELECT account_id, verification_id, provider, provider_ref, attempts, expires_at
      FROM upstream_ends
      WHERE due_at <= :now
      ORDER BY due_at
      LIMIT :limit
      {{skip_locked}}
  )sql"};
  static constexpr Sql kLease{R"sql(
      UPDATE upstream_ends
      SET due_at = :due_at, attempts = :attempts
      WHERE account_id = :account_id AND verification_id = :verification_id AND provider_ref = :provider_ref
  )sql"};
  Leased<UpstreamEndRow> leased;
  tx.all(kDue, {now, limit + static_cast<int>(aside.size())}, [&](const Row& row) {
    std::string key =
        row.bytes(kDue["account_id"]) + row.bytes(kDue["verification_id"]) + row.string(kDue["provider_ref"]);
    if (aside.contains(key) || static_cast<int>(leased.jobs.size()) >= limit) return;
    read_or_set_aside(leased, kUpstreamEndsTable, std::move(key), [&] {
      return UpstreamEndRow{.account = row.id<AccountId>(kDue["account_id"]),
                            .verification = row.id<VerificationId>(kDue["verification_id"]),
                            .provider = row.string(kDue["provider"]),
                            .provider_ref = row.string(kDue["provider_ref"]),
                            .attempts = row.integer(kDue["attempts"]) + 1,
                            .due_at = lease_until,
                            .expires_at = row.time(kDue["expires_at"])};
    });
  });
  for (const auto& e : leased.jobs)
    tx.put(kLease, {{"due_at", lease_until},
                    {"attempts", e.attempts},
                    {"account_id", e.account},
                    {"verification_id", e.verification},
                    {"provider_ref", e.provider_ref}});
  return leased;
}

void retry_upstream_end(Tx& tx, const UpstreamEndRow& e, WallTime due_at) {
  static constexpr Sql kRetry{R"sql(
      UPDATE upstream_ends
      SET due_at = :due_at
      WHERE account_id = :account_id AND verification_id = :verification_id AND provider_ref = :provider_ref
  )sql"};
  tx.put(kRetry, {{"due_at", due_at},
                  {"account_id", e.account},
                  {"verification_id", e.verification},
                  {"provider_ref", e.provider_ref}});
}

void forget_upstream_end(Tx& tx, const UpstreamEndRow& e) {
  static constexpr Sql kForget{R"sql(
      DELETE FROM upstream_ends
      WHERE account_id = :account_id AND verification_id = :verification_id AND provider_ref = :provider_ref
  )sql"};
  tx.put(kForget, {{"account_id", e.account}, {"verification_id", e.verification}, {"provider_ref", e.provider_ref}});
}

}  // namespace countersign::store
