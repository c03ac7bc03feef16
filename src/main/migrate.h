#pragma once

#include <iosfwd>
#include <string>

#include "base/random.h"
#include "base/time.h"

namespace countersign::app {

struct MigrateCommand {
  std::string from;  ///< `sqlite:FILE` or `postgresql://…`
  std::string to;    ///< Likewise; empty when giving up.
  bool give_up = false;
  bool dry_run = false;  ///< Only say what the schema of this version changes for whom.
};

/// Where a command runs.
struct MigrateSurroundings {
  Clock& clock;
  Random& random;
  std::ostream& out;
  std::ostream& err;
  bool terminal = false;  ///< `err` is one: a bar that is drawn over, and not lines.
};

/// Moves an installation to another database (store/upkeep/move.h), while no server uses either. Answers the exit
/// status: 0 moved; 1 refused, with nothing changed; 2 a command line that makes no sense; 3 a database failed on the
/// way, and the same command goes on; 4 the copy is not the original, and stays closed. Errors are one line on `err`.
[[nodiscard]] int run_migrate_command(const MigrateCommand& command, const MigrateSurroundings& surroundings);

}  // namespace countersign::app
