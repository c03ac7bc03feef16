#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <system_error>

#include "store/sqlite/connection.h"
#include "store/sqlite/open.h"
#include "store/sqlite/sqlite_store.h"

namespace countersign::store {

namespace {

constexpr int kCacheKib = 2048;

[[noreturn]] void cannot_write(const std::filesystem::path& path, int error) {
  throw StoreFailure({error == ENOSPC ? StoreError::Code::kFull : StoreError::Code::kUnavailable,
                      fmt::format("cannot write the backup {}: {}", path.string(), std::strerror(error))});
}

/// Refuses what would fail only after everything has been copied, or would be made by being opened.
void look_first(const std::filesystem::path& file, const std::filesystem::path& target) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    throw StoreFailure({StoreError::Code::kUnavailable, fmt::format("there is no database {}", file.string())});
  }
  const auto folder = std::filesystem::absolute(target).parent_path();
  if (!std::filesystem::is_directory(folder, ignored)) {
    throw StoreFailure(
        {StoreError::Code::kUnavailable, fmt::format("the folder {} does not exist; make it first", folder.string())});
  }
  if (std::filesystem::exists(target, ignored)) cannot_write(target, EEXIST);
}

/// A file's content, or a folder's list of names, to the disk.
void sync(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) cannot_write(path, errno);
  const int result = ::fsync(descriptor);
  const int error = errno;
  ::close(descriptor);
  if (result != 0) cannot_write(path, error);
}

void write_copy(const std::filesystem::path& file, const std::filesystem::path& part) {
  sqlite::make_private_file(part);
  sqlite::Connection connection(file.string(), sqlite::Connection::Access::kRead, kCacheKib, {});
  if (!sqlite::is_ours(connection)) {
    throw StoreFailure({StoreError::Code::kSchema, fmt::format("{} is no database of Countersign", file.string())});
  }
  // The copy of a database that cannot shrink is one that can. Said of one that can, it would be a write.
  if (connection.query_once("PRAGMA auto_vacuum") == "0") connection.run_once("PRAGMA auto_vacuum = INCREMENTAL");
  const std::unique_ptr<char, void (*)(void*)> statement(sqlite3_mprintf("VACUUM INTO %Q", part.c_str()), sqlite3_free);
  connection.run_once(statement.get());
}

/// Reads the copy through: a backup that cannot be read is noticed now, and not when it is needed.
void check_copy(const std::filesystem::path& part) {
  sqlite::Connection connection(part.string(), sqlite::Connection::Access::kRead, kCacheKib, {});
  const std::string finding = connection.query_once("PRAGMA quick_check(1)");
  if (finding == "ok") return;
  throw StoreFailure({StoreError::Code::kCorrupt, fmt::format("the copy is damaged: {}", finding)});
}

}  // namespace

Result<Done, StoreError> backup_sqlite(const std::filesystem::path& file, const std::filesystem::path& target) {
  // A link, unlike a rename, does not replace a file that somebody has put there meanwhile.
  const std::filesystem::path part = target.string() + ".part";
  std::error_code ignored;
  std::filesystem::remove(part, ignored);
  try {
    look_first(file, target);
    write_copy(file, part);
    check_copy(part);
    sync(part);
    if (::link(part.c_str(), target.c_str()) != 0) cannot_write(target, errno);
    std::filesystem::remove(part, ignored);
    sync(std::filesystem::absolute(target).parent_path());
    return Done{};
  } catch (const StoreFailure& failure) {
    std::filesystem::remove(part, ignored);
    return fail(failure.error);
  }
}

}  // namespace countersign::store
