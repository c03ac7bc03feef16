#pragma once

#include <iosfwd>
#include <string>

#include "main/config.h"

namespace countersign::app {

struct BackupCommand {
  std::string to;  ///< The file to write; it must not exist.
};

/// Copies the SQLite database of the configuration while a server goes on using it, and reads the copy through. Answers
/// the exit status: 0 with a file that is whole and on the disk, 1 with one line on `err` and no file.
[[nodiscard]] int run_backup_command(const Config& config, const BackupCommand& command, std::ostream& out,
                                     std::ostream& err);

}  // namespace countersign::app
