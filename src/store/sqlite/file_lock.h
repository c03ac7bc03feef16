#pragma once

#include <filesystem>
#include <utility>

namespace countersign::store::sqlite {

/// Restricts a database file to one process, by a lock on a file beside it. Released by the destructor, or when the
/// process ends in any way. The lock file itself stays.
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

}  // namespace countersign::store::sqlite
