#pragma once

#include <iosfwd>
#include <string>

#include "main/config/config.h"

namespace countersign::main {

struct BackupCommand {
  std::string to;  ///< The file to write; it must not exist.
};

/// Copies the configured SQLite database while a server may use it, and verifies the copy. Returns the exit status: 0
/// with a complete file on disk, 1 with one line on `err` and no file.
[[nodiscard]] int run_backup_command(const Config& config, const BackupCommand& command, std::ostream& out,
                                     std::ostream& err);

}  // namespace countersign::main
