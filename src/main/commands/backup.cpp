#include "main/commands/backup.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <ostream>
#include <vector>

#include "main/open_store.h"
#include "store/sqlite/sqlite_store.h"

namespace countersign::main {

namespace {

constexpr double kMegabyte = 1e6;

/// What must be stored besides the backup, in another place.
std::string keys_of(const Config& config) {
  std::vector<std::uint32_t> ids;
  for (const auto& key : config.secrets.seal_keys) ids.push_back(key.id);
  return fmt::format("the look-up key and the sealing key{} {}", ids.size() == 1 ? "" : "s", fmt::join(ids, ", "));
}

}  // namespace

int run_backup_command(const Config& config, const BackupCommand& command, std::ostream& out, std::ostream& err) {
  if (!config.store.postgres_url.expose().empty()) {
    err << "countersign: the store is " << describe_store(config).value_or("PostgreSQL")
        << "; it is backed up with PostgreSQL's own tools (docs/operations.md)\n";
    return 1;
  }
  if (const auto missing = missing_file(config)) {
    err << "countersign: " << *missing << '\n';
    return 1;
  }
  const auto done = store::backup_sqlite(config.store.sqlite_path, command.to);
  if (!done) {
    err << "countersign: " << done.error().detail << '\n';
    return 1;
  }
  std::error_code ignored;
  const auto size = static_cast<double>(std::filesystem::file_size(command.to, ignored));
  out << fmt::format("Wrote {} ({:.1f} MB). It opens with {} of this secrets file alone: keep them, elsewhere.\n",
                     command.to, size / kMegabyte, keys_of(config));
  return 0;
}

}  // namespace countersign::main
