#include "store/migrations/migrations.h"

namespace countersign::store {

// Whose an address is at a provider that keeps one pending verification for each. `upstream` is what the provider keeps
// them in (of Twilio Verify the service's SID), `address_index` a keyed digest. The account is no part of the key: what
// is pending there does not know our accounts. A row stays after its verification, until nothing of it can be pending.
const std::string_view kUpstreamClaims = R"sql(
CREATE TABLE upstream_claims (
  upstream TEXT NOT NULL,
  address_index {{blob}} NOT NULL,
  account_id {{blob}} NOT NULL,
  subject_id {{blob}} NOT NULL,
  transaction_id {{blob}} NOT NULL,
  verification_id {{blob}} NOT NULL,
  proved {{bigint}} NOT NULL,
  provider_ref TEXT,
  calling_until {{bigint}},
  expires_at {{bigint}} NOT NULL,
  PRIMARY KEY (upstream, address_index)
) {{without_rowid}};
CREATE INDEX upstream_claims_by_verification ON upstream_claims (account_id, verification_id);
CREATE INDEX upstream_claims_by_age ON upstream_claims (account_id, expires_at);
)sql";

}  // namespace countersign::store
