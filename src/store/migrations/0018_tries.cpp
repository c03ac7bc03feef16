#include "store/migrations/migrations.h"

namespace countersign::store {

// What the providers of a message said, one after the other, and what each may have cost (usecase/outbox/tries.h): null
// where one provider took it at once and has no price. What the operator has said about providers
// (repository/provider_marks.h).
const std::string_view kTriesSchema = R"sql(
ALTER TABLE messages ADD COLUMN tries TEXT;

CREATE TABLE provider_marks (
  name TEXT NOT NULL PRIMARY KEY,
  drained_at {{bigint}}
) {{table}};
)sql";

}  // namespace countersign::store
