#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

namespace countersign::store::sqlite {

/// Checks that the database and its log still have the names under which they were opened. A removed or replaced file
/// continues to accept writes, which are lost with the process.
class FilesInPlace {
 public:
  /// `database`: its path; an empty path, or one unknown to the file system, means a database without a file, which
  /// always passes.
  explicit FilesInPlace(std::string database) : database_(std::move(database)) {}

  /// nullopt, or a sentence about the missing file. The first call after a file was created records it.
  [[nodiscard]] std::optional<std::string> missing();

 private:
  struct Place {
    dev_t device;
    ino_t number;
    friend bool operator==(const Place&, const Place&) = default;
  };
  [[nodiscard]] static std::optional<Place> place_of(const std::string& path);

  std::string database_;
  std::optional<Place> known_database_;
  std::optional<Place> known_log_;
};

}  // namespace countersign::store::sqlite
