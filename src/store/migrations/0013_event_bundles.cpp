#include "store/migrations/migrations.h"

namespace countersign::store {

// The audit events of one account in one commit (repository/event_bundle.h). `first_id` is that of the first event; the
// next `events - 1` ids belong to the others. Events of earlier versions stay in their table until they are purged.
const std::string_view kEventBundlesSchema = R"sql(
CREATE TABLE event_bundles (
  account_id {{blob}} NOT NULL,
  first_id {{blob}} NOT NULL,
  events {{bigint}} NOT NULL,
  content {{blob}} NOT NULL,
  PRIMARY KEY (account_id, first_id)
) {{without_rowid}};
)sql";

}  // namespace countersign::store
