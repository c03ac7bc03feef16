#include "engine_fixture.h"
#include "store/sqlite/sqlite_store.h"

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
const Engine kMemory{"sqlite_in_memory", [](const std::filesystem::path&) { return opened(open_sqlite_in_memory()); },
                     false, false};

INSTANTIATE_TEST_SUITE_P(Engines, EngineFixture, ::testing::Values(kSqlite, kSqliteAccumulating, kMemory),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace countersign::store
