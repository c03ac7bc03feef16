#pragma once

#include <string>
#include <string_view>

#include "store/repository/packed_number.h"

namespace countersign::store {

/// A text in the bytes of a column: its size as a packed number, and its bytes.
void append_packed_text(std::string& out, std::string_view text);

/// Reads what was packed, in order. Throws StoreFailure (kUnreadable, `what`) where something else stands. Views last
/// as long as `bytes` and `what`.
class PackedReader {
 public:
  PackedReader(std::string_view bytes, std::string_view what) : rest_(bytes), what_(what) {}
  std::string_view bytes(std::uint64_t size);
  std::uint64_t number();
  std::string text();
  /// Whether nothing is left.
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  /// Refuses what is left over.
  void finish() const;
  [[noreturn]] void refuse() const;

 private:
  std::string_view rest_;
  std::string_view what_;
};

}  // namespace countersign::store
