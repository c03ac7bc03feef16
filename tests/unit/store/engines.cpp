#include <map>

#include "engine_fixture.h"
#include "store/postgres/postgres_store.h"
#include "store/sqlite/sqlite_store.h"
#include "support/patient_options.h"
#include "support/postgres_cluster.h"

namespace countersign::store {
namespace {

std::unique_ptr<Store> opened(Result<std::unique_ptr<Store>, StoreError> store) {
  if (!store) ADD_FAILURE() << store.error().detail;
  return std::move(store).value();
}

const Engine kSqlite{"sqlite", [](const std::filesystem::path& folder) {
                       return opened(open_sqlite({.file = folder / "store.db", .reader_threads = 2}));
                     }};
const Engine kSqliteAccumulating{
    "sqlite_accumulating", [](const std::filesystem::path& folder) {
      return opened(open_sqlite({.file = folder / "store.db", .batch_max = 8, .accumulate_max = Duration(300)}));
    }};
const Engine kMemory{"sqlite_in_memory", [](const std::filesystem::path&) { return opened(open_sqlite_in_memory()); }};

/// One database for each folder.
std::unique_ptr<Store> open_postgres_of(const std::filesystem::path& folder, bool turns) {
  static std::map<std::filesystem::path, std::string> urls;
  auto& url = urls[folder];
  if (url.empty()) url = testing::PostgresCluster::shared().new_database();
  return opened(open_postgres(testing::patient_options(url, turns)));
}

const Engine kPostgres{"postgres", [](const std::filesystem::path& folder) { return open_postgres_of(folder, true); }};
const Engine kPostgresWithoutTurns{"postgres_without_turns",
                                   [](const std::filesystem::path& folder) { return open_postgres_of(folder, false); }};

std::string name_of(const ::testing::TestParamInfo<Engine>& each) { return each.param.name; }

INSTANTIATE_TEST_SUITE_P(Engines, EngineFixture,
                         ::testing::Values(kSqlite, kSqliteAccumulating, kMemory, kPostgres, kPostgresWithoutTurns),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Engines, ServingEngine,
                         ::testing::Values(kSqlite, kSqliteAccumulating, kPostgres, kPostgresWithoutTurns), name_of);
INSTANTIATE_TEST_SUITE_P(Engines, ProductEngine, ::testing::Values(kMemory, kPostgres), name_of);

}  // namespace

std::vector<Engine> serving_engines() { return {kSqlite, kPostgres}; }

}  // namespace countersign::store
