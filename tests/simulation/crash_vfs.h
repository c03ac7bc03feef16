#pragma once

#include <string>

#include "simulation/chance.h"

namespace countersign::simulation {

/// A disk that can lose power: the system's SQLite VFS, which remembers every write since the last sync of its file.
/// One per process. Real syncs are skipped; the files are scratch.
class CrashVfs {
 public:
  static std::string name();

  static void fill(bool full);           ///< Writes fail as on a full disk, until reset.
  static void break_syncs(bool broken);  ///< Syncs fail, until reset.
  /// Loses power at the `operations`-th write or sync from now: later ones do not reach the disk.
  static void lose_power_after(int operations);
  [[nodiscard]] static bool has_power();

  /// The disk's content when power returns, with all files closed: everything synced, and of later writes none, the
  /// first ones, or any subset.
  static void restore_power(Chance& chance);
  /// Forgets all files: call it at the beginning of a run.
  static void forget();
};

}  // namespace countersign::simulation
