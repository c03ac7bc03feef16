#include "store/migrations/migrations.h"

namespace countersign::store {

// Guesses are counted by line and person. Before, contacts counted them by channel and lost the count when they were
// removed (docs/adr/0019). A line's guard with the subject {{no_id}} is for all who never proved it. The counts of
// contacts move here, the highest of each line; their columns stay for programs of the previous version and are no
// longer read. A contact that was disabled by its failures is slowed from now on.
const std::string_view kLineGuardsSchema = R"sql(
CREATE TABLE line_guards (
  account_id {{blob}} NOT NULL,
  address_id {{blob}} NOT NULL,
  subject_id {{blob}} NOT NULL,
  in_row {{bigint}} NOT NULL,
  locked_until {{bigint}},
  year_start {{bigint}} NOT NULL,
  year_count {{bigint}} NOT NULL,
  slow_send_at {{bigint}},
  PRIMARY KEY (account_id, address_id, subject_id)
) {{without_rowid}};

INSERT INTO line_guards (account_id, address_id, subject_id, in_row, locked_until, year_start, year_count)
  SELECT account_id, address_id, subject_id, MAX(failures), MAX(locked_until), 0, 0 FROM contacts
  WHERE failures > 0 AND proved_at IS NOT NULL GROUP BY account_id, address_id, subject_id;

INSERT INTO line_guards (account_id, address_id, subject_id, in_row, locked_until, year_start, year_count)
  SELECT account_id, address_id, {{no_id}}, MAX(failures), MAX(locked_until), 0, 0 FROM contacts
  WHERE failures > 0 GROUP BY account_id, address_id;
)sql";

}  // namespace countersign::store
