// The command around a move: what it says, and the exit statuses that scripts go by.

#include "main/commands/migrate.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <sstream>
#include <stdexcept>

#include "main/commands/progress_bar.h"
#include "store/migrations/migrations.h"
#include "store/sqlite/sqlite_store.h"
#include "support/fake_time.h"
#include "support/postgres_cluster.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Migrate : public ::testing::Test {
 protected:
  int run(const std::string& from, const std::string& to, bool give_up = false) {
    out_.str("");
    err_.str("");
    return run_migrate_command({from, to, give_up}, {system_clock(), system_random(), out_, err_});
  }
  [[nodiscard]] std::string place(const std::string& name) const { return "sqlite:" + (place_.dir() / name).string(); }
  void make(const std::string& name) const {
    const auto store = store::open_sqlite({.file = place_.dir() / name});
    ASSERT_TRUE(store);
    ASSERT_TRUE(store::migrate(**store, store::all_migrations(), WallTime{}));
  }

  Workplace place_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(Migrate, MovesAndSaysWhatComesNext) {
  make("old.db");
  ASSERT_EQ(run(place("old.db"), place("new.db")), 0) << err_.str();
  EXPECT_THAT(out_.str(), StartsWith("Moved 0 rows of "));
  EXPECT_THAT(err_.str(), HasSubstr("copying accounts: 0 of 0 rows, 100 %\n"));
  EXPECT_EQ(run(place("old.db"), place("new.db")), 1);
  EXPECT_THAT(err_.str(), HasSubstr("was moved to"));
}

TEST_F(Migrate, BadUsageIsTwo) {
  for (const auto* const word : {"old.db", "sqlite:", "mysql://x", ""}) {
    EXPECT_EQ(run(word, place("new.db")), 2) << word;
    EXPECT_EQ(err_.str(), "countersign: a database is sqlite:FILE or postgresql://…\n");
  }
  EXPECT_EQ(run(place("old.db"), place("new.db"), true), 2);
  EXPECT_EQ(run(place("old.db"), ""), 2);
  EXPECT_EQ(err_.str(), "countersign: --to is missing: where to, sqlite:FILE or postgresql://…\n");
}

TEST_F(Migrate, RefusedIsOneAndMakesNothing) {
  EXPECT_EQ(run(place("old.db"), place("new.db")), 1);
  EXPECT_THAT(err_.str(), EndsWith("old.db\n"));
  EXPECT_THAT(err_.str(), StartsWith("countersign: there is no database "));
  EXPECT_TRUE(std::filesystem::is_empty(place_.dir()));

  make("old.db");
  const auto server = store::open_sqlite({.file = place_.dir() / "old.db"});
  EXPECT_EQ(run(place("old.db"), place("new.db")), 1);
  EXPECT_THAT(err_.str(), HasSubstr("is in use by"));
}

TEST_F(Migrate, UnreachableDatabaseIsASentenceWithoutThePassword) {
  make("old.db");
  EXPECT_EQ(run(place("old.db"), "postgresql://app:s3cr3t@127.0.0.1:1/x"), 1);
  EXPECT_THAT(err_.str(), StartsWith("countersign: PostgreSQL: "));
  EXPECT_EQ(run(place("old.db"), "postgresql://app:s3cr3t@db.example.com/x?sslmode=prefer"), 1);
  EXPECT_THAT(err_.str(), HasSubstr("sslmode=prefer"));
  EXPECT_EQ(err_.str().find("s3cr3t"), std::string::npos);
}

// Not every database has them (store.advisory_locks).
TEST_F(Migrate, NeedsNoAdvisoryLocks) {
  make("old.db");
  const std::string url = testing::PostgresCluster::shared().new_database();
  const std::string role = fmt::format("without_locks_{}", ::getpid());
  const auto sql = [&](const std::string& statement) { return testing::PostgresCluster::run(url, statement); };
  sql("CREATE ROLE " + role + " LOGIN");
  sql("ALTER DATABASE " + sql("SELECT current_database()") + " OWNER TO " + role);
  sql("ALTER SCHEMA public OWNER TO " + role);
  sql("DO $$ DECLARE f regprocedure; BEGIN FOR f IN SELECT oid FROM pg_proc WHERE proname LIKE 'pg%advisory%' LOOP "
      "EXECUTE 'REVOKE EXECUTE ON FUNCTION ' || f || ' FROM PUBLIC'; END LOOP; END $$");
  std::string theirs = url;
  theirs.replace(theirs.find("user=postgres"), 13, "user=" + role);
  EXPECT_THROW(testing::PostgresCluster::run(theirs, "SELECT pg_advisory_lock(1)"), std::runtime_error);
  ASSERT_EQ(run(place("old.db"), theirs), 0) << err_.str();
  ASSERT_EQ(run(theirs, place("back.db")), 0) << err_.str();
}

TEST(ProgressBar, LinesAreFewWhereNobodyLooks) {
  std::ostringstream out;
  const testing::FakeClock clock;
  ProgressBar bar(out, clock, false);
  for (int i = 0; i <= 10; ++i) bar.show("copying", "events", i, 10);
  bar.show("comparing", "events", 3, 10);
  bar.end();
  EXPECT_EQ(out.str(),
            "copying events: 0 of 10 rows, 0 %\ncopying events: 10 of 10 rows, 100 %\n"
            "comparing events: 3 of 10 rows, 30 %\n");
}

TEST(ProgressBar, IsDrawnOverOnATerminal) {
  std::ostringstream out;
  testing::FakeClock clock;
  ProgressBar bar(out, clock, true);
  bar.show("copying", "events", 1, 2);
  bar.show("copying", "events", 1, 2);
  bar.end();
  EXPECT_EQ(out.str(), "\r\x1b[2Kcopying   [###############               ]  50 %  1 of 2  events\n");
}

}  // namespace
}  // namespace countersign::main
