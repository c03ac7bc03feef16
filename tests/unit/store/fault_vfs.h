#pragma once

#include <string>

namespace countersign::store {

/// A disk that fails when told to: the system's SQLite VFS, registered a second time under name(), with its writes and
/// syncs passing through here. One for the process; each test sets it back with heal().
class FaultVfs {
 public:
  static std::string name();

  static void fill_disk();                   ///< Every write fails for want of room.
  static void fail_syncs();                  ///< Every sync fails.
  static void fail_writes_after(int count);  ///< The next `count` writes succeed, further ones fail with an I/O error.
  static void heal();

  /// Writes to the write-ahead log since its last sync: what a loss of power could take away.
  [[nodiscard]] static int unsynced_writes_to_log();
  /// All writes to it so far, which shows that they pass through here at all.
  [[nodiscard]] static int writes_to_log();
};

}  // namespace countersign::store
