#include "store/migrations/migrations.h"

namespace countersign::store {

// The keys of each running server (repository/key_holders.h): ids, and the `kid`s that it publishes, separated by
// spaces. `since`: when it began to use exactly these. `seen_at`: its last report.
const std::string_view kKeyHoldersSchema = R"sql(
CREATE TABLE key_holders (
  node TEXT NOT NULL PRIMARY KEY,
  seal_keys TEXT NOT NULL,
  current_seal_key {{bigint}} NOT NULL,
  signing_key TEXT NOT NULL,
  published_keys TEXT NOT NULL,
  since {{bigint}} NOT NULL,
  seen_at {{bigint}} NOT NULL
) {{table}};
)sql";

}  // namespace countersign::store
