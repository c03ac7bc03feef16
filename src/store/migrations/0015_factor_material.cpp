#include "store/migrations/migrations.h"

namespace countersign::store {

// Authenticators other than apps (repository/factors.h). `material_sealed`: what belongs to the type, such as the
// digests of recovery codes. `handle_digest`: keyed digest of the handle by which an authenticator names itself; an
// account knows each only once.
const std::string_view kFactorMaterialSchema = R"sql(
ALTER TABLE factors ADD COLUMN material_sealed {{blob}};
ALTER TABLE factors ADD COLUMN handle_digest {{blob}};
CREATE UNIQUE INDEX factors_by_handle ON factors (account_id, handle_digest) WHERE handle_digest IS NOT NULL;
)sql";

}  // namespace countersign::store
