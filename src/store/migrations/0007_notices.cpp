#include "store/migrations/migrations.h"

namespace countersign::store {

// Notices about changes in a subject's sources. They are separate from `messages`, so that sending a code never reads
// them. `contact_id`: the address (addresses.id) of the receiver; `about`: the bindings for which an accepted notice is
// recorded, comma-separated. `unused_since` of an address: since when no contact has it. `erasures`: requested (due at
// `acts_at`), stopped (`stopped_at`), or done (`erased_at`; the row is then the tombstone of the identity).
// `objections`: the codes with which a notified contact stops a change.
const std::string_view kNoticesSchema = R"sql(
CREATE TABLE notices (
  account_id {{blob}} NOT NULL,
  id {{blob}} NOT NULL,
  subject_id {{blob}} NOT NULL,
  service_id {{blob}} NOT NULL,
  contact_id {{blob}} NOT NULL,
  about TEXT NOT NULL,
  channel TEXT NOT NULL,
  provider TEXT NOT NULL,
  status TEXT NOT NULL,
  content_sealed {{blob}},
  attempts {{bigint}} NOT NULL,
  due_at {{bigint}} NOT NULL,
  lease_owner TEXT NOT NULL,
  expires_at {{bigint}} NOT NULL,
  error_code TEXT,
  finished_at {{bigint}},
  PRIMARY KEY (account_id, id)
) {{without_rowid}};
CREATE INDEX notices_due ON notices (due_at) WHERE status = 'queued';

ALTER TABLE addresses ADD COLUMN unused_since {{bigint}};
CREATE INDEX addresses_unused ON addresses (account_id, unused_since) WHERE unused_since IS NOT NULL;

ALTER TABLE subjects ADD COLUMN erased_at {{bigint}};

CREATE TABLE objections (
  account_id {{blob}} NOT NULL,
  id {{blob}} NOT NULL,
  subject_id {{blob}} NOT NULL,
  service_id {{blob}} NOT NULL,
  binding_id {{blob}},
  contact_id {{blob}} NOT NULL,
  code_digest {{blob}},
  attempts {{bigint}} NOT NULL,
  expires_at {{bigint}} NOT NULL,
  PRIMARY KEY (account_id, id)
) {{without_rowid}};

CREATE TABLE erasures (
  account_id {{blob}} NOT NULL,
  subject_id {{blob}} NOT NULL,
  asked_at {{bigint}} NOT NULL,
  acts_at {{bigint}},
  told TEXT NOT NULL,
  stopped_at {{bigint}},
  erased_at {{bigint}},
  PRIMARY KEY (account_id, subject_id)
) {{without_rowid}};
CREATE INDEX erasures_due ON erasures (acts_at) WHERE acts_at IS NOT NULL;
)sql";

}  // namespace countersign::store
