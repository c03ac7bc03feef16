#include "store/repository/upstream_claims.h"

namespace countersign::store {

namespace {

constexpr Columns kUpstreamClaim{R"sql(
    account_id, subject_id, transaction_id, verification_id, proved, provider_ref, calling_until,
    expires_at
)sql"};

domain::UpstreamClaim read_upstream_claim(const Row& row) {
  domain::UpstreamClaim claim;
  claim.account = row.id<AccountId>(kUpstreamClaim["account_id"]);
  claim.subject = row.id<SubjectId>(kUpstreamClaim["subject_id"]);
  claim.transaction = row.id<TransactionId>(kUpstreamClaim["transaction_id"]);
  claim.verification = row.id<VerificationId>(kUpstreamClaim["verification_id"]);
  claim.proved = row.boolean(kUpstreamClaim["proved"]);
  claim.provider_ref = row.optional_string(kUpstreamClaim["provider_ref"]);
  claim.calling_until = row.optional_time(kUpstreamClaim["calling_until"]);
  claim.expires_at = row.time(kUpstreamClaim["expires_at"]);
  return claim;
}

}  // namespace

std::optional<domain::UpstreamClaim> find_upstream_claim(Tx& tx, std::string_view upstream,
                                                         std::string_view address_index) {
  static constexpr Sql kFind{kUpstreamClaim, R"sql(
      SELECT {{columns}}
      FROM upstream_claims
      WHERE upstream = :upstream AND address_index = :address_index
      {{for_update}}
  )sql"};
  std::optional<domain::UpstreamClaim> found;
  tx.one(kFind, {upstream, Blob{address_index}}, [&](const Row& row) { found = read_upstream_claim(row); });
  return found;
}

void save_upstream_claim(Tx& tx, std::string_view upstream, std::string_view address_index,
                         const domain::UpstreamClaim& claim) {
  static constexpr Sql kSave{R"sql(
      INSERT INTO upstream_claims (
        upstream, address_index, account_id, subject_id, transaction_id, verification_id, proved, provider_ref,
        calling_until, expires_at)
      VALUES (
        :upstream, :address_index, :account_id, :subject_id, :transaction_id, :verification_id, :proved,
        :provider_ref, :calling_until, :expires_at)
      ON CONFLICT (upstream, address_index) DO UPDATE
      SET account_id = :account_id,
          subject_id = :subject_id,
          transaction_id = :transaction_id,
          verification_id = :verification_id,
          proved = :proved,
          provider_ref = :provider_ref,
          calling_until = :calling_until,
          expires_at = :expires_at
  )sql"};
  tx.put(kSave, {{"upstream", upstream},
                 {"address_index", Blob{address_index}},
                 {"account_id", claim.account},
                 {"subject_id", claim.subject},
                 {"transaction_id", claim.transaction},
                 {"verification_id", claim.verification},
                 {"proved", claim.proved},
                 {"provider_ref", claim.provider_ref},
                 {"calling_until", claim.calling_until},
                 {"expires_at", claim.expires_at}});
}

std::optional<domain::UpstreamClaim> upstream_claim_of(Tx& tx, std::string_view upstream, const AccountId& account,
                                                       const VerificationId& verification) {
  static constexpr Sql kFind{kUpstreamClaim, R"sql(
      SELECT {{columns}}
      FROM upstream_claims
      WHERE account_id = :account_id AND verification_id = :verification_id AND upstream = :upstream
  )sql"};
  std::optional<domain::UpstreamClaim> found;
  tx.one(kFind, {{"account_id", account}, {"verification_id", verification}, {"upstream", upstream}},
         [&](const Row& row) { found = read_upstream_claim(row); });
  return found;
}

bool begin_upstream_call(Tx& tx, std::string_view upstream, const AccountId& account,
                         const VerificationId& verification, WallTime calling_until) {
  static constexpr Sql kBegin{R"sql(
      UPDATE upstream_claims
      SET calling_until = :calling_until
      WHERE account_id = :account_id AND verification_id = :verification_id AND upstream = :upstream
  )sql"};
  return tx.exec(kBegin, {{"calling_until", calling_until},
                          {"account_id", account},
                          {"verification_id", verification},
                          {"upstream", upstream}}) == 1;
}

bool end_upstream_call(Tx& tx, std::string_view upstream, const AccountId& account, const VerificationId& verification,
                       WallTime calling_until, const std::optional<std::string>& provider_ref) {
  static constexpr Sql kEnd{R"sql(
      UPDATE upstream_claims
      SET calling_until = NULL, provider_ref = COALESCE(:provider_ref, provider_ref)
      WHERE account_id = :account_id AND verification_id = :verification_id AND upstream = :upstream
        AND calling_until = :calling_until
  )sql"};
  return tx.exec(kEnd, {{"provider_ref", provider_ref},
                        {"account_id", account},
                        {"verification_id", verification},
                        {"upstream", upstream},
                        {"calling_until", calling_until}}) == 1;
}

}  // namespace countersign::store
