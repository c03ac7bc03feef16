#include "support/kept_database.h"

#include <gtest/gtest.h>

#include "support/postgres_cluster.h"

namespace countersign::testing {
namespace {

TEST(KeptDatabase, IsForTheNextOneAsItWasForTheFirst) {
  std::string url;
  std::string seeded;
  {
    const KeptDatabase first;
    url = first.url();
    PostgresCluster::run(url, "INSERT INTO key_checks VALUES ('x', 'y')");
    seeded = PostgresCluster::run(
        url, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'kept'::regnamespace LIMIT 1");
    ASSERT_NE(seeded, "") << "no step of the schema makes rows";
    PostgresCluster::run(url, "DELETE FROM " + seeded);
  }
  const KeptDatabase next;
  EXPECT_EQ(next.url(), url);
  EXPECT_EQ(PostgresCluster::run(url, "SELECT count(*) FROM key_checks"), "0");
  EXPECT_NE(PostgresCluster::run(url, "SELECT count(*) FROM " + seeded), "0");
}

TEST(KeptDatabase, WhoseSchemaWasChangedIsGivenToNobody) {
  std::string url;
  {
    const KeptDatabase first;
    url = first.url();
    PostgresCluster::run(url, "ALTER TABLE key_checks ADD COLUMN later int");
  }
  EXPECT_NE(KeptDatabase().url(), url);
}

TEST(KeptDatabase, IsOnesAtATime) {
  const KeptDatabase one;
  const KeptDatabase two;
  EXPECT_NE(one.url(), two.url());
}

}  // namespace
}  // namespace countersign::testing
