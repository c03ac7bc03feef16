#include "store/migrations/migrations.h"

namespace countersign::store {

// What providers report of a message (repository/messages.h): the stage, null until one is reported, and the reason of
// a failure.
const std::string_view kDeliveriesSchema = R"sql(
ALTER TABLE messages ADD COLUMN stage TEXT;
ALTER TABLE messages ADD COLUMN reason TEXT;
)sql";

}  // namespace countersign::store
