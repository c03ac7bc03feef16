#include "store/migrations/migrations.h"

namespace countersign::store {

// Who was counted on a day as an established person who typed a code (repository/risk_counts.h): once for all nodes.
const std::string_view kTypedSchema = R"sql(
CREATE TABLE risk_typed (
  account_id {{blob}} NOT NULL,
  subject_id {{blob}} NOT NULL,
  day {{bigint}} NOT NULL,
  version {{bigint}} NOT NULL,
  PRIMARY KEY (account_id, subject_id, day)
) {{without_rowid}};
CREATE INDEX risk_typed_by_version ON risk_typed (version);
CREATE INDEX risk_typed_by_day ON risk_typed (account_id, day);
)sql";

}  // namespace countersign::store
