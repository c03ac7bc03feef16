#include "store/migrations/migrations.h"

namespace countersign::store {

// The secret that an endpoint had before, which signs beside the new one until `previous_secret_until`; a program of
// the version before signs with the new one alone. `round_start` of a delivery: how many attempts it had when it was
// queued anew, so that the schedule begins again. The index is of what was claimed and never acknowledged: few, and
// else found by nothing.
const std::string_view kWebhookRoundsSchema = R"sql(
ALTER TABLE webhook_endpoints ADD COLUMN previous_secret_sealed {{blob}};
ALTER TABLE webhook_endpoints ADD COLUMN previous_secret_until {{bigint}};
ALTER TABLE deliveries ADD COLUMN round_start {{bigint}} NOT NULL DEFAULT 0;
CREATE INDEX transactions_unacknowledged ON transactions (account_id, claimed_at)
  WHERE claimed_at IS NOT NULL AND ended_at IS NULL;
)sql";

}  // namespace countersign::store
