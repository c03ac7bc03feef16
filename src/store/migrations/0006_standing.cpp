#include "store/migrations/migrations.h"

namespace countersign::store {

// Standing (domain/standing): one row for all sources that a subject ever had at one service, as text
// (repository/history_codec.h); `due_at` is when time alone changes it. `service_id` of contacts and factors is the
// service that created them; older rows have none, and become bindings when a service first needs them
// (usecase/subject/known_before.h). `end_reason` of a transaction: why it was canceled without a request. `scopes` of
// an API key: its extra permissions, comma-separated.
const std::string_view kStandingSchema = R"sql(
CREATE TABLE standings (
  account_id {{blob}} NOT NULL,
  subject_id {{blob}} NOT NULL,
  service_id {{blob}} NOT NULL,
  content TEXT NOT NULL,
  due_at {{bigint}},
  PRIMARY KEY (account_id, subject_id, service_id)
) {{without_rowid}};
CREATE INDEX standings_due ON standings (due_at) WHERE due_at IS NOT NULL;

ALTER TABLE contacts ADD COLUMN service_id {{blob}};
CREATE INDEX contacts_by_address ON contacts (account_id, address_id);
ALTER TABLE factors ADD COLUMN service_id {{blob}};
ALTER TABLE transactions ADD COLUMN end_reason TEXT;
ALTER TABLE api_keys ADD COLUMN scopes TEXT;
)sql";

}  // namespace countersign::store
