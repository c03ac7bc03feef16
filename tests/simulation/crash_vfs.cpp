#include "simulation/crash_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <vector>

namespace countersign::simulation {

namespace {

struct Write {
  sqlite3_int64 offset;
  std::string before;
  std::string after;
  bool cut;  ///< The file was shortened to `offset`; `before` is what stood there.
};

std::mutex mutex;
// Guarded by mutex:
std::map<const sqlite3_file*, std::string> paths;
std::map<std::string, std::vector<Write>> unsynced;
bool disk_full = false;
bool syncs_broken = false;
int operations_left = -1;
bool power = true;

sqlite3_vfs* system_vfs = nullptr;

/// A copy of one of the system's tables of functions with some replaced, which leads to the original.
struct Table {
  sqlite3_io_methods methods;
  const sqlite3_io_methods* original;
};
std::array<Table, 4> tables{};

const sqlite3_io_methods* original_of(sqlite3_file* file) {
  return reinterpret_cast<const Table*>(file->pMethods)->original;
}

void spend_operation() {
  if (operations_left < 0 || !power) return;
  if (--operations_left <= 0) power = false;
}

std::string content(sqlite3_file* file, sqlite3_int64 offset, sqlite3_int64 size) {
  sqlite3_int64 length = 0;
  original_of(file)->xFileSize(file, &length);
  size = std::clamp<sqlite3_int64>(length - offset, 0, size);
  std::string bytes(static_cast<std::size_t>(size), '\0');
  if (size > 0) original_of(file)->xRead(file, bytes.data(), static_cast<int>(size), offset);
  return bytes;
}

int write_piece(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  if (!power) return SQLITE_IOERR_WRITE;
  if (disk_full) return SQLITE_FULL;
  spend_operation();
  if (!power) size /= 2;  // Torn in the middle.
  if (size > 0) {
    unsynced[paths[file]].push_back({offset, content(file, offset, size),
                                     std::string(static_cast<const char*>(data), static_cast<std::size_t>(size)),
                                     false});
    const int code = original_of(file)->xWrite(file, data, size, offset);
    if (code != SQLITE_OK) return code;
  }
  return power ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

/// In pieces, of which each can be the last: the store writes much at once, and a disk does not.
int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  constexpr int kPiece = 4096;
  const std::lock_guard lock(mutex);
  for (int at = 0; at < size; at += kPiece) {
    const int code = write_piece(file, static_cast<const char*>(data) + at, std::min(kPiece, size - at), offset + at);
    if (code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  const std::lock_guard lock(mutex);
  if (!power) return SQLITE_IOERR_TRUNCATE;
  sqlite3_int64 length = 0;
  original_of(file)->xFileSize(file, &length);
  unsynced[paths[file]].push_back({size, content(file, size, length - size), {}, true});
  return original_of(file)->xTruncate(file, size);
}

int sync(sqlite3_file* file, int) {
  const std::lock_guard lock(mutex);
  if (!power || syncs_broken) return SQLITE_IOERR_FSYNC;
  spend_operation();
  if (!power) return SQLITE_IOERR_FSYNC;
  unsynced[paths[file]].clear();
  return SQLITE_OK;
}

int close(sqlite3_file* file) {
  const std::lock_guard lock(mutex);
  paths.erase(file);
  return original_of(file)->xClose(file);
}

int open(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  const int code = system_vfs->xOpen(system_vfs, path, file, flags, out_flags);
  if (code != SQLITE_OK || file->pMethods == nullptr || path == nullptr) return code;
  const std::lock_guard lock(mutex);
  const auto known = std::ranges::find_if(
      tables, [&](const Table& table) { return table.original == nullptr || table.original == file->pMethods; });
  CS_CHECK(known != tables.end());
  if (known->original == nullptr) {
    *known = {*file->pMethods, file->pMethods};
    known->methods.xWrite = write;
    known->methods.xTruncate = truncate;
    known->methods.xSync = sync;
    known->methods.xClose = close;
  }
  file->pMethods = &known->methods;
  paths[file] = path;
  return code;
}

int remove(sqlite3_vfs*, const char* path, int sync_folder) {
  const std::lock_guard lock(mutex);
  if (!power) return SQLITE_IOERR_DELETE;
  unsynced.erase(path);
  return system_vfs->xDelete(system_vfs, path, sync_folder);
}

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void overlay(std::string& bytes, sqlite3_int64 offset, const std::string& piece) {
  const auto at = static_cast<std::size_t>(offset);
  if (bytes.size() < at + piece.size()) bytes.resize(at + piece.size());
  bytes.replace(at, piece.size(), piece);
}

/// The file as of its last sync.
void undo(std::string& bytes, const std::vector<Write>& writes) {
  for (auto write_ = writes.rbegin(); write_ != writes.rend(); ++write_) {
    if (!write_->cut && write_->before.size() < write_->after.size()) {  // It had made the file longer.
      bytes.resize(static_cast<std::size_t>(write_->offset) + write_->before.size());
    }
    overlay(bytes, write_->offset, write_->before);
  }
}

void redo(std::string& bytes, const Write& write_) {
  if (write_.cut)
    bytes.resize(std::min(bytes.size(), static_cast<std::size_t>(write_.offset)));
  else
    overlay(bytes, write_.offset, write_.after);
}

}  // namespace

std::string CrashVfs::name() {
  static sqlite3_vfs vfs = [] {
    system_vfs = sqlite3_vfs_find(nullptr);
    sqlite3_vfs copy = *system_vfs;
    copy.zName = "crash";
    copy.xOpen = open;
    copy.xDelete = remove;
    return copy;
  }();
  if (sqlite3_vfs_find("crash") == nullptr) sqlite3_vfs_register(&vfs, 0);
  return "crash";
}

void CrashVfs::fill(bool now_full) {
  const std::lock_guard lock(mutex);
  disk_full = now_full;
}

void CrashVfs::break_syncs(bool broken) {
  const std::lock_guard lock(mutex);
  syncs_broken = broken;
}

void CrashVfs::lose_power_after(int operations) {
  const std::lock_guard lock(mutex);
  operations_left = operations;
  if (operations <= 0) power = false;
}

bool CrashVfs::has_power() {
  const std::lock_guard lock(mutex);
  return power;
}

void CrashVfs::restore_power(Chance& chance) {
  const std::lock_guard lock(mutex);
  CS_CHECK(paths.empty());
  const std::size_t manner = chance.below(4);  // None, all, the first ones, any.
  for (auto& [path, writes] : unsynced) {
    if (writes.empty() || !std::filesystem::exists(path)) continue;
    std::string bytes = slurp(path);
    undo(bytes, writes);
    const std::size_t first = chance.below(writes.size() + 1);
    for (std::size_t i = 0; i < writes.size(); ++i) {
      const bool kept = manner == 1 || (manner == 2 && i < first) || (manner == 3 && chance.percent(50));
      if (kept) redo(bytes, writes[i]);
    }
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  unsynced.clear();
  disk_full = false;
  syncs_broken = false;
  operations_left = -1;
  power = true;
}

void CrashVfs::forget() {
  const std::lock_guard lock(mutex);
  CS_CHECK(paths.empty());
  unsynced.clear();
  disk_full = syncs_broken = false;
  operations_left = -1;
  power = true;
}

}  // namespace countersign::simulation
