#include "store/migrations/migrations.h"

namespace countersign::store {

// `credential_changes` has one row, whose number grows with every change of an API key or auth token: nodes read it
// several times a second, and reload the keys when it changes. No row: nothing has changed since this step.
// `last_used_at` of a key is written at most once an hour.
const std::string_view kCredentialsSchema = R"sql(
CREATE TABLE credential_changes (
  id {{bigint}} NOT NULL PRIMARY KEY,
  version {{bigint}} NOT NULL
) {{table}};
ALTER TABLE api_keys ADD COLUMN last_used_at {{bigint}};
)sql";

}  // namespace countersign::store
