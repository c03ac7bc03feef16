#include "store/repository/upstream_claims.h"

namespace countersign::store {

namespace {

#define CS_UPSTREAM_CLAIM_COLUMNS                                                                                   \
  "SELECT account_id, subject_id, transaction_id, verification_id, proved, provider_ref, calling_until, expires_at" \
  " FROM upstream_claims "

domain::UpstreamClaim read_upstream_claim(const Row& row) {
  domain::UpstreamClaim claim;
  claim.account = row.id<AccountId>(0);
  claim.subject = row.id<SubjectId>(1);
  claim.transaction = row.id<TransactionId>(2);
  claim.verification = row.id<VerificationId>(3);
  claim.proved = row.boolean(4);
  claim.provider_ref = row.optional_string(5);
  claim.calling_until = row.optional_time(6);
  claim.expires_at = row.time(7);
  return claim;
}

}  // namespace

std::optional<domain::UpstreamClaim> find_upstream_claim(Tx& tx, std::string_view upstream,
                                                         std::string_view address_index) {
  static const Sql kFind{CS_UPSTREAM_CLAIM_COLUMNS "WHERE upstream = ?1 AND address_index = ?2 {{for_update}}"};
  std::optional<domain::UpstreamClaim> found;
  tx.one(kFind, {upstream, Blob{address_index}}, [&](const Row& row) { found = read_upstream_claim(row); });
  return found;
}

void save_upstream_claim(Tx& tx, std::string_view upstream, std::string_view address_index,
                         const domain::UpstreamClaim& claim) {
  static const Sql kSave{
      "INSERT INTO upstream_claims (upstream, address_index, account_id, subject_id, transaction_id, verification_id,"
      " proved, provider_ref, calling_until, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
      " ON CONFLICT (upstream, address_index) DO UPDATE SET account_id = ?3, subject_id = ?4, transaction_id = ?5,"
      " verification_id = ?6, proved = ?7, provider_ref = ?8, calling_until = ?9, expires_at = ?10"};
  tx.put(kSave, {upstream, Blob{address_index}, claim.account, claim.subject, claim.transaction, claim.verification,
                 claim.proved, claim.provider_ref, claim.calling_until, claim.expires_at});
}

std::optional<domain::UpstreamClaim> upstream_claim_of(Tx& tx, std::string_view upstream, const AccountId& account,
                                                       const VerificationId& verification) {
  static const Sql kFind{CS_UPSTREAM_CLAIM_COLUMNS "WHERE account_id = ?1 AND verification_id = ?2 AND upstream = ?3"};
  std::optional<domain::UpstreamClaim> found;
  tx.one(kFind, {account, verification, upstream}, [&](const Row& row) { found = read_upstream_claim(row); });
  return found;
}

bool begin_upstream_call(Tx& tx, std::string_view upstream, const AccountId& account,
                         const VerificationId& verification, WallTime calling_until) {
  static const Sql kBegin{
      "UPDATE upstream_claims SET calling_until = ?4 WHERE account_id = ?1 AND verification_id = ?2 AND upstream = ?3"};
  return tx.exec(kBegin, {account, verification, upstream, calling_until}) == 1;
}

bool end_upstream_call(Tx& tx, std::string_view upstream, const AccountId& account, const VerificationId& verification,
                       WallTime calling_until, const std::optional<std::string>& provider_ref) {
  static const Sql kEnd{
      "UPDATE upstream_claims SET calling_until = NULL, provider_ref = COALESCE(?5, provider_ref)"
      " WHERE account_id = ?1 AND verification_id = ?2 AND upstream = ?3 AND calling_until = ?4"};
  return tx.exec(kEnd, {account, verification, upstream, calling_until, provider_ref}) == 1;
}

}  // namespace countersign::store
