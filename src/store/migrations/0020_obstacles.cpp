#include "store/migrations/migrations.h"

namespace countersign::store {

// What is in the way of messages to an address (domain/obstacle.h): null where nothing is known to be.
const std::string_view kObstaclesSchema = R"sql(
ALTER TABLE addresses ADD COLUMN obstacles TEXT;
)sql";

}  // namespace countersign::store
