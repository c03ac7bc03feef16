#include "store/migrations/migrations.h"

namespace countersign::store {

// Challenges for passkeys that were given out for a transaction, and what passkeys signed for it
// (repository/ceremonies.h). Null in nearly all rows.
const std::string_view kCeremoniesSchema = R"sql(
ALTER TABLE transactions ADD COLUMN ceremonies_sealed {{blob}};
)sql";

}  // namespace countersign::store
