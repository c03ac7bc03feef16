#include "store/migrations/migrations.h"

namespace countersign::store {

// The previous secret of an endpoint, which signs beside the new one until `previous_secret_until`; a program of the
// previous version signs only with the new one. `round_start` of a delivery: its number of attempts when it was
// requeued, so that the schedule restarts. The index finds claimed but unacknowledged transactions: few, and without it
// found by a scan.
const std::string_view kWebhookRoundsSchema = R"sql(
ALTER TABLE webhook_endpoints ADD COLUMN previous_secret_sealed {{blob}};
ALTER TABLE webhook_endpoints ADD COLUMN previous_secret_until {{bigint}};
ALTER TABLE deliveries ADD COLUMN round_start {{bigint}} NOT NULL DEFAULT 0;
CREATE INDEX transactions_unacknowledged ON transactions (account_id, claimed_at)
  WHERE claimed_at IS NOT NULL AND ended_at IS NULL;
)sql";

}  // namespace countersign::store
