#include "store/migrations/migrations.h"

namespace countersign::store {

// Verifications that ended here while pending at a provider, until they are ended there too. The number is in
// `upstream_claims`; this table names no person. Also an index of notices by account, so that one account's notices do
// not delay another's.
const std::string_view kOwedSchema = R"sql(
CREATE TABLE upstream_ends (
  account_id {{blob}} NOT NULL,
  verification_id {{blob}} NOT NULL,
  provider TEXT NOT NULL,
  provider_ref TEXT NOT NULL,
  attempts {{bigint}} NOT NULL,
  due_at {{bigint}} NOT NULL,
  expires_at {{bigint}} NOT NULL,
  PRIMARY KEY (account_id, verification_id, provider_ref)
) {{without_rowid}};
CREATE INDEX upstream_ends_due ON upstream_ends (due_at);

CREATE INDEX notices_by_account ON notices (account_id, due_at) WHERE status = 'queued';
DROP INDEX notices_due;
)sql";

}  // namespace countersign::store
