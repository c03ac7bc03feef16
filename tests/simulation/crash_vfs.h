#pragma once

#include <string>

#include "simulation/chance.h"

namespace countersign::simulation {

/// A disk that loses power: the system's SQLite VFS with a memory of every write since the last sync of its file. One
/// for the process. Real syncs are left out; the files are scratch.
class CrashVfs {
 public:
  static std::string name();

  static void fill(bool full);           ///< Writes fail for want of room, until told otherwise.
  static void break_syncs(bool broken);  ///< Syncs fail, until told otherwise.
  /// The power goes at the `operations`-th write or sync from now: from there on nothing reaches the disk.
  static void lose_power_after(int operations);
  [[nodiscard]] static bool has_power();

  /// What the disk holds when the power comes back, all files closed: everything that was synced, and of the writes
  /// since then none, the first ones, or any of them.
  static void restore_power(Chance& chance);
  /// Forgets all files: at the beginning of a run.
  static void forget();
};

}  // namespace countersign::simulation
