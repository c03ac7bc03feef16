#include "store/sqlite/files_in_place.h"

#include <fmt/format.h>

namespace countersign::store::sqlite {

std::optional<FilesInPlace::Place> FilesInPlace::place_of(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return Place{info.st_dev, info.st_ino};
}

std::optional<std::string> FilesInPlace::missing() {
  if (database_.empty()) return std::nullopt;
  const auto check = [](const std::string& path, std::optional<Place>& known) -> std::optional<std::string> {
    const auto place = place_of(path);
    if (!known) known = place;
    if (place == known) return std::nullopt;
    return fmt::format("{} was {} while it was in use; put it back, or restart on a restored one", path,
                       place ? "replaced" : "removed");
  };
  if (auto problem = check(database_, known_database_)) return problem;
  return check(database_ + "-wal", known_log_);
}

}  // namespace countersign::store::sqlite
