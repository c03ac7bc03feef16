#include "store/migrations/migrations.h"

namespace countersign::store {

// Where people are led back to, and what they call their devices, were kept readable. The sealed columns take their
// place; the old ones stay, empty, because programs of the steps before write them. The two indexes hold only rows that
// such a program wrote: seal_readable (store/upkeep/seal_readable.h) finds them by it, and empties it.
const std::string_view kSealedNamesSchema = R"sql(
ALTER TABLE transactions ADD COLUMN return_url_sealed {{blob}};
ALTER TABLE factors ADD COLUMN name_sealed {{blob}};
CREATE INDEX transactions_readable ON transactions (account_id, id) WHERE return_url <> '';
CREATE INDEX factors_readable ON factors (account_id, id) WHERE name <> '';
)sql";

}  // namespace countersign::store
