#include "store/migrations/migrations.h"

namespace countersign::store {

// Which keys each running server works with (repository/key_holders.h): ids, and the `kid`s that it publishes,
// separated by spaces. `since`: it has had just these since then. `seen_at`: when it said so last.
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
