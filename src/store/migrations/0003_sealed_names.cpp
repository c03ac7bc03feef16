#include "store/migrations/migrations.h"

namespace countersign::store {

// Return URLs and the names of devices were stored in clear. Sealed columns replace them; the old columns stay, empty,
// because programs of earlier steps write them. The two indexes contain only rows written by such a program:
// seal_readable (store/upkeep/seal_readable.h) uses them to find these rows and seal them.
const std::string_view kSealedNamesSchema = R"sql(
ALTER TABLE transactions ADD COLUMN return_url_sealed {{blob}};
ALTER TABLE factors ADD COLUMN name_sealed {{blob}};
CREATE INDEX transactions_readable ON transactions (account_id, id) WHERE return_url <> '';
CREATE INDEX factors_readable ON factors (account_id, id) WHERE name <> '';
)sql";

}  // namespace countersign::store
