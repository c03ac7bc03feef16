#include "store/migrations/migrations.h"

namespace countersign::store {

// Every table's key begins with the account: an object is always fetched by account and id together, and distributed
// databases shard by the account. Ids are time-ordered, so that recent rows share a few pages. Columns named *_sealed
// hold AES-256-GCM ciphertext, *_index and *_digest keyed digests; nothing else holds personal data. Times are
// microseconds since the epoch, UTC.
const std::string_view kInitialSchema = R"sql(
CREATE TABLE key_checks (
  key_name TEXT NOT NULL PRIMARY KEY,
  check_value TEXT NOT NULL
) {{table}};

CREATE TABLE accounts (
  id {{blob}} NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_at {{bigint}} NOT NULL
) {{table}};

CREATE TABLE services (
  account_id {{blob}} NOT NULL,
  id {{blob}} NOT NULL,
  name TEXT NOT NULL,
  created_at {{bigint}} NOT NULL,
  PRIMARY KEY (account_id, id),
  UNIQUE (account_id, name)
) {{table}};

CREATE TABLE api_keys (
  id {{blob}} NOT NULL PRIMARY KEY,
  account_id {{blob}} NOT NULL,
  secret_digest {{blob}} NOT NULL,
  name TEXT NOT NULL,
  created_at {{bigint}} NOT NULL,
  expires_at {{bigint}},
  revoked_at {{bigint}}
) {{table}};

CREATE TABLE subjects (
  account_id {{blob}} NOT NULL,
  id {{blob}} NOT NULL,
  identity_index {{blob}} NOT NULL,
  identity_sealed {{blob}} NOT NULL,
  created_at {{bigint}} NOT NULL,
  sends_start {{bigint}} NOT NULL,
  sends_count {{bigint}} NOT NULL,
  PRIMARY KEY (account_id, id)
) {{without_rowid}};
CREATE UNIQUE INDEX subjects_by_identity ON subjects (account_id, identity_index);

CREATE TABLE addresses (
  account_id {{blob}} NOT NULL,
  id {{blob}} NOT NULL,
  kind TEXT NOT NULL,
  address_index {{blob}} NOT NULL,
  address_sealed {{blob}} NOT NULL,
  created_at {{bigint}} NOT NULL,
  sends_start {{bigint}} NOT NULL,
  sends_count {{bigint}} NOT NULL,
  PRIMARY KEY (account_id, id)
) {{without_rowid}};
CREATE UNIQUE INDEX addresses_by_index ON addresses (account_id, kind, address_index);

CREATE TABLE contacts (
  account_id {{blob}} NOT NULL,
  id {{blob}} NOT NULL,
  subject_id {{blob}} NOT NULL,
  address_id {{blob}} NOT NULL,
  channel TEXT NOT NULL,
  address_sealed {{blob}} NOT NULL,
  known_since {{bigint}} NOT NULL,
  replaced_another {{bigint}} NOT NULL,
  proved_at {{bigint}},
  sends_start {{bigint}} NOT NULL,
  sends_count {{bigint}} NOT NULL,
  failures {{bigint}} NOT NULL,
  locked_until {{bigint}},
  disabled {{bigint}} NOT NULL,
  subject_sends_start {{bigint}} NOT NULL,
  subject_sends_count {{bigint}} NOT NULL,
  PRIMARY KEY (account_id, id)
) {{without_rowid}};
CREATE INDEX contacts_by_subject ON contacts (account_id, subject_id, channel);

CREATE TABLE factors (
  account_id {{blob}} NOT NULL,
  id {{blob}} NOT NULL,
  subject_id {{blob}} NOT NULL,
  type TEXT NOT NULL,
  status TEXT NOT NULL,
  name TEXT NOT NULL,
  secret_sealed {{blob}},
  algorithm TEXT NOT NULL,
  digits {{bigint}} NOT NULL,
  period_seconds {{bigint}} NOT NULL,
  last_step {{bigint}},
  drift_steps {{bigint}} NOT NULL,
  failures {{bigint}} NOT NULL,
  locked_until {{bigint}},
  disabled {{bigint}} NOT NULL,
  created_at {{bigint}} NOT NULL,
  confirm_by {{bigint}} NOT NULL,
  confirmed_at {{bigint}},
  removed_at {{bigint}},
  added_to_another {{bigint}} NOT NULL,
  PRIMARY KEY (account_id, id)
) {{without_rowid}};
CREATE INDEX factors_by_subject ON factors (account_id, subject_id, id);

CREATE TABLE transactions (
  account_id {{blob}} NOT NULL,
  id {{blob}} NOT NULL,
  service_id {{blob}} NOT NULL,
  subject_id {{blob}} NOT NULL,
  type TEXT NOT NULL,
  status TEXT NOT NULL,
  policy TEXT NOT NULL,
  proofs TEXT NOT NULL,
  locale TEXT NOT NULL,
  display_sealed {{blob}} NOT NULL,
  display_hash {{blob}} NOT NULL,
  payload_hash {{blob}} NOT NULL,
  binding_hash {{blob}} NOT NULL,
  token_digest {{blob}} NOT NULL,
  return_url TEXT NOT NULL,
  metadata_sealed {{blob}},
  created_at {{bigint}} NOT NULL,
  expires_at {{bigint}} NOT NULL,
  verified_at {{bigint}},
  claimable_until {{bigint}},
  due_at {{bigint}},
  claimer_digest {{blob}},
  claimed_at {{bigint}},
  ended_at {{bigint}},
  PRIMARY KEY (account_id, id)
) {{without_rowid}};
CREATE INDEX transactions_by_subject ON transactions (account_id, subject_id, id);
CREATE INDEX transactions_due ON transactions (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE payloads (
  account_id {{blob}} NOT NULL,
  transaction_id {{blob}} NOT NULL,
  data_key_wrapped {{blob}} NOT NULL,
  payload_sealed {{blob}} NOT NULL,
  PRIMARY KEY (account_id, transaction_id)
) {{table}};

CREATE TABLE verifications (
  account_id {{blob}} NOT NULL,
  transaction_id {{blob}} NOT NULL,
  id {{blob}} NOT NULL,
  contact_id {{blob}} NOT NULL,
  channel TEXT NOT NULL,
  provider TEXT NOT NULL,
  provider_ref TEXT,
  send_fault TEXT,
  status TEXT NOT NULL,
  code_digest {{blob}},
  code_valid_until {{bigint}},
  previous_digest {{blob}},
  previous_valid_until {{bigint}},
  attempts {{bigint}} NOT NULL,
  sends {{bigint}} NOT NULL,
  created_at {{bigint}} NOT NULL,
  last_sent_at {{bigint}} NOT NULL,
  expires_at {{bigint}} NOT NULL,
  PRIMARY KEY (account_id, transaction_id, id)
) {{without_rowid}};

CREATE TABLE messages (
  account_id {{blob}} NOT NULL,
  id {{blob}} NOT NULL,
  transaction_id {{blob}} NOT NULL,
  verification_id {{blob}} NOT NULL,
  channel TEXT NOT NULL,
  provider TEXT NOT NULL,
  status TEXT NOT NULL,
  content_sealed {{blob}},
  attempts {{bigint}} NOT NULL,
  due_at {{bigint}} NOT NULL,
  lease_owner TEXT NOT NULL,
  expires_at {{bigint}} NOT NULL,
  provider_ref TEXT,
  error_code TEXT,
  finished_at {{bigint}},
  PRIMARY KEY (account_id, id)
) {{without_rowid}};
CREATE INDEX messages_due ON messages (due_at) WHERE status = 'queued';

CREATE TABLE webhook_endpoints (
  account_id {{blob}} NOT NULL,
  id {{blob}} NOT NULL,
  url_sealed {{blob}} NOT NULL,
  secret_sealed {{blob}} NOT NULL,
  events TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at {{bigint}} NOT NULL,
  disabled_reason TEXT,
  PRIMARY KEY (account_id, id)
) {{table}};

CREATE TABLE deliveries (
  account_id {{blob}} NOT NULL,
  id {{blob}} NOT NULL,
  endpoint_id {{blob}} NOT NULL,
  transaction_id {{blob}} NOT NULL,
  event_type TEXT NOT NULL,
  body TEXT NOT NULL,
  status TEXT NOT NULL,
  attempts {{bigint}} NOT NULL,
  due_at {{bigint}} NOT NULL,
  lease_owner TEXT NOT NULL,
  last_status {{bigint}},
  last_error TEXT,
  created_at {{bigint}} NOT NULL,
  finished_at {{bigint}},
  PRIMARY KEY (account_id, id)
) {{without_rowid}};
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE status = 'pending';
CREATE INDEX deliveries_by_endpoint ON deliveries (account_id, endpoint_id, id);

CREATE TABLE delivery_attempts (
  account_id {{blob}} NOT NULL,
  delivery_id {{blob}} NOT NULL,
  number {{bigint}} NOT NULL,
  attempted_at {{bigint}} NOT NULL,
  duration_us {{bigint}} NOT NULL,
  http_status {{bigint}},
  error TEXT,
  PRIMARY KEY (account_id, delivery_id, number)
) {{without_rowid}};

CREATE TABLE events (
  account_id {{blob}} NOT NULL,
  id {{blob}} NOT NULL,
  type TEXT NOT NULL,
  transaction_id {{blob}},
  subject_id {{blob}},
  actor TEXT NOT NULL,
  source_index {{blob}},
  request_id TEXT NOT NULL,
  data TEXT NOT NULL,
  created_at {{bigint}} NOT NULL,
  PRIMARY KEY (account_id, id)
) {{without_rowid}};

CREATE TABLE counters (
  account_id {{blob}} NOT NULL,
  counter_key {{blob}} NOT NULL,
  window_start {{bigint}} NOT NULL,
  count {{bigint}} NOT NULL,
  PRIMARY KEY (account_id, counter_key)
) {{without_rowid}};

CREATE TABLE idempotency (
  account_id {{blob}} NOT NULL,
  key_digest {{blob}} NOT NULL,
  request_digest {{blob}} NOT NULL,
  http_status {{bigint}} NOT NULL,
  answer_sealed {{blob}} NOT NULL,
  created_at {{bigint}} NOT NULL,
  PRIMARY KEY (account_id, key_digest)
) {{table}};
CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE inbox_messages (
  id {{blob}} NOT NULL PRIMARY KEY,
  message_id {{blob}} NOT NULL,
  channel TEXT NOT NULL,
  content_sealed {{blob}} NOT NULL,
  created_at {{bigint}} NOT NULL
) {{table}};
)sql";

}  // namespace countersign::store
