#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <vector>

#include "store/param.h"

namespace countersign::store::postgres {

inline constexpr int kBinary = 1;  ///< libpq's format code, for parameters and results.

/// The parameters of one statement in libpq's arrays, in binary form. Borrows texts and bytes; reused for later
/// statements.
class Parameters {
 public:
  /// Throws StoreFailure for a text that cannot be stored.
  void fill(std::initializer_list<Param> params);

  [[nodiscard]] int count() const { return static_cast<int>(values_.size()); }
  /// Types by object id, 0 if the value is NULL and the server must infer it.
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
  std::deque<std::array<char, 8>> integers_;  // Big-endian; a deque, so that addresses stay valid.
};

}  // namespace countersign::store::postgres
