#include <fmt/format.h>
#include <sqlite3.h>

#include <system_error>

#include "store/sqlite/connection.h"
#include "store/sqlite/file_lock.h"
#include "store/sqlite/open.h"
#include "store/sqlite/sqlite_store.h"

namespace countersign::store {

namespace {

constexpr int kVacuumCacheKib = 65536;

/// Where SQLite builds the new database before it takes the old one's place: on the same disk, in a file without a
/// name. Its own choice could be a small memory file system, and the store's is memory.
class TemporaryFilesIn {
 public:
  explicit TemporaryFilesIn(const std::filesystem::path& folder) {
    sqlite3_temp_directory = sqlite3_mprintf("%s", folder.c_str());
  }
  ~TemporaryFilesIn() {
    sqlite3_free(sqlite3_temp_directory);
    sqlite3_temp_directory = nullptr;
  }
  TemporaryFilesIn(const TemporaryFilesIn&) = delete;
  TemporaryFilesIn& operator=(const TemporaryFilesIn&) = delete;
};

}  // namespace

Result<Vacuumed, StoreError> vacuum_sqlite(const std::filesystem::path& name) {
  try {
    const std::filesystem::path file = std::filesystem::canonical(name);
    const sqlite::FileLock lock(file);
    const TemporaryFilesIn here(file.parent_path());
    Vacuumed done{.bytes_before = std::filesystem::file_size(file)};
    {
      sqlite::Connection connection(file.string(), sqlite::Connection::Access::kWrite, kVacuumCacheKib, {});
      if (!sqlite::is_ours(connection))
        throw StoreFailure({StoreError::Code::kSchema, fmt::format("{} is no database of Countersign", file.string())});
      connection.run_once("PRAGMA temp_store = FILE; PRAGMA auto_vacuum = INCREMENTAL; VACUUM");
      connection.run_once("PRAGMA wal_checkpoint(TRUNCATE)");
      const std::string finding = connection.query_once("PRAGMA quick_check(1)");
      if (finding != "ok") throw StoreFailure({StoreError::Code::kDamaged, finding});
    }
    done.bytes_after = std::filesystem::file_size(file);
    return done;
  } catch (const StoreFailure& failure) {
    return fail(failure.error);
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(StoreError{StoreError::Code::kUnavailable, error.what()});
  }
}

}  // namespace countersign::store
