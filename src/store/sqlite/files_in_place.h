#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

namespace countersign::store {

/// Whether the database and its log still stand under the names that they were opened by. A file that was removed or
/// replaced goes on taking writes, which are lost with the process.
class FilesInPlace {
 public:
  /// `database`: its path; empty, or one that the file system does not know, for one that is no file. Such are in
  /// place.
  explicit FilesInPlace(std::string database) : database_(std::move(database)) {}

  /// Nothing, or the sentence that says which is not. The first call after a file was made takes note of it.
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

}  // namespace countersign::store
