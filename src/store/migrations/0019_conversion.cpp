#include "store/migrations/migrations.h"

namespace countersign::store {

// What became of codes, by day, provider, channel, country and the number without its last four digits; and what the
// weights of lists have learned of it, with those who have taught it within the hour (repository/conversion.h).
// Providers whose learned weights the operator keeps as they are.
const std::string_view kConversionSchema = R"sql(
CREATE TABLE conversion (
  account_id {{blob}} NOT NULL,
  day {{bigint}} NOT NULL,
  provider TEXT NOT NULL,
  channel TEXT NOT NULL,
  country TEXT NOT NULL,
  prefix TEXT NOT NULL,
  attempt {{bigint}} NOT NULL,
  started {{bigint}} NOT NULL,
  approved {{bigint}} NOT NULL,
  seconds {{bigint}} NOT NULL,
  PRIMARY KEY (account_id, day, provider, channel, country, prefix, attempt)
) {{without_rowid}};

CREATE TABLE learned_weights (
  service_id {{blob}} NOT NULL,
  channel TEXT NOT NULL,
  country TEXT NOT NULL,
  provider TEXT NOT NULL,
  share {{bigint}} NOT NULL,
  samples {{bigint}} NOT NULL,
  credit {{bigint}} NOT NULL,
  halved_at {{bigint}} NOT NULL,
  stepped_at {{bigint}} NOT NULL,
  PRIMARY KEY (service_id, channel, country, provider)
) {{without_rowid}};

CREATE TABLE learned_from (
  who_digest {{blob}} NOT NULL PRIMARY KEY,
  until {{bigint}} NOT NULL
) {{without_rowid}};
CREATE INDEX learned_from_by_end ON learned_from (until);

ALTER TABLE provider_marks ADD COLUMN frozen_at {{bigint}};
)sql";

}  // namespace countersign::store
