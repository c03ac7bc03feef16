#include "store/migrations/migrations.h"

namespace countersign::store {

// What the fraud rules noted of a transaction (repository/risk_codec.h), until when an operator may decide about it,
// the rules that an
// account has set by the API, what rules about trust remember of people, and how many people there are at one device,
// address or payout (repository/risk_people.h). Earlier programs cannot read a transaction in review.
const std::string_view kReviewsSchema = R"sql(
ALTER TABLE transactions ADD COLUMN risk TEXT;
ALTER TABLE transactions ADD COLUMN review_until {{bigint}};
CREATE INDEX transactions_in_review ON transactions (account_id, review_until) WHERE review_until IS NOT NULL;

CREATE TABLE risk_rules (
  account_id {{blob}} NOT NULL PRIMARY KEY,
  content TEXT NOT NULL,
  version {{bigint}} NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at {{bigint}} NOT NULL
) {{without_rowid}};

CREATE TABLE risk_people (
  account_id {{blob}} NOT NULL,
  subject_id {{blob}} NOT NULL,
  content TEXT NOT NULL,
  day {{bigint}} NOT NULL,
  PRIMARY KEY (account_id, subject_id)
) {{without_rowid}};
CREATE INDEX risk_people_by_day ON risk_people (account_id, day);

CREATE TABLE risk_links (
  account_id {{blob}} NOT NULL,
  kind {{bigint}} NOT NULL,
  bucket {{bigint}} NOT NULL,
  link_key {{blob}} NOT NULL,
  people {{bigint}} NOT NULL,
  day {{bigint}} NOT NULL,
  PRIMARY KEY (account_id, kind, bucket, link_key)
) {{without_rowid}};
CREATE INDEX risk_links_by_day ON risk_links (account_id, day);
)sql";

}  // namespace countersign::store
