// The store's settings on their way: where the URL may come from, and that its password goes nowhere else.

#include <gtest/gtest.h>

#include "main/open_store.h"
#include "support/fake_time.h"
#include "workplace.h"

namespace countersign::main {
namespace {

constexpr const char* kDatabaseUrl = "postgresql://app:s3cr3t@db.example.com/countersign";

Result<Config, ConfigError> with_url(const Workplace& place, const std::string& url) {
  place.write_secrets();
  auto sources = place.production(kGoodConfig);
  sources.environment["COUNTERSIGN_STORE_URL"] = url;
  return load_config(sources);
}

TEST(Store, UrlComesFromAFileToo) {
  const Workplace place;
  place.write_secrets();
  place.write("url", std::string(kDatabaseUrl) + "\n");
  auto sources = place.production(kGoodConfig);
  sources.environment["COUNTERSIGN_STORE_URL_FILE"] = (place.dir() / "url").string();
  const auto config = load_config(sources);
  ASSERT_TRUE(config) << config.error().sentence;
  EXPECT_EQ(config->store.postgres_url.expose(), kDatabaseUrl);
}

TEST(Store, SummaryNamesTheDatabaseWithoutThePassword) {
  const Workplace place;
  const auto config = with_url(place, kDatabaseUrl);
  ASSERT_TRUE(config) << config.error().sentence;
  const auto store = describe_store(*config);
  ASSERT_TRUE(store);
  const auto text = summary(*config, *store);
  EXPECT_NE(text.find("store     PostgreSQL db.example.com/countersign as app (TLS, verify-full)\n"), std::string::npos)
      << text;
  EXPECT_EQ(text.find("s3cr3t"), std::string::npos);
}

TEST(Store, SummarySaysThatTheDatabaseHasNoAdvisoryLocks) {
  const Workplace place;
  auto config = with_url(place, kDatabaseUrl);
  ASSERT_TRUE(config) << config.error().sentence;
  config->store.advisory_locks = false;
  EXPECT_TRUE(describe_store(*config).value_or("").ends_with(", without advisory locks"));
}

TEST(Store, MistakesShowWithoutConnectingAndWithoutThePassword) {
  const Workplace place;
  const auto config = with_url(place, std::string(kDatabaseUrl) + "?sslmode=prefer");
  ASSERT_TRUE(config) << config.error().sentence;
  const auto store = describe_store(*config);
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().sentence.find("sslmode=prefer"), std::string::npos);
  EXPECT_EQ(store.error().sentence.find("s3cr3t"), std::string::npos);
}

TEST(Store, DatabaseThatIsAwayIsASentenceWithoutThePassword) {
  const Workplace place;
  const auto config = with_url(place, "postgresql://app:s3cr3t@127.0.0.1:1/countersign");
  ASSERT_TRUE(config) << config.error().sentence;
  testing::SeededRandom random(1);
  const auto store = open_store(*config, system_clock(), random);
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().sentence.find("PostgreSQL"), std::string::npos) << store.error().sentence;
  EXPECT_EQ(store.error().sentence.find("s3cr3t"), std::string::npos);
  EXPECT_TRUE(store.error().may_pass) << "a server waits for it";
}

}  // namespace
}  // namespace countersign::main
