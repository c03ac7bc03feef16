#include "store/migrations/migrations.h"

namespace countersign::store {

// A transaction's verifications stand in its row (repository/verification_codec.h), so that what every check reads and
// writes together is one row. Null in rows of earlier versions: theirs stay in `verifications` until something about
// one of them is written, and are purged with their transaction.
const std::string_view kTransactionRowSchema = R"sql(
ALTER TABLE transactions ADD COLUMN verifications {{blob}};
)sql";

}  // namespace countersign::store
