#include "store/migrations/migrations.h"

namespace countersign::store {

// The verification that owns an address at a provider that keeps one pending verification per address. `upstream` is
// the provider's scope (for Twilio Verify the service's SID), `address_index` a keyed digest. The account is not part
// of the key, because the provider does not know our accounts. A row outlives its verification until nothing of it can
// be pending.
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
