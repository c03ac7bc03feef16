#pragma once

#include <iosfwd>
#include <string>

#include "base/random.h"
#include "base/time.h"

namespace countersign::main {

struct MigrateCommand {
  std::string from;  ///< `sqlite:FILE` or `postgresql://…`
  std::string to;    ///< Likewise; empty with `give_up`.
  bool give_up = false;
  bool dry_run = false;  ///< Only say what this version's schema changes, and for whom.
};

/// What the command uses besides its arguments.
struct MigrateSurroundings {
  Clock& clock;
  Random& random;
  std::ostream& out;
  std::ostream& err;
  bool terminal = false;  ///< `err` is a terminal: draw a progress bar instead of lines.
};

/// Moves an installation to another database (store/upkeep/move.h), while no server uses either. Returns the exit
/// status: 0 moved; 1 refused, with nothing changed; 2 invalid command line; 3 a database failed on the way, and the
/// same command resumes; 4 the copy differs from the original, and stays closed. Errors are one line on `err`.
[[nodiscard]] int run_migrate_command(const MigrateCommand& command, const MigrateSurroundings& surroundings);

}  // namespace countersign::main
