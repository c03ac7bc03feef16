// What PostgreSQL reads for the use cases of every day, where it planned their statements before it knew anything of
// its tables: a new installation, whose connections keep those plans.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "store/postgres/postgres_store.h"
#include "support/patient_options.h"
#include "support/postgres_cluster.h"
#include "tests/unit/usecase/script.h"

namespace countersign::testing {
namespace {

struct NewInstallation {
  std::string url = PostgresCluster::shared().new_database();
  Fixture fixture{*store::open_postgres(patient_options(url))};

  void hold_for(int person) {
    fixture.request().identity = fmt::format("person-{}", person);
    fixture.request().contacts = {{Channel::kSms, fmt::format("+55119870{:05}", person)}};
    fixture.hold();
  }
  void release() {
    ASSERT_EQ(why(fixture.start()), kYes);
    ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
    const auto claim = fixture.claim();
    ASSERT_EQ(why(claim), kYes);
    ASSERT_EQ(why(fixture.ack(claim->fencing_token)), kYes);
  }
  /// A connection reports what it has read at the end of a transaction, once a second.
  void report() {
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    hold_for(0);
  }
  /// Thousands of rows like one that is there, but for these columns.
  void add_many(const std::string& table, const std::vector<std::string>& own) const {
    std::string values;
    for (const auto& column : own)
      values += fmt::format("{}'{}', '\\x' || MD5('{}' || n)", values.empty() ? "" : ", ", column, column);
    sql(
        fmt::format("INSERT INTO {0} SELECT (JSONB_POPULATE_RECORD(t.one, JSONB_BUILD_OBJECT({1}))).* "
                    "FROM (SELECT one FROM {0} one LIMIT 1) t, GENERATE_SERIES(1, 4000) n",
                    table, values));
  }
  std::string sql(const std::string& statement) const { return PostgresCluster::run(url, statement); }
};

TEST(Plans, ReadOnlyTheRowsOfThePersonWhateverTheTablesHad) {
  constexpr int kReleases = 40;
  NewInstallation place;
  unlimited(place.fixture);
  const auto release_some = [&] {
    for (int person = 0; person < kReleases; ++person) {
      place.hold_for(person);
      place.release();
    }
  };
  release_some();  // So often that the connection keeps its plans.
  place.add_many("subjects", {"id", "identity_index"});
  place.add_many("addresses", {"id", "address_index"});
  place.add_many("contacts", {"id", "subject_id", "address_id"});
  place.add_many("standings", {"subject_id"});
  place.add_many("transactions", {"id", "subject_id", "token_digest"});
  // It plans anew where it has run twice as much as at the last time, so by now or, at the latest, here.
  release_some();
  release_some();
  place.report();
  place.sql("CREATE TABLE before AS SELECT indexrelid, idx_scan, idx_tup_read FROM pg_stat_user_indexes");
  place.sql("CREATE TABLE tables_before AS SELECT relid, seq_tup_read FROM pg_stat_user_tables");
  release_some();
  place.report();

  EXPECT_GE(std::stoi(place.sql("SELECT SUM(a.idx_scan - b.idx_scan) FROM pg_stat_user_indexes a JOIN before b "
                                "USING (indexrelid) WHERE a.indexrelname = 'standings_pkey'")),
            2 * kReleases);
  EXPECT_EQ(place.sql("SELECT STRING_AGG(a.indexrelname || ': ' || a.idx_tup_read - b.idx_tup_read || ' read in ' || "
                      "a.idx_scan - b.idx_scan || ' scans', ', ') FROM pg_stat_user_indexes a JOIN before b "
                      "USING (indexrelid) WHERE a.idx_tup_read - b.idx_tup_read > 5 * (a.idx_scan - b.idx_scan)"),
            "");
  EXPECT_EQ(place.sql("SELECT STRING_AGG(a.relname || ': ' || a.seq_tup_read - b.seq_tup_read, ', ') FROM "
                      "pg_stat_user_tables a JOIN tables_before b USING (relid) WHERE a.schemaname = 'public' AND "
                      "a.relname NOT LIKE '%before' AND a.seq_tup_read - b.seq_tup_read > 5 * 5 * " +
                      std::to_string(kReleases)),
            "");
}

}  // namespace
}  // namespace countersign::testing
