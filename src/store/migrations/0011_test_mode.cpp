#include "store/migrations/migrations.h"

namespace countersign::store {

// What test accounts have beside the rows of every account. `ahead`: by how much the account's clock is ahead of the
// machine's. `test_messages`: what would have been sent, from `arrives_at` on in the account's inbox.
const std::string_view kTestModeSchema = R"sql(
CREATE TABLE test_clocks (
  account_id {{blob}} NOT NULL PRIMARY KEY,
  ahead {{bigint}} NOT NULL
) {{table}};

CREATE TABLE test_messages (
  account_id {{blob}} NOT NULL,
  id {{blob}} NOT NULL,
  transaction_id {{blob}},
  verification_id {{blob}},
  content_sealed {{blob}} NOT NULL,
  arrives_at {{bigint}} NOT NULL,
  PRIMARY KEY (account_id, id)
) {{without_rowid}};
)sql";

}  // namespace countersign::store
