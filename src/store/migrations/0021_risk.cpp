#include "store/migrations/migrations.h"

namespace countersign::store {

// What the fraud rules count, in hours and days (repository/risk_counts.h); what they block; and what they decided,
// many decisions to a row (repository/risk_decisions.h). `version` grows with each change, for other nodes.
const std::string_view kRiskSchema = R"sql(
CREATE TABLE risk_counts (
  account_id {{blob}} NOT NULL,
  kind {{bigint}} NOT NULL,
  bucket {{bigint}} NOT NULL,
  count_key {{blob}} NOT NULL,
  sent {{bigint}} NOT NULL,
  newcomers {{bigint}} NOT NULL,
  established {{bigint}} NOT NULL,
  version {{bigint}} NOT NULL,
  PRIMARY KEY (account_id, kind, bucket, count_key)
) {{without_rowid}};
CREATE INDEX risk_counts_by_version ON risk_counts (version);

CREATE TABLE risk_blocks (
  account_id {{blob}} NOT NULL,
  kind {{bigint}} NOT NULL,
  block_key {{blob}} NOT NULL,
  id {{blob}} NOT NULL,
  rule TEXT NOT NULL,
  step {{bigint}} NOT NULL,
  started_at {{bigint}} NOT NULL,
  until {{bigint}} NOT NULL,
  lifted_at {{bigint}},
  version {{bigint}} NOT NULL,
  PRIMARY KEY (account_id, kind, block_key)
) {{without_rowid}};
CREATE INDEX risk_blocks_by_version ON risk_blocks (version);

CREATE TABLE risk_decisions (
  account_id {{blob}} NOT NULL,
  last_id {{blob}} NOT NULL,
  decisions {{blob}} NOT NULL,
  PRIMARY KEY (account_id, last_id)
) {{without_rowid}};
)sql";

}  // namespace countersign::store
