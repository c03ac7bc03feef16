#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "store/param.h"

namespace countersign::store {

inline constexpr int kPgBinary = 1;  ///< libpq's format code, of parameters and results.

/// A statement as PostgreSQL spells it: tokens replaced, `?1` turned into `$1`.
[[nodiscard]] std::string postgres_text(std::string_view sql);

/// The parameters of one statement in libpq's arrays, in binary form. Borrows texts and bytes; meant to be kept and
/// filled again for the next statement.
class PgParameters {
 public:
  /// Throws StoreFailure for a text that cannot be stored.
  void fill(std::initializer_list<Param> params);

  [[nodiscard]] int count() const { return static_cast<int>(values_.size()); }
  /// Types by object id, 0 where the value is NULL and the server has to tell from where it is used.
  [[nodiscard]] const unsigned int* types() const { return types_.data(); }
  [[nodiscard]] const char* const* values() const { return values_.data(); }
  [[nodiscard]] const int* lengths() const { return lengths_.data(); }
  [[nodiscard]] const int* formats() const { return formats_.data(); }

 private:
  void add(unsigned int type, const char* data, std::size_t size);

  std::vector<unsigned int> types_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::deque<std::array<char, 8>> integers_;  // Big-endian; a deque, so that they stay where they are.
};

}  // namespace countersign::store
