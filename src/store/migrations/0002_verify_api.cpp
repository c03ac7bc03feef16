#include "store/migrations/migrations.h"

namespace countersign::store {

// For the Verify v2 compatible API. `resources` stores its small, rare objects, which the store handles alike:
// services, rate limits, buckets, webhooks, templates, entities, challenges. Their content is one sealed JSON object.
// `name_index` is a keyed digest, unique among its siblings; `due_at` is the expiry after which one may be deleted.
// `sendings` of a verification: one line per message, with its id, the channel and the time.
const std::string_view kVerifyApiSchema = R"sql(
ALTER TABLE verifications ADD COLUMN sendings TEXT;

CREATE TABLE auth_tokens (
  account_id {{blob}} NOT NULL PRIMARY KEY,
  token_sealed {{blob}} NOT NULL,
  created_at {{bigint}} NOT NULL
) {{table}};

CREATE TABLE resources (
  account_id {{blob}} NOT NULL,
  kind TEXT NOT NULL,
  parent_id {{blob}} NOT NULL,
  id {{blob}} NOT NULL,
  name_index {{blob}},
  content_sealed {{blob}} NOT NULL,
  created_at {{bigint}} NOT NULL,
  updated_at {{bigint}} NOT NULL,
  due_at {{bigint}},
  PRIMARY KEY (account_id, kind, parent_id, id)
) {{without_rowid}};
CREATE UNIQUE INDEX resources_by_name ON resources (account_id, kind, parent_id, name_index);
CREATE INDEX resources_due ON resources (account_id, due_at) WHERE due_at IS NOT NULL;
)sql";

}  // namespace countersign::store
