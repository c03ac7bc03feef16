#pragma once

#include <filesystem>
#include <utility>

namespace countersign::store {

/// Keeps a database file to one process, by a lock on a file beside it. Given back when the object goes, or the process
/// in whatever way it ends. The file itself stays.
class FileLock {
 public:
  /// Takes the lock of `database`, or throws StoreFailure (kUnavailable) with a sentence that names the holder.
  explicit FileLock(const std::filesystem::path& database);
  ~FileLock();
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;

 private:
  int descriptor_;
};

}  // namespace countersign::store
