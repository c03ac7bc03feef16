#pragma once

#include <memory>
#include <string>

namespace countersign::testing {

/// A database of the shared PostgreSQL with the product's schema and no rows, for one test at a time. Making one takes
/// longer than most tests, so the next test gets it again, emptied; unless its schema was changed, which drops it.
///
/// Whoever holds it closes all connections to it before letting go. Throws std::runtime_error where PostgreSQL fails.
class KeptDatabase {
 public:
  KeptDatabase();
  ~KeptDatabase();
  KeptDatabase(const KeptDatabase&) = delete;
  KeptDatabase& operator=(const KeptDatabase&) = delete;

  [[nodiscard]] const std::string& url() const;

 private:
  struct Kept;
  struct Shelf;
  static Shelf& shelf();
  static std::unique_ptr<Kept> make();

  std::unique_ptr<Kept> kept_;
};

}  // namespace countersign::testing
