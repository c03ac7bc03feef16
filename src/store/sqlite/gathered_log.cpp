#include "store/sqlite/gathered_log.h"

#include <sqlite3.h>

#include <cstddef>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <new>

#include "base/check.h"
#include "store/sqlite/connection.h"

namespace countersign::store::sqlite {

namespace {

/// What is gathered at most: 31 pages with their heads. A commit of more is several pieces. SQLite's own files cannot
/// write 128 KB at once.
constexpr std::size_t kGatheredMax = 127 * 1024;

struct GatheringVfs {
  sqlite3_vfs vfs;  ///< First: SQLite's pointer to it leads to the rest.
  sqlite3_vfs* below;
  std::string name;
};

/// A write-ahead log. Behind it, in the same memory, which SQLite aligns for pointers, is the file of the VFS below.
struct Log {
  sqlite3_file file;  ///< First, as above.
  char* gathered;     ///< kGatheredMax bytes.
  std::size_t size;
  sqlite3_int64 offset;  ///< Where in the file the gathered bytes begin.
};

Log* log_of(sqlite3_file* file) { return reinterpret_cast<Log*>(file); }
sqlite3_file* below(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(log_of(file) + 1); }

/// What could not be written is gone: SQLite takes back the transaction, and writes the next one over its place.
int write_gathered(sqlite3_file* file) {
  Log& log = *log_of(file);
  if (log.size == 0) return SQLITE_OK;
  const int size = static_cast<int>(log.size);
  log.size = 0;
  return below(file)->pMethods->xWrite(below(file), log.gathered, size, log.offset);
}

/// Calls the function of the file below, once what is gathered is there.
template <class Function, class... Args>
int after_writing(sqlite3_file* file, Function function, Args... args) {
  const int code = write_gathered(file);
  return code == SQLITE_OK ? (below(file)->pMethods->*function)(below(file), args...) : code;
}

int close(sqlite3_file* file) {
  const int written = write_gathered(file);
  const int closed = below(file)->pMethods->xClose(below(file));
  delete[] log_of(file)->gathered;
  return written == SQLITE_OK ? closed : written;
}

int read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  return after_writing(file, &sqlite3_io_methods::xRead, data, size, offset);
}

int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  Log& log = *log_of(file);
  const auto bytes = static_cast<std::size_t>(size);
  const bool goes_on = offset == log.offset + static_cast<sqlite3_int64>(log.size);
  if (log.size > 0 && (!goes_on || log.size + bytes > kGatheredMax)) {
    if (const int code = write_gathered(file); code != SQLITE_OK) return code;
  }
  if (bytes > kGatheredMax) return below(file)->pMethods->xWrite(below(file), data, size, offset);
  if (log.size == 0) log.offset = offset;
  std::memcpy(log.gathered + log.size, data, bytes);
  log.size += bytes;
  return SQLITE_OK;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  return after_writing(file, &sqlite3_io_methods::xTruncate, size);
}
int sync(sqlite3_file* file, int flags) { return after_writing(file, &sqlite3_io_methods::xSync, flags); }
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return after_writing(file, &sqlite3_io_methods::xFileSize, size);
}
int lock(sqlite3_file* file, int level) { return below(file)->pMethods->xLock(below(file), level); }
int unlock(sqlite3_file* file, int level) { return below(file)->pMethods->xUnlock(below(file), level); }
int check_lock(sqlite3_file* file, int* out) { return below(file)->pMethods->xCheckReservedLock(below(file), out); }
int file_control(sqlite3_file* file, int what, void* argument) {
  return below(file)->pMethods->xFileControl(below(file), what, argument);
}
int sector_size(sqlite3_file* file) { return below(file)->pMethods->xSectorSize(below(file)); }
int characteristics(sqlite3_file* file) { return below(file)->pMethods->xDeviceCharacteristics(below(file)); }

constexpr sqlite3_io_methods kLogMethods{
    1,       close,      read,         write,       truncate,        sync,    file_size, lock,
    unlock,  check_lock, file_control, sector_size, characteristics, nullptr, nullptr,   nullptr,
    nullptr, nullptr,    nullptr};

int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* const under = reinterpret_cast<GatheringVfs*>(vfs)->below;
  // All other files are those of the VFS below.
  if ((flags & SQLITE_OPEN_WAL) == 0) return under->xOpen(under, path, file, flags, out_flags);
  Log& log = *log_of(file);
  log = {};
  log.gathered = new (std::nothrow) char[kGatheredMax];
  if (log.gathered == nullptr) return SQLITE_NOMEM;
  const int code = under->xOpen(under, path, below(file), flags, out_flags);
  if (code == SQLITE_OK) {
    log.file.pMethods = &kLogMethods;
  } else {
    // SQLite closes a file that did not open if it has functions.
    if (below(file)->pMethods != nullptr) below(file)->pMethods->xClose(below(file));
    delete[] log.gathered;
  }
  return code;
}

}  // namespace

std::string gathering_log(const std::string& vfs) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<GatheringVfs>> registered;  // Guarded by mutex.
  const std::lock_guard lock(mutex);
  auto& known = registered[vfs];
  if (known) return known->name;
  configure_sqlite();
  sqlite3_vfs* const under = sqlite3_vfs_find(vfs.empty() ? nullptr : vfs.c_str());
  CS_CHECK(under != nullptr);
  known = std::make_unique<GatheringVfs>(GatheringVfs{*under, under, std::string("gathering-") + under->zName});
  known->vfs.zName = known->name.c_str();
  known->vfs.szOsFile = static_cast<int>(sizeof(Log)) + under->szOsFile;
  known->vfs.xOpen = open;
  known->vfs.pNext = nullptr;
  CS_CHECK(sqlite3_vfs_register(&known->vfs, 0) == SQLITE_OK);
  return known->name;
}

}  // namespace countersign::store::sqlite
