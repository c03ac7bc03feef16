#include "store/migrations/migrations.h"

namespace countersign::store {

// What counts as known (domain/standing). One row for all that a subject was ever known by at one service, in words
// (repository/history_codec.h); `due_at` is when time alone changes something in it. `service_id` of contacts and
// factors is the service that made them; those from before this step have none, and become bindings when a service
// first asks for them (usecase/known_before.h). `end_reason` of a transaction: why it was canceled where nobody asked
// for it. `scopes` of an API key: what it may beyond the ordinary, comma-separated.
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
