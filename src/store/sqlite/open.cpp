#include "store/sqlite/open.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "store/sqlite/gathered_log.h"

namespace countersign::store::sqlite {

namespace {

/// "CSgn", in the file's header, so that another application's database is not taken for ours.
constexpr int kApplicationId = 0x4353676e;

void claim(Connection& connection, const SqliteOptions& options) {
  if (is_ours(connection)) return;
  if (connection.query_once("PRAGMA application_id") != "0" ||
      connection.query_once("SELECT count(*) FROM sqlite_schema") != "0") {
    throw StoreFailure(
        {StoreError::Code::kSchema, fmt::format("{} is the database of another application", options.file.string())});
  }
  // Before anything is written, after which only VACUUM could change it.
  connection.run_once("PRAGMA auto_vacuum = INCREMENTAL");
  connection.run_once(fmt::format("PRAGMA application_id = {}", kApplicationId));
}

}  // namespace

bool is_ours(Connection& connection) {
  return connection.query_once("PRAGMA application_id") == std::to_string(kApplicationId);
}

void make_private_file(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    throw StoreFailure({StoreError::Code::kUnavailable,
                        fmt::format("cannot open the database {}: {}", file.string(), std::strerror(errno))});
  }
  ::close(descriptor);
}

Connection open_for_writing(const SqliteOptions& options) {
  make_private_file(options.file);
  try {
    Connection connection(options.file.string(), Connection::Access::kWrite, options.cache_kib,
                          gathering_log(options.vfs));
    claim(connection, options);
    const std::string mode = connection.query_once("PRAGMA journal_mode = WAL");
    if (mode != "wal") {
      throw StoreFailure({StoreError::Code::kUnavailable,
                          fmt::format("the file system of {} does not support a write-ahead log (journal mode {})",
                                      options.file.string(), mode)});
    }
    return connection;
  } catch (const StoreFailure& failure) {
    if (failure.error.code != StoreError::Code::kDamaged) throw;
    throw StoreFailure({StoreError::Code::kDamaged,
                        fmt::format("{} is damaged or no database ({})", options.file.string(), failure.error.detail)});
  }
}

}  // namespace countersign::store::sqlite
