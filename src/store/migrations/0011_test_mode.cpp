#include "store/migrations/migrations.h"

namespace countersign::store {

// Extra data of test accounts. `ahead`: how far the account's clock is ahead of the machine's. `test_messages`: what
// would have been sent, in the account's inbox from `arrives_at` on. The indexes contain only rows of tests
// (due_key.h), and find an account's earliest row without reading others.
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

CREATE INDEX messages_of_tests ON messages (account_id, due_at)
  WHERE status = 'queued' AND due_at >= 1152921504606846976;
CREATE INDEX deliveries_of_tests ON deliveries (account_id, due_at)
  WHERE status = 'pending' AND due_at >= 1152921504606846976;
CREATE INDEX transactions_of_tests ON transactions (account_id, due_at) WHERE due_at >= 1152921504606846976;
CREATE INDEX standings_of_tests ON standings (account_id, due_at) WHERE due_at >= 1152921504606846976;
CREATE INDEX erasures_of_tests ON erasures (account_id, acts_at) WHERE acts_at >= 1152921504606846976;
)sql";

}  // namespace countersign::store
