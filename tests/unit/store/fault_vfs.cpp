#include "fault_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <mutex>

#include "base/check.h"
#include "store/sqlite/connection.h"

namespace countersign::store {

namespace {

constexpr int kNever = std::numeric_limits<int>::max();

std::atomic<bool> disk_full{false};
std::atomic<bool> syncs_fail{false};
std::atomic<int> writes_left{kNever};
std::atomic<int> unsynced{0};
std::atomic<int> log_writes{0};

sqlite3_vfs* system_vfs = nullptr;

/// A copy of one of the system's tables of functions with some replaced. It comes first, so that a file's pointer to
/// its table leads to the rest as well.
struct Table {
  sqlite3_io_methods methods;
  const sqlite3_io_methods* original;
  bool of_log;
};
std::mutex tables_mutex;
std::array<Table, 3> tables{};  // Of databases, which the system locks; of other files; of write-ahead logs.

const Table& table_of(sqlite3_file* file) { return *reinterpret_cast<const Table*>(file->pMethods); }

int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  if (disk_full) return SQLITE_FULL;
  if (writes_left != kNever && --writes_left < 0) return SQLITE_IOERR_WRITE;
  if (table_of(file).of_log) {
    ++unsynced;
    ++log_writes;
  }
  return table_of(file).original->xWrite(file, data, size, offset);
}

int sync(sqlite3_file* file, int flags) {
  if (syncs_fail) return SQLITE_IOERR_FSYNC;
  if (table_of(file).of_log) unsynced = 0;
  return table_of(file).original->xSync(file, flags);
}

int open(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  const int code = system_vfs->xOpen(system_vfs, path, file, flags, out_flags);
  if (code != SQLITE_OK || file->pMethods == nullptr) return code;
  // The file stays the system's own object; only its table of functions is replaced.
  const std::lock_guard lock(tables_mutex);
  const bool of_log = (flags & SQLITE_OPEN_WAL) != 0;
  const auto known = std::ranges::find_if(tables, [&](const Table& table) {
    return table.original == nullptr || (table.original == file->pMethods && table.of_log == of_log);
  });
  CS_CHECK(known != tables.end());
  if (known->original == nullptr) {
    *known = {*file->pMethods, file->pMethods, of_log};
    known->methods.xWrite = write;
    known->methods.xSync = sync;
  }
  file->pMethods = &known->methods;
  return code;
}

}  // namespace

std::string FaultVfs::name() {
  static sqlite3_vfs vfs = [] {
    sqlite::configure_sqlite();
    system_vfs = sqlite3_vfs_find(nullptr);
    sqlite3_vfs copy = *system_vfs;
    copy.zName = "fault";
    copy.xOpen = open;
    return copy;
  }();
  if (sqlite3_vfs_find("fault") == nullptr) sqlite3_vfs_register(&vfs, 0);
  return "fault";
}

void FaultVfs::fill_disk() { disk_full = true; }
void FaultVfs::fail_syncs() { syncs_fail = true; }
void FaultVfs::fail_writes_after(int count) { writes_left = count; }

void FaultVfs::heal() {
  disk_full = false;
  syncs_fail = false;
  writes_left = kNever;
}

int FaultVfs::unsynced_writes_to_log() { return unsynced; }
int FaultVfs::writes_to_log() { return log_writes; }

}  // namespace countersign::store
